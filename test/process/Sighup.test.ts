import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import { Sighup } from "../../src/process/Sighup.ts"

const listeners = Effect.sync(() => process.listenerCount("SIGHUP"))

describe("SIGHUP", () => {
  it.scopedLive("has one listener for all subscribers, for as long as the layer is held", () =>
    Effect.gen(function* () {
      const before = yield* listeners
      yield* Effect.scoped(
        Effect.gen(function* () {
          const { each } = yield* Effect.provide(Sighup, yield* Layer.build(Sighup.layer))
          assert.strictEqual(yield* listeners, before + 1)
          const seen = yield* Queue.unbounded<string>()
          yield* each(Queue.offer(seen, "one"))
          yield* each(Queue.offer(seen, "other"))
          assert.strictEqual(yield* listeners, before + 1)
          process.kill(process.pid, "SIGHUP")
          assert.sameMembers([yield* Queue.take(seen), yield* Queue.take(seen)], ["one", "other"])
        })
      )
      assert.strictEqual(yield* listeners, before)
    })
  )
})
