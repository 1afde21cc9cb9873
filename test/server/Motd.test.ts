import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { HELD_ANSWERS } from "../../src/Limits.ts"
import { inMemory } from "../support/World.ts"

const MOTD = "Welcome.\r\n\r\nBe kind, é.\r\n"
const welcome = ["Welcome.", "", "Be kind, é."]

/** The bytes by which a TLS hello is recognized. */
const TLS_HELLO = Uint8Array.of(0x16, 0x03)

describe("the message of the day", () => {
  it.scoped("comes before the answer to the first line", () =>
    Effect.gen(function* () {
      const { connects } = yield* inMemory({}, MOTD)
      const ann = yield* connects
      yield* ann.sends("JOIN ann\nPING\n")
      const heard = yield* Effect.replicateEffect(ann.hears, 5)
      assert.deepStrictEqual(heard, [...welcome, "JOIN ann Request Accepted", "PONG"])
    })
  )

  it.scoped("comes to a silent client after half a second, and once", () =>
    Effect.gen(function* () {
      const { connects } = yield* inMemory({}, MOTD)
      const ann = yield* connects
      yield* TestClock.adjust("499 millis")
      assert.strictEqual(ann.received().length, 0)
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* Effect.replicateEffect(ann.hears, 3), welcome)
      yield* ann.types("JOIN ann")
      assert.strictEqual(yield* ann.hears, "JOIN ann Request Accepted")
      yield* TestClock.adjust("1 seconds")
      yield* ann.types("PING")
      assert.strictEqual(yield* ann.hears, "PONG")
    })
  )

  it.scoped("comes to a client that is silent inside TLS half a second after a long handshake", () =>
    Effect.gen(function* () {
      const { connectsForTls } = yield* inMemory({}, MOTD)
      const ann = yield* connectsForTls(Effect.sleep("2 seconds"))
      yield* ann.sends(TLS_HELLO)
      yield* TestClock.adjust("2499 millis")
      assert.strictEqual(ann.received().length, 0)
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* Effect.replicateEffect(ann.hears, 3), welcome)
    })
  )

  it.scoped("comes before telnet's answers, which wait for it", () =>
    Effect.gen(function* () {
      const { connects } = yield* inMemory({}, MOTD)
      const ann = yield* connects
      yield* ann.sends(Uint8Array.of(255, 246))
      yield* TestClock.adjust("499 millis")
      assert.strictEqual(ann.received().length, 0)
      yield* TestClock.adjust("1 millis")
      assert.deepStrictEqual(yield* Effect.replicateEffect(ann.hears, 4), [...welcome, "[Yes]"])
    })
  )

  it.scoped("comes sooner to a client that asks telnet for more answers than are kept", () =>
    Effect.gen(function* () {
      const { connects } = yield* inMemory({}, MOTD)
      const ann = yield* connects
      yield* ann.sends(new Uint8Array(2 * HELD_ANSWERS).map((_, index) => [255, 246][index % 2] ?? 0))
      assert.strictEqual(ann.received().length, 0)
      yield* ann.sends(Uint8Array.of(255, 246))
      assert.deepStrictEqual(yield* Effect.replicateEffect(ann.hears, 4), [...welcome, "[Yes]"])
    })
  )

  it.scoped("is not sent to an HTTP client", () =>
    Effect.gen(function* () {
      const { connects, log } = yield* inMemory({}, MOTD)
      const browser = yield* connects
      yield* browser.sends("GET / HT")
      yield* browser.sends("TP/1.1\r\nHost: x\r\n\r\nJOIN evil\r\n")
      const answer = yield* browser.isLeft
      assert.strictEqual(answer[0], "HTTP/1.1 404 Not Found")
      assert.strictEqual(log.lines.at(-1), `Client (${browser.fd}): HTTP Request. Disconnecting User.`)
    })
  )

  it.scoped("is not sent when there is none", () =>
    Effect.gen(function* () {
      const { connects } = yield* inMemory()
      const ann = yield* connects
      yield* TestClock.adjust("1 seconds")
      yield* ann.types("JOIN ann")
      assert.strictEqual(yield* ann.hears, "JOIN ann Request Accepted")
    })
  )
})
