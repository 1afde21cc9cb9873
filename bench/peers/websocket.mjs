/** The WebSocket peer: a common relay with `ws`. Each line of a message is executed, each reply and delivery is one send. */
import { createServer } from "node:http"
import { WebSocketServer } from "ws"
import { clientOf, execute } from "./protocol.mjs"

const server = createServer()
new WebSocketServer({ server, perMessageDeflate: false }).on("connection", (socket) => {
  const client = clientOf(socket._socket, () => socket.close())
  client.say = (text) => socket.send(`${text}\r\n`)
  socket.on("message", (data) => {
    for (const line of data.toString().split("\n")) {
      const text = line.endsWith("\r") ? line.slice(0, -1) : line
      if (text !== "" && client.isOpen) execute(client, text)
    }
  })
  socket.on("error", () => {})
  socket.on("close", client.leave)
})
server.listen({ port: Number(process.argv[2]), host: process.argv[3] ?? "127.0.0.1", backlog: 4096 })
