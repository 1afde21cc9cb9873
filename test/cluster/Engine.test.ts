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
import { itNeeds } from "../support/Program.ts"
import { redisServer } from "../support/RedisServer.ts"

describe("an attachment", () => {
  itNeeds("redis-server")("is restored from the beginning when the one before it ended too soon", () =>
    Effect.gen(function* () {
      const { address } = yield* redisServer()
      const engine = yield* Engine.make({ address, room: "main", lease: Duration.seconds(8) }, 10)
      const restored = yield* Queue.unbounded<readonly [isNew: boolean, mayHaveLost: boolean, position: string]>()
      let failures = 0
      yield* engine.serve({
        known: () => ({ highest: 0, nodes: [] }),
        restore: ({ isNew, mayHaveLost, position }) =>
          Effect.gen(function* () {
            yield* Queue.offer(restored, [isNew, mayHaveLost, position])
            if (failures-- > 0) return yield* new EngineError({ problem: "the connection was closed" })
          }),
        apply: () => {},
        beaten: () => {},
        settled: () => {},
        unavailable: () => {},
        available: () => {}
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
