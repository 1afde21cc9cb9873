import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as PubSub from "effect/PubSub"
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

  it.scopedLive("has its reaction after one that had a defect, which is logged", () =>
    Effect.gen(function* () {
      const signals = yield* PubSub.unbounded<void>()
      const { each } = yield* Effect.provide(Sighup, yield* Layer.build(Sighup.layerMemory(signals)))
      const seen = yield* Queue.unbounded<string>()
      const logged = Logger.make(({ message }) => void seen.unsafeOffer(String(message)))
      const reaction = Effect.suspend(() => (reacted++ === 0 ? Effect.die("a fault") : Queue.offer(seen, "reacted")))
      let reacted = 0
      yield* Effect.provide(each(reaction), Logger.replace(Logger.defaultLogger, logged))
      yield* PubSub.publish(signals, undefined)
      assert.strictEqual(yield* Queue.take(seen), "A reload failed.")
      yield* PubSub.publish(signals, undefined)
      assert.strictEqual(yield* Queue.take(seen), "reacted")
    })
  )
})
