/**
 * What partyline is compared with: the same protocol as most people would write it with node:net and nothing else. Every
 * reply and every delivery is one socket.write. It has no telnet, no back-pressure, no timeouts and no status log.
 *
 *     node bench/peers/plain.mjs <port> [host] [max users]
 */
import { createServer } from "node:net"
import { execute, forget, LONGEST_LINE } from "./protocol.mjs"

const serve = (socket) => {
  let unfinished = ""
  const client = {
    name: undefined,
    fd: socket._handle?.fd ?? -1,
    isOpen: true,
    say: (text) => socket.write(`${text}\r\n`),
    leave: () => {
      client.isOpen = false
      forget(client)
      socket.end()
    }
  }
  socket.setEncoding("utf8")
  socket.on("data", (chunk) => {
    const lines = (unfinished + chunk).split("\n")
    unfinished = lines.pop().slice(0, LONGEST_LINE + 2)
    for (const line of lines) {
      if (!client.isOpen) return
      const text = line.endsWith("\r") ? line.slice(0, -1) : line
      if (text !== "") execute(client, text)
    }
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
