/** A connection of the load. All of them read into one buffer, which spares a stream's work for each read. */
import { connect } from "node:net"

export const HOST = "127.0.0.1"
const shared = Buffer.allocUnsafe(256 * 1024)

/** Connects; `socket.receiver` is called with each chunk, whose bytes are valid during that call only. */
export const open = (port, onError) => {
  const onread = {
    buffer: shared,
    callback: (length, buffer) => {
      socket.receiver?.(buffer.subarray(0, length))
      return true
    }
  }
  const socket = connect({ host: HOST, port, noDelay: true, onread })
  socket.on("error", onError)
  return socket
}

/** Sends each step's text and waits for what its answer ends with, or, if it has none, until the connection is closed. */
export const play = async (socket, steps) => {
  let text = ""
  for (const [send, expected] of steps) {
    await new Promise((resolve, reject) => {
      const failed = (error) =>
        reject(error instanceof Error ? error : new Error(`closed after ${send}: ${text.slice(-200)}`))
      const closed = () => (expected === undefined ? resolve() : failed())
      socket.once("close", closed)
      socket.once("error", failed)
      text = ""
      socket.receiver = (chunk) => {
        text += chunk.latin1Slice()
        if (expected?.test(text)) {
          socket.off("close", closed)
          socket.off("error", failed)
          resolve()
        }
      }
      if (send === "") socket.end()
      else socket.write(send, "latin1")
    })
  }
}
