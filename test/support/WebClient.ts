/** A real WebSocket client in a test. */
import * as Net from "node:net"
import * as Effect from "effect/Effect"
import { type ClientOptions, WebSocket } from "ws"
import { hearing } from "./hearing.ts"
import { Ear } from "./Person.ts"

/** Opens a WebSocket over TCP, which ends with the scope. Messages are heard as lines. `wire` is the socket below. */
export const dialWebSocket = (port: number, options: ClientOptions = {}) =>
  Effect.gen(function* () {
    const wire = Net.connect({ host: "127.0.0.1", port })
    const ear = new Ear()
    const messages: Array<string> = []
    let code: number | undefined
    const socket = yield* Effect.acquireRelease(
      Effect.async<WebSocket, Error>((resume) => {
        const socket = new WebSocket(`ws://localhost:${port}/ws`, { createConnection: () => wire, ...options })
        socket.on("message", (data, isBinary) => {
          if (isBinary || !Buffer.isBuffer(data)) return
          messages.push(data.toString())
          ear.receive(data)
        })
        socket.on("open", () => resume(Effect.succeed(socket)))
        socket.on("error", (error) => resume(Effect.fail(error)))
        socket.on("close", (status) => {
          code = status
          ear.end()
        })
      }),
      (socket) => Effect.sync(() => socket.terminate())
    )
    const sends = (text: string | Uint8Array) =>
      Effect.sync(() => {
        socket.send(text, { binary: typeof text !== "string" })
      })
    /** Waits for the close, and gives its status. */
    const closed: Effect.Effect<number> = Effect.suspend(() => {
      if (code !== undefined) return Effect.succeed(code)
      return Effect.zipRight(ear.news, closed)
    })
    return { socket, wire, sends, types: sends, messages, closed, ...hearing(ear) }
  })
