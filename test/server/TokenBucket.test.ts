import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { TokenBucket } from "../../src/server/TokenBucket.ts"

describe("a token bucket", () => {
  it.scoped("refills exactly by the clock, up to its capacity", () =>
    Effect.gen(function* () {
      const bucket = new TokenBucket(3, 5, yield* Effect.clock)
      assert.strictEqual(bucket.tokens, 5)
      bucket.take(5)
      yield* TestClock.adjust("333 millis")
      assert.strictEqual(bucket.tokens, 0)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(bucket.tokens, 1)
      yield* TestClock.adjust("666 millis")
      assert.strictEqual(bucket.tokens, 3)
      yield* TestClock.adjust("1000 days")
      assert.strictEqual(bucket.tokens, 5)
      bucket.take(1)
      yield* TestClock.adjust("1 seconds")
      assert.strictEqual(bucket.tokens, 5)
    })
  )
})
