/** Peers that read or write slowly, or that close only their sending half. */
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { leavings } from "../support/leaving.ts"
import { inMemory, overTcp } from "../support/World.ts"

describe("a peer that reads a byte a second", () => {
  const limits = { outbox: 100, patience: Duration.seconds(5) }

  it.scoped("stays connected while its outbox has room for its messages", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory(limits)
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      yield* bob.stalls
      for (let message = 0; message < 20; message++) {
        yield* ann.types(`MESG bob message ${message % 10}\nPING`)
        assert.strictEqual(yield* ann.hears, "PONG")
        for (let second = 0; second < 21; second++) {
          yield* TestClock.adjust("1 seconds")
          yield* bob.takes(1)
        }
        assert.strictEqual(yield* bob.hears, `FROM ann: message ${message % 10}`)
      }
      assert.deepStrictEqual(leavings(log.lines, bob.fd), [])
    })
  )

  it.scoped("delays a sender no longer than the patience", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory(limits)
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      yield* bob.stalls
      // The second message fits after bob has read 42 bytes. Bob reads five.
      yield* ann.types(`MESG bob ${"1".repeat(60)}\nMESG bob ${"2".repeat(60)}\nPING`)
      const pong = yield* Effect.fork(ann.hears)
      for (let second = 0; second < 5; second++) {
        assert.deepStrictEqual(leavings(log.lines, bob.fd), [])
        yield* bob.takes(1)
        yield* TestClock.adjust("1 seconds")
      }
      assert.strictEqual(yield* Fiber.join(pong), "PONG")
      assert.deepStrictEqual(leavings(log.lines, bob.fd), ["Client (6): Slow Consumer. Disconnecting User."])
    })
  )

  it.scopedLive("is served over TCP, and disconnected once a sender has waited for the patience", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* overTcp({ outbox: 20_000, patience: Duration.millis(300) })
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      bob.socket.pause()
      const readsAByte = Effect.zipRight(
        Effect.sync(() => void bob.socket.read(1)),
        Effect.sleep("5 millis")
      )
      yield* Effect.fork(Effect.forever(readsAByte))
      yield* ann.types("MESG bob hi")
      assert.strictEqual(yield* bob.hears, "FROM ann: hi")
      assert.deepStrictEqual(leavings(log.lines, bob.fd), [])
      yield* ann.sends(`MESG bob ${"x".repeat(4000)}\n`.repeat(4000))
      yield* ann.types("PING")
      yield* log.says(`Client (${bob.fd}): Slow Consumer. Disconnecting User.`)
      yield* Effect.repeat(ann.hears, { until: (line) => line === "PONG" })
      assert.deepStrictEqual(leavings(log.lines, ann.fd), [])
    })
  )
})

describe("a peer that sends a byte a second", () => {
  it.scoped("has its lines executed", () =>
    Effect.gen(function* () {
      const { connects, joins } = yield* inMemory()
      const bob = yield* joins("bob")
      const ann = yield* connects
      for (const byte of Buffer.from("JOIN ann\r\nMESG bob né €\r\n")) {
        yield* ann.sends(Uint8Array.of(byte))
        yield* TestClock.adjust("1 seconds")
      }
      assert.strictEqual(yield* ann.hears, "JOIN ann Request Accepted")
      assert.strictEqual(yield* bob.hears, "FROM ann: né €")
    })
  )

  it.scoped("has the same join timeout as any client", () =>
    Effect.gen(function* () {
      const { connects } = yield* inMemory({ joinTimeout: Duration.minutes(1) })
      const ann = yield* connects
      const left = yield* Effect.fork(ann.isLeft)
      for (let second = 0; second < 60; second++) {
        yield* ann.sends("x")
        yield* TestClock.adjust("1 seconds")
      }
      assert.deepStrictEqual(yield* Fiber.join(left), ["Registration Timed Out. Disconnecting User."])
    })
  )
})

describe("a peer that closes its sending half and reads nothing", () => {
  it.scopedLive("is closed at the drain timeout", () =>
    Effect.gen(function* () {
      const { joins, log, shutsDown } = yield* overTcp({ drainTimeout: Duration.millis(100), outbox: 20_000_000 })
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      bob.socket.pause()
      // More than the kernel buffers for a peer that does not read.
      yield* ann.sends(`MESG bob ${"x".repeat(4000)}\n`.repeat(3000))
      yield* ann.types("PING")
      assert.strictEqual(yield* ann.hears, "PONG")
      yield* bob.hangsUp
      yield* log.says(`Client (${bob.fd}): Connection Closed. Disconnecting User.`)
      ann.socket.on("end", () => ann.socket.end())
      // The shutdown ends when every connection is closed.
      yield* shutsDown
      assert.deepStrictEqual(leavings(log.lines, bob.fd).length, 1)
    })
  )
})
