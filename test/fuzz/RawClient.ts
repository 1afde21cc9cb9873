/** Clients of real sockets that send any bytes, in chunks that arrive one by one. */
import * as Net from "node:net"
import * as Effect from "effect/Effect"
import type { Log } from "../support/World.ts"
import { Violation } from "./Violation.ts"

/** How the client goes when all is sent: it ends its output, resets the connection, or leaves the end to the server. */
export type Ending = "end" | "reset" | "wait"

/** Answers what has been heard so far; called for every chunk. */
export type React = (heard: Buffer, socket: Net.Socket) => void

const ignore: React = () => {}

/** Sends the chunks, and gives everything that was heard until the connection was closed. */
export const exchange = (
  port: number,
  chunks: ReadonlyArray<Uint8Array>,
  ending: Ending,
  react: React = ignore
): Effect.Effect<Buffer, Violation> =>
  Effect.async((resume) => {
    let heard: Buffer = Buffer.alloc(0)
    let broken: Error | undefined
    const socket = Net.connect({ host: "127.0.0.1", port, allowHalfOpen: true, noDelay: true })
    const finish = () => {
      if (ending === "end") socket.end()
      if (ending === "reset") socket.resetAndDestroy()
    }
    const send = (index: number): void => {
      const chunk = chunks[index]
      if (socket.destroyed || socket.writableEnded) return
      if (chunk === undefined) finish()
      else {
        socket.write(chunk)
        setImmediate(send, index + 1)
      }
    }
    socket.on("connect", () => send(0))
    socket.on("data", (bytes) => {
      heard = Buffer.concat([heard, bytes])
      react(heard, socket)
    })
    socket.on("end", () => socket.end())
    socket.on("error", (error) => {
      broken = error
    })
    socket.on("close", () =>
      resume(
        broken === undefined ? Effect.succeed(heard) : Effect.fail(new Violation(`it was reset: ${broken.message}`))
      )
    )
    return Effect.sync(() => socket.destroy())
  })

const isLeaving = (line: string): boolean => line.endsWith("Disconnecting User.")

/** Waits for the leaving line behind this place in the log. */
export const leavingAfter = (log: Log, place: number): Effect.Effect<string> =>
  Effect.suspend(() => {
    const found = log.lines.slice(place).filter(isLeaving)
    if (found.length > 1) throw new Violation(`more than one leaving line: ${found.join(" ")}`)
    const [line] = found
    return line === undefined ? Effect.zipRight(log.news, leavingAfter(log, place)) : Effect.succeed(line)
  })
