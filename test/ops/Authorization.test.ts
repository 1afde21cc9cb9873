import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { charging } from "../../src/ops/Authorization.ts"

describe("a wrong token", () => {
  it.effect("costs its address a second, and another address nothing", () =>
    Effect.gen(function* () {
      const charge = yield* charging
      const told: Array<string> = []
      const wrong = (address: string, as: string) =>
        Effect.fork(Effect.andThen(charge(address), () => void told.push(as)))
      yield* wrong("192.0.2.1", "first")
      yield* wrong("192.0.2.1", "second")
      yield* TestClock.adjust("500 millis")
      yield* wrong("192.0.2.2", "other")
      yield* TestClock.adjust("499 millis")
      assert.deepStrictEqual(told, [])
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(told, ["first"])
      yield* TestClock.adjust("500 millis")
      assert.deepStrictEqual(told, ["first", "other"])
      yield* TestClock.adjust("500 millis")
      assert.deepStrictEqual(told, ["first", "other", "second"])
    })
  )

  it.effect("is paid for although its client does not wait for the answer, and is forgotten then", () =>
    Effect.gen(function* () {
      const charge = yield* charging
      const began = yield* Effect.fork(charge("192.0.2.1"))
      yield* TestClock.adjust("1 millis")
      yield* Fiber.interrupt(began)
      const next = yield* Effect.fork(charge("192.0.2.1"))
      yield* TestClock.adjust("1998 millis")
      assert.isTrue((yield* Fiber.poll(next))._tag === "None")
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(next)
      const later = yield* Effect.fork(charge("192.0.2.1"))
      yield* TestClock.adjust("1 seconds")
      yield* Fiber.join(later)
    })
  )
})
