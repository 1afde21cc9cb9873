import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { HISTORY_SECONDS } from "../../src/Limits.ts"
import * as History from "../../src/ops/History.ts"
import { OpenConnections } from "../../src/server/OpenConnections.ts"
import { Metrics } from "../../src/status/Metrics.ts"

const makeSources = () => ({ metrics: Metrics.make(), connections: OpenConnections.make() })
const eventLoop = { takeWorst: () => 0.0123 }

describe("the history", () => {
  it.scoped("has one point for each second", () =>
    Effect.gen(function* () {
      const sources = makeSources()
      const history = yield* History.record(sources, eventLoop)
      Object.assign(sources.metrics.lines, { mesg: 2, bcst: 1, list: 5, deliveries: 7 })
      yield* TestClock.adjust("1 seconds")
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(history, [
        { time: 1000, connections: 0, messages: 3, deliveries: 7, delay: 12.3 },
        { time: 2000, connections: 0, messages: 0, deliveries: 0, delay: 12.3 }
      ])
    })
  )

  it.scoped("holds at most HISTORY_SECONDS points, and drops the oldest", () =>
    Effect.gen(function* () {
      const sources = makeSources()
      const history = yield* History.record(sources, eventLoop)
      sources.metrics.lines.deliveries = 7
      yield* TestClock.adjust(`${HISTORY_SECONDS + 1} seconds`)
      assert.strictEqual(history.length, HISTORY_SECONDS)
      assert.strictEqual(history[0]?.deliveries, 0)
    })
  )
})
