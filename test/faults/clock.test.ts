import { assert, describe, it } from "@effect/vitest"
import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { leavings } from "../support/leaving.ts"
import { inMemory } from "../support/World.ts"

/** The test clock with a time of day that can be set. Elapsed time and sleeps stay those of the test clock. */
const settable = Effect.map(Effect.clock, (clock) => {
  let offset = 0
  const millis = () => clock.unsafeCurrentTimeMillis() + offset
  const wall: Clock.Clock = Object.create(clock, {
    unsafeCurrentTimeMillis: { value: millis },
    currentTimeMillis: { value: Effect.sync(millis) },
    unsafeCurrentTimeNanos: { value: () => clock.unsafeCurrentTimeNanos() },
    currentTimeNanos: { value: clock.currentTimeNanos },
    sleep: { value: (duration: Duration.Duration) => clock.sleep(duration) }
  })
  return {
    wall,
    jumps: (by: Duration.Duration, sign: 1 | -1) =>
      Effect.sync(() => {
        offset += sign * Duration.toMillis(by)
      })
  }
})

describe("setting the time of day", () => {
  for (const [way, sign] of [
    ["forward", 1],
    ["back", -1]
  ] as const) {
    it.scoped(`a year ${way} makes no timeout early or late`, () =>
      Effect.gen(function* () {
        const { jumps, wall } = yield* settable
        const limits = { joinTimeout: Duration.seconds(60), idleTimeout: Duration.seconds(90), outbox: 50 }
        const { connects, joins, log } = yield* Effect.withClock(inMemory(limits), wall)
        const stranger = yield* connects
        const ann = yield* joins("ann")
        const bob = yield* joins("bob")
        yield* TestClock.adjust("30 seconds")
        yield* jumps(Duration.days(365), sign)
        yield* TestClock.adjust("29 seconds")
        assert.isFalse(log.lines.some((line) => line.endsWith("Disconnecting User.")))
        yield* TestClock.adjust("1 seconds")
        assert.deepStrictEqual(yield* stranger.isLeft, ["Registration Timed Out. Disconnecting User."])

        // Patience is measured by the same clock.
        yield* bob.stalls
        yield* ann.types(`MESG bob ${"x".repeat(30)}\nMESG bob ${"y".repeat(30)}\nPING`)
        const pong = yield* Effect.fork(ann.hears)
        yield* TestClock.adjust("2 seconds")
        yield* jumps(Duration.days(1), sign)
        yield* TestClock.adjust("2999 millis")
        assert.deepStrictEqual(leavings(log.lines, bob.fd), [])
        yield* TestClock.adjust("1 millis")
        assert.strictEqual(yield* Fiber.join(pong), "PONG")

        yield* TestClock.adjust("89 seconds")
        assert.deepStrictEqual(leavings(log.lines, ann.fd), [])
        yield* TestClock.adjust("1 seconds")
        assert.deepStrictEqual(yield* ann.isLeft, ["Idle Too Long. Disconnecting User."])
      })
    )
  }
})
