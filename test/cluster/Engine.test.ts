import * as Net from "node:net"
import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { prefixOf } from "../../src/cluster/Attachment.ts"
import * as Engine from "../../src/cluster/Engine.ts"
import { START } from "../../src/cluster/Entry.ts"
import * as NodeScripts from "../../src/cluster/NodeScripts.ts"
import { connect } from "../../src/cluster/Redis.ts"
import { EngineError, run } from "../../src/cluster/Script.ts"
import { addressOf } from "../support/addressOf.ts"
import { itNeeds } from "../support/Program.ts"
import { redisServer } from "../support/RedisServer.ts"

const hooks = {
  known: () => ({ highest: 0, nodes: [] }),
  ready: () => Effect.void,
  apply: () => {},
  beaten: () => {},
  settled: () => {},
  unavailable: () => {},
  available: () => {}
}

/** A way to Redis that can lose its near ends: Redis is not told, and what was under way may still come. */
const lossyWay = (port: number) =>
  Effect.gen(function* () {
    const ends: Array<readonly [near: Net.Socket, far: Net.Socket]> = []
    const server = yield* Effect.acquireRelease(
      Effect.async<Net.Server>((resume) => {
        const server = Net.createServer((near) => {
          const far = Net.connect(port, "127.0.0.1").on("error", () => {})
          ends.push([near.on("error", () => {}), far])
          near.pipe(far, { end: false })
          far.pipe(near)
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.close()
          for (const end of ends.flat()) end.destroy()
        })
    )
    const bound = server.address()
    return { address: addressOf(typeof bound === "object" && bound !== null ? bound.port : 0), ends }
  })

const isClosed = (socket: Net.Socket) =>
  Effect.async<void>((resume) => {
    if (socket.closed) resume(Effect.void)
    else socket.once("close", () => resume(Effect.void))
  })

describe("an attachment", () => {
  itNeeds("redis-server")(
    "ends the connections of the one before it at Redis, from which something may still come",
    () =>
      Effect.gen(function* () {
        const { port } = yield* redisServer()
        const { address, ends } = yield* lossyWay(port)
        const engine = yield* Engine.make({ address, room: "main", lease: Duration.seconds(8) }, 10)
        yield* engine.serve({ ...hooks, restore: () => Effect.void })
        const former = [...ends]
        for (const [near] of former) near.destroy()
        // The connection that reads does nothing else.
        const closed = former.map(([, far], index) => Effect.as(isClosed(far), index))
        const first = yield* Effect.raceAll(closed)
        yield* Effect.raceAll(closed.filter((_, index) => index !== first))
      })
  )

  itNeeds("redis-server")("is restored from the beginning when the one before it ended too soon", () =>
    Effect.gen(function* () {
      const { address } = yield* redisServer()
      const engine = yield* Engine.make({ address, room: "main", lease: Duration.seconds(8) }, 10)
      const restored = yield* Queue.unbounded<readonly [isNew: boolean, mayHaveLost: boolean, position: string]>()
      let failures = 0
      yield* engine.serve({
        ...hooks,
        restore: ({ isNew, mayHaveLost, position }) =>
          Effect.gen(function* () {
            yield* Queue.offer(restored, [isNew, mayHaveLost, position])
            if (failures-- > 0) return yield* new EngineError({ problem: "the connection was closed" })
          })
      })
      assert.deepStrictEqual(yield* Queue.take(restored), [true, true, START])
      failures = 1
      const { call } = yield* connect(address)
      yield* run(NodeScripts.reap, call, prefixOf("main"), [engine.node, 1, 1])
      for (let time = 0; time < 2; time++) assert.deepStrictEqual(yield* Queue.take(restored), [true, true, START])
      yield* Effect.promise(() => call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
      const [isNew, mayHaveLost] = yield* Queue.take(restored)
      assert.deepStrictEqual([isNew, mayHaveLost], [false, false])
    })
  )
})
