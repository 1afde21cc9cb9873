/** A bound on the connections of an HTTP server that strangers cannot use to keep others out. */
import type * as Http from "node:http"
import type * as Net from "node:net"

/**
 * Keeps at most `most` connections open. For one more, that one is closed whose last request, or whose beginning if it has
 * sent none, is longest ago: requests that never end make room for one that does.
 */
export const limitConnections = (server: Http.Server, most: number): void => {
  const open = new Set<Net.Socket>()
  server.on("connection", (socket: Net.Socket) => {
    const [oldest] = open
    if (oldest !== undefined && open.size >= most) {
      open.delete(oldest)
      oldest.destroy()
    }
    open.add(socket)
    socket.once("close", () => open.delete(socket))
  })
  server.on("request", ({ socket }: Http.IncomingMessage) => {
    if (open.delete(socket)) open.add(socket)
  })
}
