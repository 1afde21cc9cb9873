import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { REFUSALS, reservedFiles, spareFiles } from "../../src/Limits.ts"
import { inMemory } from "../support/World.ts"

const FAREWELL = "Too Many Connections. Disconnecting User."

const times = <A, E, R>(count: number, effect: Effect.Effect<A, E, R>) => Effect.replicateEffect(effect, count)

describe("the connection limit", () => {
  it.scoped("a shortage of descriptors is logged once, even if no client was admitted before", () =>
    Effect.gen(function* () {
      const { connects, log } = yield* inMemory({ openFiles: 5 })
      for (let round = 0; round < 5; round++) yield* (yield* connects).isLeft
      assert.strictEqual(log.events.filter(({ event }) => event === "openFilesUsedUp").length, 1)
    })
  )

  it.scoped("a connection over the limit gets the farewell and is closed, and the log ends with its leaving line", () =>
    Effect.gen(function* () {
      const { connects, joins, log } = yield* inMemory({ maxConnections: 2 })
      yield* connects
      const ann = yield* joins("ann")
      const known = log.lines.length
      const late = yield* connects
      assert.deepStrictEqual(yield* late.isLeft, [FAREWELL])
      assert.deepStrictEqual(log.lines.slice(known), [
        "Client (7): Connection Accepted",
        "Client (7): Connection Handler Assigned",
        "Client (7): Too Many Connections. Disconnecting User."
      ])
      assert.deepInclude(log.events.at(-1), { event: "tooManyConnections", peer: "127.0.0.1:40007" })
      yield* ann.types("PING")
      assert.strictEqual(yield* ann.hears, "PONG")
    })
  )

  it.scoped("a client that leaves makes room for another one", () =>
    Effect.gen(function* () {
      const { connects, joins } = yield* inMemory({ maxConnections: 2 })
      const ann = yield* joins("ann")
      yield* connects
      for (let round = 0; round < 5; round++) yield* (yield* connects).isLeft
      yield* ann.types("QUIT")
      yield* ann.isLeft
      yield* joins("bob")
    })
  )

  it.scoped("a closing connection counts until its descriptor is closed", () =>
    Effect.gen(function* () {
      const { connects, joins } = yield* inMemory({ maxConnections: 1, drainTimeout: Duration.seconds(5) })
      const ann = yield* joins("ann")
      yield* ann.stalls
      yield* ann.types("PING\nQUIT")
      assert.deepStrictEqual(yield* (yield* connects).isLeft, [FAREWELL])
      yield* TestClock.adjust("5 seconds")
      yield* joins("ann")
    })
  )

  it.scoped("a refused client gets the farewell although hundreds of others keep theirs unread", () =>
    Effect.gen(function* () {
      const { connects, connectsStalled, log, open } = yield* inMemory({
        maxConnections: 1,
        drainTimeout: Duration.seconds(5)
      })
      yield* connects
      const crowd = yield* times(REFUSALS + 10, connectsStalled)
      // At most REFUSALS refused connections stay open. The others were closed without waiting.
      assert.strictEqual(open.size, 1 + REFUSALS)
      const late = yield* connects
      assert.deepStrictEqual(yield* late.isLeft, [FAREWELL])
      assert.strictEqual(log.lines.filter((line) => line.endsWith(FAREWELL)).length, crowd.length + 1)
      yield* TestClock.adjust("5 seconds")
      assert.strictEqual(open.size, 1)
    })
  )

  it.scoped("an infinite limit refuses no connection", () =>
    Effect.gen(function* () {
      const off = Number.POSITIVE_INFINITY
      const { connectsFrom, log } = yield* inMemory({ maxConnections: off, maxPerAddress: off })
      yield* times(300, connectsFrom("192.0.2.1"))
      assert.isFalse(log.lines.some((line) => line.endsWith(FAREWELL)))
    })
  )
})

