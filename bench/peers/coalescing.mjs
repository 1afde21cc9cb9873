/**
 * About the best that Node can do with partyline's protocol: output is collected as one string for each recipient and
 * written once per turn of the event loop; a read of ASCII is decoded as Latin-1 and cut with indexOf; consecutive lines
 * from one sender to the same recipients are one append. Controls are cleaned by the same regex as plain.mjs. It has no
 * telnet, no back-pressure, no timeouts and no status log.
 *
 *     node bench/peers/coalescing.mjs <port> [host] [max users]
 */
import { isAscii } from "node:buffer"
import { createServer } from "node:net"
import { StringDecoder } from "node:string_decoder"
import { clean, execute, forget, LONGEST_LINE, users } from "./protocol.mjs"

/** Clients that have something to be written at the end of this turn. */
let dirty = []
const flush = () => {
  const all = dirty
  dirty = []
  for (const client of all) client.flush()
}

/** Whether all of the text that is being handled is ASCII. */
let readIsAscii = true

/** The lines under way: the same sender, to `to` (or, if that is undefined, to everybody else). */
let merged = ""
let to
const settle = (sender) => {
  if (merged === "") return
  const text = merged
  merged = ""
  if (to !== undefined) return to.append(text)
  for (const user of users.values()) if (user !== sender) user.append(text)
}

const serve = (socket) => {
  const decoder = new StringDecoder("utf8")
  let unfinished = ""
  let unfinishedIsAscii = true
  let out = ""
  let outIsAscii = true
  let recipientName
  let recipient
  const client = {
    name: undefined,
    fd: socket._handle?.fd ?? -1,
    isOpen: true,
    append: (text) => {
      outIsAscii &&= readIsAscii
      if (out === "") {
        if (dirty.length === 0) setImmediate(flush)
        dirty.push(client)
      }
      out += text
    },
    say: (text) => client.append(`${text}\r\n`),
    flush: () => {
      if (out !== "") socket.write(out, outIsAscii ? "latin1" : "utf8")
      out = ""
      outIsAscii = true
    },
    leave: () => {
      client.isOpen = false
      forget(client)
      client.flush()
      socket.end()
    }
  }
  /** True if the line is a message, and has been added to those under way. */
  const merge = (line) => {
    if (client.name === undefined || line.length > LONGEST_LINE) return false
    let next
    let textAt = 5
    if (line.startsWith("MESG ")) {
      const space = line.indexOf(" ", 5)
      if (space < 0) return false
      const name = line.slice(5, space)
      if (name !== recipientName || !recipient.isOpen) {
        recipient = users.get(name.toLowerCase())
        recipientName = recipient === undefined ? undefined : name
        if (recipient === undefined) return false
      }
      next = recipient
      textAt = space + 1
    } else if (!line.startsWith("BCST ")) return false
    const text = clean(line.slice(textAt))
    if (text === "") return false
    if (next !== to) settle(client)
    to = next
    merged += `FROM ${client.name}: ${text}\r\n`
    return true
  }
  socket.on("data", (chunk) => {
    const isPlain = isAscii(chunk)
    const text = unfinished + (isPlain ? decoder.end() + chunk.latin1Slice() : decoder.write(chunk))
    readIsAscii = isPlain && unfinishedIsAscii
    let start = 0
    for (let end = text.indexOf("\n"); end >= 0 && client.isOpen; end = text.indexOf("\n", start)) {
      const line = text.slice(start, text.charCodeAt(end - 1) === 13 ? end - 1 : end)
      start = end + 1
      if (merge(line)) continue
      settle(client)
      if (line !== "") execute(client, line)
    }
    settle(client)
    unfinishedIsAscii = readIsAscii || start === text.length
    unfinished = start === text.length ? "" : text.slice(start, start + LONGEST_LINE + 2)
  })
  socket.on("end", client.leave)
  socket.on("error", () => {})
  socket.on("close", client.leave)
}

createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }, serve).listen({
  port: Number(process.argv[2]),
  host: process.argv[3] ?? "127.0.0.1",
  backlog: 4096
})
