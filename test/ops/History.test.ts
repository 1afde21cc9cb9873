import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { HISTORY_SECONDS, Limits } from "../../src/Limits.ts"
import * as History from "../../src/ops/History.ts"
import { Metrics } from "../../src/status/Metrics.ts"

const watched = () => ({
  limits: Limits.make(),
  metrics: Metrics.make(),
  presence: { sessions: new Set<never>(), isOpen: true },
  eventLoop: { delays: { bounds: [], counts: [], sum: 0 }, takeWorst: () => 0.0123 }
})

describe("the last minutes", () => {
  it.scoped("have a moment for each second", () =>
    Effect.gen(function* () {
      const now = watched()
      const history = yield* History.keep(now)
      now.metrics.lines.deliveries = 7
      yield* TestClock.adjust("1 seconds")
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(history, [
        { connections: 0, messages: 7, delay: 12.3 },
        { connections: 0, messages: 0, delay: 12.3 }
      ])
    })
  )

  it.scoped("forget what is older", () =>
    Effect.gen(function* () {
      const now = watched()
      const history = yield* History.keep(now)
      now.metrics.lines.deliveries = 7
      yield* TestClock.adjust(`${HISTORY_SECONDS + 1} seconds`)
      assert.strictEqual(history.length, HISTORY_SECONDS)
      assert.strictEqual(history[0]?.messages, 0)
    })
  )
})
