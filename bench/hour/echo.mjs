/** A plain server that sends back what it gets: node bench/hour/echo.mjs <port> */
import { createServer } from "node:net"

createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => {})
  socket.pipe(socket)
}).listen(Number(process.argv[2]), "127.0.0.1")
