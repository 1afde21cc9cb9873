/** A connection over TCP, as a client sees it. */
import * as Net from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Dialer } from "../../src/client/Dialer.ts"

/** More than the kernel takes from a server that does not read, in a dozen of them. */
const MUCH = "x".repeat(4 * 1024 * 1024)

/** A server that reads nothing. `resets` waits for a connection, and resets it. */
const deaf = Effect.gen(function* () {
  const server = yield* Effect.acquireRelease(
    Effect.async<Net.Server>((resume) => {
      const server = Net.createServer({ pauseOnConnect: true })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) => Effect.sync(() => server.close())
  )
  const { port } = server.address() as Net.AddressInfo
  const dial = Effect.flatMap(Dialer, ({ dial }) => dial).pipe(
    Effect.provide(Dialer.layerTcp({ name: undefined, host: "127.0.0.1", port }))
  )
  const accepted = new Promise<Net.Socket>((resolve) => server.once("connection", resolve))
  const resets = Effect.map(
    Effect.promise(() => accepted),
    (socket) => void socket.resetAndDestroy()
  )
  return { dial, resets }
})

/** Warnings of Node's while the scope is open. */
const warnings = Effect.gen(function* () {
  const seen: Array<string> = []
  const warned = ({ message }: Error) => void seen.push(message)
  yield* Effect.acquireRelease(
    Effect.sync(() => process.on("warning", warned)),
    () => Effect.sync(() => process.off("warning", warned))
  )
  return seen
})

describe("a connection that is lost while much waits to be sent", () => {
  it.scopedLive("has sent what it took, and takes nothing more", () =>
    Effect.gen(function* () {
      const warned = yield* warnings
      const { dial, resets } = yield* deaf
      const { send } = yield* dial
      const sending = yield* Effect.fork(
        Effect.forEach(Array.from({ length: 12 }), () => send(MUCH), { concurrency: "unbounded" })
      )
      yield* resets
      yield* Fiber.join(sending)
      assert.strictEqual((yield* Effect.flip(send("x")))._tag, "ConnectionLost")
      assert.deepStrictEqual(warned, [])
    })
  )
})
