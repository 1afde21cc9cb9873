import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { clean } from "../src/protocol/Text.ts"
import { inMemory } from "./support/World.ts"

/** Whether a line has characters that must not reach another client or the log. */
const unsafe = (text: string): boolean => clean(text) !== text

const anything = FastCheck.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes))
const hostile = FastCheck.constantFrom(
  "\u001b[2J",
  "\r",
  "\0",
  "\u0007",
  "\u007f",
  "\u009b31m",
  "\u202e",
  "\u2066",
  "\u2028",
  "\ufeff",
  "\ud83d",
  "é",
  "x".repeat(40)
)
const text = FastCheck.array(FastCheck.oneof(hostile, FastCheck.fullUnicodeString({ maxLength: 6 })), { maxLength: 6 })
const command = FastCheck.tuple(
  FastCheck.constantFrom("MESG bob ", "MESG ", "BCST ", "JOIN ", "", "LIST ", "MESG bob"),
  text,
  FastCheck.constantFrom("\n", "\r\n", "\r\0")
).map(([word, text, end]) => Buffer.from(word + text.join("") + end))
const input = FastCheck.array(FastCheck.oneof({ weight: 3, arbitrary: command }, { weight: 1, arbitrary: anything }), {
  maxLength: 20
})

describe("for all bytes that a client sends", () => {
  it.scoped.prop("no control character reaches another client or the log", [input], ([chunks]) =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory()
      const bob = yield* joins("bob")
      const ann = yield* joins("ann")
      for (const chunk of chunks) yield* ann.sends(chunk)
      yield* ann.sends("\nQUIT\n")
      yield* ann.hangsUp
      yield* ann.isLeft
      yield* bob.types("PING")
      const heard = yield* Effect.repeat(bob.hears, { until: (line) => line === "PONG" })
      assert.strictEqual(heard, "PONG")
      for (const line of bob.received().toString("utf8").split("\r\n"))
        assert.isFalse(unsafe(line), JSON.stringify(line))
      for (const line of log.lines) assert.isFalse(unsafe(line), JSON.stringify(line))
    })
  )

  it.scoped.prop(
    "no control character comes back to the client itself, apart from telnet replies",
    [FastCheck.array(command)],
    ([chunks]) =>
      Effect.gen(function* () {
        const { connects } = yield* inMemory()
        const ann = yield* connects
        for (const chunk of chunks) yield* ann.sends(chunk)
        yield* ann.hangsUp
        yield* ann.isLeft
        for (const line of ann.received().toString("utf8").split("\r\n"))
          assert.isFalse(unsafe(line), JSON.stringify(line))
      })
  )
})
