/**
 * partyline's protocol for the bench's own peers, without telnet, back-pressure, timeouts and status log. Each peer cuts
 * lines and sends replies in its own way. Not run by itself: see plain.mjs, coalescing.mjs and websocket.mjs, with the arguments
 *
 *     <port> [host] [max users]
 */
import { createServer } from "node:net"

const CAP = Number(process.argv[4] ?? 10)
export const LONGEST_LINE = 4096
const RULE = "-".repeat(28)

/** Registered clients by their name in lower case, in the order of registration. */
export const users = new Map()

export const clean = (text) => text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, "")
const shown = (name) => [...clean(name)].slice(0, 32).join("")
const valid = /^[A-Za-z0-9]{1,32}$/

const join = (client, name) => {
  if (client.name !== undefined)
    return client.say(`User Already Registered: Username (${client.name}), FD (${client.fd})`)
  if (users.size >= CAP) {
    client.say("Too Many Users. Disconnecting User.")
    return client.leave()
  }
  if (users.has(name.toLowerCase())) return client.say(`Username Already Taken (${shown(name)}). JOIN Discarded.`)
  if (!valid.test(name)) return client.say(`Invalid Username (${shown(name)}). JOIN Discarded.`)
  client.name = name
  users.set(name.toLowerCase(), client)
  client.say(`JOIN ${name} Request Accepted`)
}

const mesg = (client, rest) => {
  const space = rest.indexOf(" ")
  const name = space < 0 ? rest : rest.slice(0, space)
  const text = space < 0 ? "" : clean(rest.slice(space + 1))
  if (name === "" || text === "") return client.say('Incomplete MESG. Use "MESG <username> <message>".')
  const recipient = users.get(name.toLowerCase())
  if (recipient === undefined) return client.say(`Unknown Recipient (${shown(name)}). MESG Discarded.`)
  recipient.say(`FROM ${client.name}: ${text}`)
}

const bcst = (client, rest) => {
  const text = clean(rest)
  if (text === "") return client.say('Incomplete BCST. Use "BCST <message>".')
  const line = `FROM ${client.name}: ${text}`
  for (const user of users.values()) if (user !== client) user.say(line)
}

const list = (client) => {
  const rows = [...users.values()].map(({ name, fd }) => `${name.padEnd(22)} ${fd}`)
  client.say([`${"USERNAME".padEnd(22)} FD`, RULE, ...rows, RULE].join("\r\n"))
}

/** Executes a client's line, which has no line end. */
export const execute = (client, line) => {
  const space = line.indexOf(" ")
  const command = space < 0 ? line : line.slice(0, space)
  const rest = space < 0 ? "" : line.slice(space + 1)
  if (command === "QUIT") return client.leave()
  if (command === "JOIN") return join(client, rest)
  if (client.name === undefined) return client.say('Unregistered User. Use "JOIN <username>" to Register.')
  if (line.length > LONGEST_LINE) return client.say("Message Too Long. Discarding Message.")
  if (command === "MESG") return mesg(client, rest)
  if (command === "BCST") return bcst(client, rest)
  if (command === "LIST") return list(client)
  if (command === "PING") return client.say("PONG")
  client.say("Unknown Message. Discarding UNKNOWN Message.")
}

/** A client, which `end` disconnects. Its peer gives it `say`, and `flush` where output is collected. */
export const clientOf = (socket, end) => {
  const client = {
    name: undefined,
    fd: socket._handle?.fd ?? -1,
    isOpen: true,
    leave: () => {
      client.isOpen = false
      if (client.name !== undefined) users.delete(client.name.toLowerCase())
      client.flush?.()
      end()
    }
  }
  return client
}

/** Serves connections. `connected(client, socket)` gives the client its `say` and `flush`, and returns the data handler. */
export const serve = (connected) => {
  const options = { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: 30_000 }
  const server = createServer(options, (socket) => {
    const client = clientOf(socket, () => socket.end())
    socket.on("data", connected(client, socket))
    socket.on("end", client.leave)
    socket.on("error", () => {})
    socket.on("close", client.leave)
  })
  server.listen({ port: Number(process.argv[2]), host: process.argv[3] ?? "127.0.0.1", backlog: 4096 })
}