describe("the connection limit per address", () => {
  it.scoped("a connection over the limit is refused until one from its address closes", () =>
    Effect.gen(function* () {
      const { connectsFrom } = yield* inMemory({ maxPerAddress: 2 })
      const [first] = yield* times(2, connectsFrom("192.0.2.1"))
      assert.deepStrictEqual(yield* (yield* connectsFrom("192.0.2.1")).isLeft, [FAREWELL])
      yield* times(2, connectsFrom("192.0.2.2"))
      yield* first?.types("QUIT") ?? Effect.void
      yield* first?.isLeft ?? Effect.void
      const next = yield* connectsFrom("192.0.2.1")
      yield* next.types("JOIN ann")
      assert.strictEqual(yield* next.hears, "JOIN ann Request Accepted")
      assert.deepStrictEqual(yield* (yield* connectsFrom("192.0.2.1")).isLeft, [FAREWELL])
    })
  )

  it.scoped("loopback addresses are exempt", () =>
    Effect.gen(function* () {
      const { connectsFrom, log } = yield* inMemory({ maxPerAddress: 1 })
      for (const address of ["127.0.0.1", "::1", "127.9.9.9"]) yield* times(5, connectsFrom(address))
      assert.isFalse(log.lines.some((line) => line.endsWith(FAREWELL)))
    })
  )

  it.scoped("all addresses of an IPv6 /64 network count as one address", () =>
    Effect.gen(function* () {
      const { connectsFrom } = yield* inMemory({ maxPerAddress: 1 })
      yield* connectsFrom("2001:db8:1:2::1")
      assert.deepStrictEqual(yield* (yield* connectsFrom("2001:db8:1:2:ffff::9")).isLeft, [FAREWELL])
      const neighbour = yield* connectsFrom("2001:db8:1:3::1")
      yield* neighbour.types("PING")
      assert.match(yield* neighbour.hears, /^Unregistered User/)
    })
  )
})

describe("a shortage of descriptors", () => {
  const WARNING = /^Open Files Used Up/
  /** In-memory connections have descriptors from 5 up. */
  const FIRST = 5
  /** A limit of open files that is enough for so many connections (below 188): a quarter of it is spare. */
  const roomFor = (count: number) => ({ openFiles: Math.floor(((FIRST + count) * 4) / 3) })

  it.each([
    [64, 16, 4],
    [256, 64, 16],
    [1024, 64, 16],
    [Number.POSITIVE_INFINITY, 64, 16]
  ])("is at a share of the limit: of %d, %d are spare, and %d of those reserved", (limit, spare, reserved) => {
    assert.deepStrictEqual([spareFiles(limit), reservedFiles(limit)], [spare, reserved])
  })

  it.scoped("refuses new connections, does not disturb connected clients, and is logged once", () =>
    Effect.gen(function* () {
      const { connects, joins, log } = yield* inMemory(roomFor(3))
      const ann = yield* joins("ann")
      const others = yield* times(2, connects)
      for (let round = 0; round < 5; round++) {
        assert.deepStrictEqual(yield* (yield* connects).isLeft, [FAREWELL])
      }
      assert.strictEqual(log.lines.filter((line) => WARNING.test(line)).length, 1)
      yield* ann.types("PING")
      assert.strictEqual(yield* ann.hears, "PONG")

      // Two clients leave and two others come: a second shortage.
      for (const person of others) yield* Effect.zipRight(person.types("QUIT"), person.isLeft)
      yield* times(2, connects)
      yield* (yield* connects).isLeft
      assert.strictEqual(log.lines.filter((line) => WARNING.test(line)).length, 2)
    })
  )

  it.scoped("leaves the reserved descriptors free although refused clients do not read", () =>
    Effect.gen(function* () {
      const openFiles = 300
      const { connectsStalled, open } = yield* inMemory({ openFiles })
      yield* times(500, connectsStalled)
      assert.strictEqual(open.size, openFiles - reservedFiles(openFiles) - FIRST)
    })
  )
})
