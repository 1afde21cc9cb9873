import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as EventLoop from "../../src/ops/EventLoop.ts"

/** Blocks the event loop. */
const block = (milliseconds: number) =>
  Effect.sync(() => {
    const end = performance.now() + milliseconds
    while (performance.now() < end);
  })

describe("the event loop's delay", () => {
  it.scopedLive("covers the time that the loop was blocked, and takeWorst returns it once", () =>
    Effect.gen(function* () {
      const { delays, takeWorst } = yield* EventLoop.watch
      yield* Effect.sleep("150 millis")
      takeWorst()
      yield* block(400)
      yield* Effect.sleep("150 millis")
      assert.isAtLeast(takeWorst(), 0.3)
      assert.isAtLeast(delays.sum, 0.3)
      assert.isAtLeast(
        delays.counts.slice(delays.bounds.indexOf(0.5)).reduce((sum, count) => sum + count),
        1
      )
      assert.strictEqual(takeWorst(), 0)
    })
  )
})
