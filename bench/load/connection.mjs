/** A connection of the load. All connections read into one buffer, which avoids a stream's work for each read. */
import { connect } from "node:net"
import { HOST } from "../support/server.mjs"

const shared = Buffer.allocUnsafe(256 * 1024)

/** Connects, from `source` if given. `socket.receiver` gets each chunk; its bytes are valid during that call only. */
export const open = (port, onError, source) => {
  const onread = {
    buffer: shared,
    callback: (length, buffer) => {
      socket.receiver?.(buffer.subarray(0, length))
      return true
    }
  }
  const socket = connect({ host: HOST, port, localAddress: source, noDelay: true, onread })
  socket.on("error", onError)
  return socket
}

/**
 * Sends each step's text and waits for the end of its answer, or, if the step has no pattern, for the close. Resolves to
 * the last answer.
 */
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
  return text
}
