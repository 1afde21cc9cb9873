import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as Deadlines from "../../src/server/Deadlines.ts"

/** Deadlines of 10 seconds, each with a name. */
const make = (expired: Array<string>) =>
  Effect.map(
    Deadlines.make<string>(Duration.seconds(10), (name) => {
      expired.push(name)
    }),
    ({ start }) => {
      const deadlines = new Map(["ann", "bob", "cat"].map((name) => [name, new Deadlines.Deadline(name)]))
      const deadline = (name: string) => deadlines.get(name) ?? new Deadlines.Deadline(name)
      return { start: (name: string) => start(deadline(name)), stop: (name: string) => deadline(name).unlink() }
    }
  )

describe("deadlines", () => {
  it.scoped("expire 10 seconds after their last start, unless they were stopped", () =>
    Effect.gen(function* () {
      const expired: Array<string> = []
      const deadlines = yield* make(expired)
      deadlines.start("ann")
      yield* TestClock.adjust("4 seconds")
      deadlines.start("bob")
      deadlines.start("cat")
      yield* TestClock.adjust("4 seconds")
      deadlines.start("ann")
      deadlines.stop("cat")
      yield* TestClock.adjust("5999 millis")
      assert.deepStrictEqual(expired, [])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(expired, ["bob"])
      yield* TestClock.adjust("4 seconds")
      assert.deepStrictEqual(expired, ["bob", "ann"])
      deadlines.start("ann")
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(expired, ["bob", "ann", "ann"])
    })
  )

  it.scoped("can be hastened, and never put off", () =>
    Effect.gen(function* () {
      const expired: Array<string> = []
      const expire = (name: string) => void expired.push(name)
      const slow = yield* Deadlines.make(Duration.seconds(10), expire)
      const fast = yield* Deadlines.make(Duration.seconds(3), expire)
      const ann = new Deadlines.Deadline("ann")
      const bob = new Deadlines.Deadline("bob")
      const cat = new Deadlines.Deadline("cat")
      slow.start(ann)
      slow.start(bob)
      fast.hasten(cat)
      yield* TestClock.adjust("2 seconds")
      fast.hasten(ann)
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(expired, ["cat"])
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(expired, ["cat", "ann"])
      yield* TestClock.adjust("3 seconds")
      fast.hasten(bob)
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(expired, ["cat", "ann", "bob"])
    })
  )

  it.scoped("do not depend on the time of day", () =>
    Effect.gen(function* () {
      const clock = yield* Effect.clock
      const setBack: typeof clock = Object.create(clock, {
        unsafeCurrentTimeMillis: { value: () => -3_600_000 },
        unsafeCurrentTimeNanos: { value: () => clock.unsafeCurrentTimeNanos() },
        currentTimeMillis: { value: Effect.succeed(-3_600_000) }
      })
      const expired: Array<string> = []
      const deadlines = yield* Effect.withClock(make(expired), setBack)
      deadlines.start("ann")
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(expired, ["ann"])
    })
  )
})
