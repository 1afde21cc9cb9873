import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { inputs } from "../../src/chat/Inputs.ts"
import { type Keypress, Pasted, Pressed } from "../../src/chat/Keys.ts"

const letter = (sequence: string): Keypress => ({ sequence, name: sequence })

describe("a paste", () => {
  /** The first inputs of these keys, which come one after another. */
  const first = (count: number, keys: ReadonlyArray<Keypress>) =>
    Effect.gen(function* () {
      const queue = yield* Queue.unbounded<Keypress>()
      const taken = yield* Effect.fork(Stream.runCollect(Stream.take(inputs(queue), count)))
      for (const key of keys) {
        yield* Queue.offer(queue, key)
        yield* TestClock.adjust("100 millis")
      }
      return { queue, taken }
    })

  it.scoped("is one input, however slowly it comes", () =>
    Effect.gen(function* () {
      const keys = [letter("x"), { name: "paste-start" }, letter("a"), letter("b"), { name: "paste-end" }, letter("y")]
      const { taken } = yield* first(3, keys)
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(taken)), [
        Pressed({ key: { name: "x", text: "x" } }),
        Pasted({ text: "ab" }),
        Pressed({ key: { name: "y", text: "y" } })
      ])
    })
  )

  it.scoped("without an end ends after two seconds of silence, and keys are keys again", () =>
    Effect.gen(function* () {
      const { queue, taken } = yield* first(2, [{ name: "paste-start" }, letter("a")])
      yield* TestClock.adjust("2 seconds")
      yield* Queue.offer(queue, letter("y"))
      assert.deepStrictEqual(Chunk.toReadonlyArray(yield* Fiber.join(taken)), [
        Pasted({ text: "a" }),
        Pressed({ key: { name: "y", text: "y" } })
      ])
    })
  )
})
