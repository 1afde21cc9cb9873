/**
 * The coalescing peer: about the best that Node can do with the protocol. Output is one string for each recipient, written
 * once per turn of the event loop. A read of ASCII is decoded as Latin-1 and cut with indexOf. Consecutive lines from one
 * sender to the same recipients are one append.
 */
import { isAscii } from "node:buffer"
import { StringDecoder } from "node:string_decoder"
import { clean, execute, LONGEST_LINE, serve, users } from "./protocol.mjs"

/** Clients with output for the end of this turn. */
let dirty = []
const flush = () => {
  const all = dirty
  dirty = []
  for (const client of all) client.flush()
}

/** Whether all of the current text is ASCII. */
let readIsAscii = true

/** Merged lines of one sender, to `to` or, if it is undefined, to everybody else. */
let merged = ""
let to
const settle = (sender) => {
  if (merged === "") return
  const text = merged
  merged = ""
  if (to !== undefined) return to.append(text)
  for (const user of users.values()) if (user !== sender) user.append(text)
}

serve((client, socket) => {
  const decoder = new StringDecoder("utf8")
  let unfinished = ""
  let unfinishedIsAscii = true
  let out = ""
  let outIsAscii = true
  let recipientName
  let recipient
  client.append = (text) => {
    outIsAscii &&= readIsAscii
    if (out === "") {
      if (dirty.length === 0) setImmediate(flush)
      dirty.push(client)
    }
    out += text
  }
  client.say = (text) => client.append(`${text}\r\n`)
  client.flush = () => {
    if (out !== "") socket.write(out, outIsAscii ? "latin1" : "utf8")
    out = ""
    outIsAscii = true
  }
  /** Merges the line if it is a message; false if it is not. */
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
  return (chunk) => {
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
  }
})
