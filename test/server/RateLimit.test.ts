import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as TestClock from "effect/TestClock"
import { inMemory } from "../support/World.ts"

const STRANGER = "192.0.2.1"

/** A server with ann, a client from a remote address, and the number of replies that ann has received. */
const withStranger = (limits: Parameters<typeof inMemory>[0]) =>
  Effect.gen(function* () {
    const world = yield* inMemory(limits)
    const ann = yield* world.connectsFrom(STRANGER)
    const answers = () => ann.received().toString().split("\r\n").length - 1
    return { ...world, ann, answers }
  })

/** Advances the clock by one millisecond less than `millis`. */
const almost = (millis: number) => TestClock.adjust(Duration.millis(millis - 1))
const aMillisecond = TestClock.adjust("1 millis")

describe("a client that sends faster than the rate", () => {
  it.scoped("gets the burst answered at once and the rest at the rate, exact to the millisecond", () =>
    Effect.gen(function* () {
      const { ann, answers, log } = yield* withStranger({ rate: 20, burst: 10 })
      yield* ann.sends(`JOIN ann\n${"PING\n".repeat(14)}`)
      yield* TestClock.adjust(0)
      for (let answered = 10; answered < 15; answered++) {
        assert.strictEqual(answers(), answered)
        yield* almost(50)
        assert.strictEqual(answers(), answered)
        yield* aMillisecond
      }
      assert.strictEqual(answers(), 15)
      assert.isFalse(log.lines.some((line) => line.endsWith("Disconnecting User.")))
    })
  )

  it.scoped("spends tokens on overlong lines and any command, not on empty lines and telnet commands", () =>
    Effect.gen(function* () {
      const { ann, answers } = yield* withStranger({ rate: 1, burst: 4, maxLine: 10 })
      yield* ann.sends(
        Buffer.from(`\n\r\n\xff\xf6\nPING\nJOIN !\nJOIN ann\n${"x".repeat(20)}\n\n\n\xff\xf6PING\n`, "latin1")
      )
      yield* almost(1000)
      assert.strictEqual(answers(), 6)
      yield* aMillisecond
      assert.strictEqual(answers(), 7)
    })
  )

  it.scoped("delays no other client, and receives messages while it is delayed", () =>
    Effect.gen(function* () {
      const { ann, joins } = yield* withStranger({ rate: 1, burst: 1 })
      yield* ann.types("JOIN ann\nPING")
      const bob = yield* joins("bob")
      yield* bob.sends("PING\n".repeat(1000))
      for (let heard = 0; heard < 1000; heard++) assert.strictEqual(yield* bob.hears, "PONG")
      yield* bob.types("MESG ann hello")
      assert.strictEqual(yield* ann.hears, "JOIN ann Request Accepted")
      assert.strictEqual(yield* ann.hears, "FROM bob: hello")
    })
  )

  it.scoped("is not idle while it is delayed", () =>
    Effect.gen(function* () {
      const { ann, answers } = yield* withStranger({ rate: 1, burst: 1, idleTimeout: Duration.millis(500) })
      yield* ann.types("JOIN ann\nPING\nPING")
      yield* TestClock.adjust("2 seconds")
      assert.strictEqual(answers(), 3)
      yield* TestClock.adjust("500 millis")
      assert.strictEqual((yield* ann.isLeft).at(-1), "Idle Too Long. Disconnecting User.")
    })
  )

  it.scoped("gets every reply after it has closed its sending half", () =>
    Effect.gen(function* () {
      const { ann } = yield* withStranger({ rate: 1, burst: 1 })
      yield* ann.types("JOIN ann\nPING")
      yield* ann.sends("PING\nPI")
      yield* ann.hangsUp
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(yield* ann.isLeft, ["JOIN ann Request Accepted", "PONG", "PONG"])
    })
  )

  it.scoped("can QUIT without waiting for a token", () =>
    Effect.gen(function* () {
      const { ann, log } = yield* withStranger({ rate: 1, burst: 2 })
      yield* ann.types("JOIN ann\nPING\nQUIT bye")
      assert.deepStrictEqual(yield* ann.isLeft, ["JOIN ann Request Accepted", "PONG"])
      assert.strictEqual(log.lines.at(-1), "Client (5): Disconnecting User.")
    })
  )

  it.scoped("is disconnected at once by a shutdown or a connection error", () =>
    Effect.gen(function* () {
      const { ann, connectsFrom, log, shutsDown } = yield* withStranger({ rate: 1, burst: 1 })
      const bob = yield* connectsFrom(STRANGER)
      yield* ann.types("JOIN ann\nPING")
      yield* bob.types("JOIN bob\nPING")
      yield* ann.hears
      yield* bob.hears
      yield* bob.breaks("ECONNRESET")
      assert.strictEqual(log.lines.at(-1), "Client (6): Connection Error (ECONNRESET). Disconnecting User.")
      yield* shutsDown
      assert.deepStrictEqual(yield* ann.isLeft, ["Server Shutting Down. Disconnecting User."])
    })
  )

  it.scoped.prop(
    "never gets more replies than burst and rate allow, and loses none",
    [
      FastCheck.integer({ min: 1, max: 50 }),
      FastCheck.integer({ min: 1, max: 20 }),
      FastCheck.array(FastCheck.tuple(FastCheck.nat({ max: 300 }), FastCheck.nat({ max: 30 })), { maxLength: 6 })
    ],
    ([rate, burst, pattern]) =>
      Effect.gen(function* () {
        const { ann, answers } = yield* withStranger({ rate, burst, joinTimeout: Duration.infinity })
        let [elapsed, sent] = [0, 0]
        for (const [millis, lines] of pattern) {
          yield* ann.sends("PING\n".repeat(lines))
          sent += lines
          yield* TestClock.adjust(Duration.millis(millis))
          elapsed += millis
          assert.isAtMost(answers(), burst + (rate * elapsed) / 1000)
        }
        yield* TestClock.adjust(Duration.seconds(Math.ceil(sent / rate)))
        assert.strictEqual(answers(), sent)
      }),
    { fastCheck: { numRuns: 25 } }
  )
})

describe("no rate limit applies", () => {
  const everything = Effect.fn(function* (address: string, limits: Parameters<typeof inMemory>[0]) {
    const { connectsFrom } = yield* inMemory(limits)
    const ann = yield* connectsFrom(address)
    yield* ann.sends(`JOIN ann\n${"PING\n".repeat(500)}QUIT\n`)
    assert.strictEqual((yield* ann.isLeft).length, 501)
  })

  for (const address of ["127.0.0.1", "::1"]) {
    it.scoped(`to a client at ${address}`, () => everything(address, { rate: 1, burst: 1 }))
  }
  for (const off of ["rate", "burst"]) {
    it.scoped(`if the ${off} is infinite`, () => everything(STRANGER, { [off]: Number.POSITIVE_INFINITY }))
  }
})
