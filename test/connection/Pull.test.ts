import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as Fiber from "effect/Fiber"
import { endOfInput, idleTooLong, slowConsumer } from "../../src/connection/DisconnectReason.ts"
import { Pull } from "../../src/connection/Pull.ts"

/** A pull, and what its source was told, in order. */
const make = () => {
  const told: Array<"pause" | "resume"> = []
  const pull = new Pull({ pause: () => told.push("pause"), resume: () => told.push("resume") })
  return { pull, told }
}

const chunk = (byte: number) => Uint8Array.of(byte)

describe("a pull", () => {
  it.effect("asks its source for chunks only while a fiber reads", () =>
    Effect.gen(function* () {
      const { pull, told } = make()
      assert.deepStrictEqual(told, [])
      const reading = yield* Effect.fork(pull.read)
      yield* Effect.yieldNow()
      assert.deepStrictEqual(told, ["resume"])
      pull.push(chunk(1))
      assert.deepStrictEqual(told, ["resume", "pause"])
      assert.deepStrictEqual(yield* Fiber.join(reading), chunk(1))
    })
  )

  it.effect("parks chunks that come although the source was paused, and gives them before the end of input", () =>
    Effect.gen(function* () {
      const { pull } = make()
      pull.push(chunk(1))
      pull.push(chunk(2))
      pull.end()
      assert.isFalse(pull.isOver)
      assert.deepStrictEqual(yield* pull.read, chunk(1))
      assert.deepStrictEqual(yield* pull.read, chunk(2))
      assert.strictEqual(yield* Effect.flip(pull.read), endOfInput)
    })
  )

  it.effect("gives back what was not read when its source is replaced, and asks the new one for chunks", () =>
    Effect.gen(function* () {
      const { pull, told } = make()
      const reading = yield* Effect.fork(pull.read)
      yield* Effect.yieldNow()
      pull.push(chunk(1))
      yield* Fiber.join(reading)
      pull.push(chunk(2))
      pull.push(chunk(3))
      assert.deepStrictEqual(yield* pull.replaced(), [chunk(2), chunk(3)])
      const again = yield* Effect.fork(pull.read)
      yield* Effect.yieldNow()
      assert.deepStrictEqual(told, ["resume", "pause", "resume"])
      pull.push(chunk(4))
      assert.deepStrictEqual(yield* Fiber.join(again), chunk(4))
    })
  )

  it.effect("cannot have its source replaced once that has ended, or the client is disconnected", () =>
    Effect.gen(function* () {
      const { pull: ended } = make()
      ended.push(chunk(1))
      ended.end()
      assert.strictEqual(yield* Effect.flip(ended.replaced()), endOfInput)
      const { pull: cut } = make()
      cut.disconnect(slowConsumer)
      assert.strictEqual(yield* Effect.flip(cut.replaced()), slowConsumer)
    })
  )

  it.effect("ends a read that waits when the input ends", () =>
    Effect.gen(function* () {
      const { pull } = make()
      const reading = yield* Effect.fork(Effect.flip(pull.read))
      yield* Effect.yieldNow()
      pull.end()
      assert.strictEqual(yield* Fiber.join(reading), endOfInput)
    })
  )

  it.effect("fails with the first reason, at once, whatever is parked", () =>
    Effect.gen(function* () {
      const { pull } = make()
      const watching = yield* Effect.fork(Effect.flip(pull.disconnected))
      yield* Effect.yieldNow()
      pull.push(chunk(1))
      pull.disconnect(slowConsumer)
      pull.disconnect(idleTooLong)
      pull.push(chunk(2))
      pull.end()
      assert.strictEqual(yield* Fiber.join(watching), slowConsumer)
      assert.strictEqual(yield* Effect.flip(pull.read), slowConsumer)
      assert.strictEqual(yield* Effect.flip(pull.disconnected), slowConsumer)
    })
  )

  it.effect("gives an empty chunk to a fiber that reads, and to nobody else, when it is nudged", () =>
    Effect.gen(function* () {
      const { pull } = make()
      pull.nudge()
      const reading = yield* Effect.fork(pull.read)
      yield* Effect.yieldNow()
      pull.nudge()
      assert.strictEqual((yield* Fiber.join(reading)).length, 0)
      assert.isTrue(pull.isUntouched)
    })
  )

  it.effect.prop(
    "gives every chunk once and in order, and ends once, however pushes and reads alternate",
    [FastCheck.array(FastCheck.boolean(), { maxLength: 40 })],
    ([steps]) =>
      Effect.gen(function* () {
        const { pull } = make()
        const read: Array<number> = []
        let pushed = 0
        const next = Effect.map(pull.read, (bytes) => void read.push(bytes[0] ?? -1))
        let reading: Fiber.Fiber<void, unknown> | undefined
        for (const isPush of steps) {
          if (isPush) pull.push(chunk(pushed++))
          else if (reading === undefined || read.length === pushed || (yield* Fiber.poll(reading))._tag === "Some") {
            if (reading === undefined || (yield* Fiber.poll(reading))._tag === "Some")
              reading = yield* Effect.fork(next)
          }
          yield* Effect.yieldNow()
        }
        pull.end()
        if (reading !== undefined) yield* Effect.either(Fiber.join(reading))
        let result = yield* Effect.either(next)
        while (Either.isRight(result)) result = yield* Effect.either(next)
        assert.deepStrictEqual(
          read,
          Array.from({ length: pushed }, (_, index) => index)
        )
        assert.strictEqual(yield* Effect.flip(pull.read), endOfInput)
      })
  )
})
