/** Resets of a connection in each state of its session. */
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { leavings } from "../support/leaving.ts"
import { overTcp } from "../support/World.ts"

type World = Effect.Effect.Success<ReturnType<typeof overTcp>>
type Caller = Effect.Effect.Success<World["connects"]>

const resets = (caller: Caller) => Effect.sync(() => void caller.socket.resetAndDestroy())

const RESET = "Connection Error (ECONNRESET). Disconnecting User."

/** Waits for the leaving line of the client, then checks that there is no second one. */
const hasLeft = ({ joins, log }: World, caller: Caller) =>
  Effect.gen(function* () {
    yield* log.says(`Client (${caller.fd}): ${RESET}`)
    const next = yield* joins("next")
    yield* next.types("PING")
    assert.strictEqual(yield* next.hears, "PONG")
    yield* next.types("QUIT")
    yield* next.isLeft
    if (next.fd !== caller.fd) assert.strictEqual(leavings(log.lines, caller.fd).length, 1)
  })

describe("a reset", () => {
  it.scopedLive("of a client that has not registered ends its session", () =>
    Effect.gen(function* () {
      const world = yield* overTcp()
      const ann = yield* world.connects
      yield* resets(ann)
      yield* hasLeft(world, ann)
    })
  )

  it.scopedLive("in the middle of a line ends the session, and the half line is not executed", () =>
    Effect.gen(function* () {
      const world = yield* overTcp()
      const bob = yield* world.joins("bob")
      const ann = yield* world.joins("ann")
      yield* ann.types("PING")
      yield* ann.sends("MESG bob half a l")
      assert.strictEqual(yield* ann.hears, "PONG")
      yield* resets(ann)
      yield* hasLeft(world, ann)
      yield* bob.types("PING")
      assert.strictEqual(yield* bob.hears, "PONG")
    })
  )

  it.scopedLive("of a client that waits for a recipient loses no line that the server has processed", () =>
    Effect.gen(function* () {
      const world = yield* overTcp({ outbox: 20_000, patience: Duration.minutes(1) })
      const bob = yield* world.joins("bob")
      const ann = yield* world.joins("ann")
      bob.socket.pause()
      const text = "x".repeat(1000)
      yield* ann.sends(Array.from({ length: 12_000 }, (_, index) => `MESG bob ${index} ${text}\n`).join(""))
      yield* heldBack(world, ann)
      yield* resets(ann)
      // The server does not read from ann now, so it does not see the reset yet.
      bob.socket.resume()
      // After a partial read libuv reports a hung up socket as the end of input, without the error behind it.
      const endings = [RESET, "Connection Closed. Disconnecting User."].map((why) => `Client (${ann.fd}): ${why}`)
      while (!endings.some((line) => world.log.lines.includes(line))) yield* world.log.news
      const taken = world.log.lines.filter((line) => line === `Client (${ann.fd}): MESG bob`).length
      for (let index = 0; index < taken; index++) assert.strictEqual(yield* bob.hears, `FROM ann: ${index} ${text}`)
      assert.strictEqual(leavings(world.log.lines, ann.fd).length, 1)
      yield* bob.types("PING")
      assert.strictEqual(yield* bob.hears, "PONG")
    })
  )

  it.scopedLive("of a recipient lets its waiting sender continue at once", () =>
    Effect.gen(function* () {
      const world = yield* overTcp({ outbox: 20_000, patience: Duration.hours(1) })
      const bob = yield* world.joins("bob")
      const ann = yield* world.joins("ann")
      bob.socket.pause()
      yield* ann.sends(`MESG bob ${"x".repeat(1000)}\n`.repeat(12_000))
      yield* ann.types("PING")
      yield* heldBack(world, ann)
      yield* resets(bob)
      // Later messages have no recipient, and are answered.
      yield* Effect.repeat(ann.hears, { until: (line) => line === "PONG" })
      yield* hasLeft(world, bob)
    })
  )

  it.scopedLive("while the server closes the connection changes nothing", () =>
    Effect.gen(function* () {
      const world = yield* overTcp({ drainTimeout: Duration.hours(1) })
      const ann = yield* world.joins("ann")
      yield* ann.types("QUIT")
      assert.deepStrictEqual(yield* ann.isLeft, [])
      yield* resets(ann)
      const next = yield* world.joins("ann")
      if (next.fd !== ann.fd)
        assert.deepStrictEqual(leavings(world.log.lines, ann.fd), [`Client (${ann.fd}): Disconnecting User.`])
    })
  )

  it.scopedLive("during a shutdown closes the connection without waiting for the drain timeout", () =>
    Effect.gen(function* () {
      const world = yield* overTcp({ drainTimeout: Duration.hours(1) })
      const ann = yield* world.joins("ann")
      const bob = yield* world.connects
      const end = yield* Effect.fork(world.shutsDown)
      for (const caller of [ann, bob]) {
        assert.deepStrictEqual(yield* caller.isLeft, ["Server Shutting Down. Disconnecting User."])
        yield* resets(caller)
      }
      yield* Fiber.join(end)
      for (const { fd } of [ann, bob]) assert.strictEqual(leavings(world.log.lines, fd).length, 1)
    })
  )
})

/** Waits until the server has stopped reading from a client that has sent 12,000 messages. */
const heldBack = ({ log }: World, caller: Caller): Effect.Effect<void> =>
  Effect.gen(function* () {
    const taken = () => log.lines.filter((line) => line === `Client (${caller.fd}): MESG bob`).length
    for (let before = -1; before < taken() || taken() === 0; yield* Effect.sleep("100 millis")) before = taken()
    assert.isBelow(taken(), 12_000)
  })
