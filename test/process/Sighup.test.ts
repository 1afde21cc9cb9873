import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import { Sighup } from "../../src/process/Sighup.ts"

const listeners = Effect.sync(() => process.listenerCount("SIGHUP"))

describe("SIGHUP", () => {
  it.scopedLive("has one listener for all subscribers, and none without them", () =>
    Effect.gen(function* () {
      const before = yield* listeners
      const { each } = yield* Sighup
      assert.strictEqual(yield* listeners, before)
      yield* Effect.scoped(
        Effect.gen(function* () {
          const seen = yield* Queue.unbounded<string>()
          yield* each(Queue.offer(seen, "one"))
          yield* each(Queue.offer(seen, "other"))
          assert.strictEqual(yield* listeners, before + 1)
          process.kill(process.pid, "SIGHUP")
          assert.sameMembers([yield* Queue.take(seen), yield* Queue.take(seen)], ["one", "other"])
        })
      )
      assert.strictEqual(yield* listeners, before)
    }).pipe(Effect.provide(Sighup.layer))
  )
})
