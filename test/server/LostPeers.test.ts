import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as TestClock from "effect/TestClock"
import * as LostPeers from "../../src/server/LostPeers.ts"
import { OpenConnections } from "../../src/server/OpenConnections.ts"
import { leavings } from "../support/leaving.ts"
import type { Person } from "../support/Person.ts"
import { inMemory } from "../support/World.ts"

const inodeOf = (fd: number): number => 1000 + fd

/** A server in memory, and the retransmissions that its system reports. The first sweep is after 10 seconds. */
const watched = Effect.gen(function* () {
  const world = yield* inMemory()
  const retransmitting = new Map<number, LostPeers.Retransmission>()
  const seen = { sweeps: 0, lookUps: 0 }
  const sockets: LostPeers.Sockets = {
    retransmitting: Effect.sync(() => {
      seen.sweeps++
      return new Map(retransmitting)
    }),
    inodeOf: (fd) => {
      seen.lookUps++
      return inodeOf(fd)
    }
  }
  const connections = Layer.succeed(OpenConnections, world.connections)
  yield* Layer.build(Layer.provide(LostPeers.layer(sockets), connections))
  const report = ({ fd }: Pick<Person, "fd">, count: number, unacknowledged = 100) =>
    Effect.sync(() => {
      if (count > 0) retransmitting.set(inodeOf(fd), { count, unacknowledged })
      else retransmitting.delete(inodeOf(fd))
    })
  const leavingsOf = ({ fd }: Person) => leavings(world.log.lines, fd)
  return { ...world, seen, report, leavingsOf }
})

/** Retransmissions of a vanished peer after 10, 20, 30 ... seconds, where the first is after 200 ms and each interval doubles. */
const BACKOFF = [5, 6, 7, 7, 7, 8, 8, 8, 8, 8, 9, 9]

const timedOut = ({ fd }: Person) => [`Client (${fd}): Connection Error (ETIMEDOUT). Disconnecting User.`]

describe("a peer that acknowledges nothing", () => {
  it.scoped("is disconnected when each sweep of 60 seconds has seen it retransmit, and not a second before", () =>
    Effect.gen(function* () {
      const { connections, joins, leavingsOf, report, roster } = yield* watched
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      for (const count of BACKOFF.slice(0, 6)) {
        yield* report(bob, count)
        yield* TestClock.adjust("10 seconds")
      }
      yield* report(bob, 8)
      // 69 seconds have passed since it was written to, and 59 since the first sweep that saw a retransmission.
      yield* TestClock.adjust("9 seconds")
      assert.deepStrictEqual(leavingsOf(bob), [])
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(leavingsOf(bob), timedOut(bob))
      assert.deepStrictEqual(leavingsOf(ann), [])
      assert.deepStrictEqual(
        (yield* roster).members.map(({ name }) => name),
        ["ann"]
      )
      assert.strictEqual(connections.size, 1)
    })
  )

  it.scoped("is disconnected together with others that vanished at the same time, and nobody else is", () =>
    Effect.gen(function* () {
      const { joins, leavingsOf, report, seen } = yield* watched
      const people = yield* Effect.forEach(["ann", "bob", "cat", "dan", "eve"], joins)
      const [ann, bob, cat, ...others] = people
      const vanished = [ann, bob, cat].flatMap((person) => person ?? [])
      for (const count of BACKOFF) {
        for (const person of vanished) yield* report(person, count)
        yield* TestClock.adjust("10 seconds")
      }
      for (const person of vanished) assert.deepStrictEqual(leavingsOf(person), timedOut(person))
      for (const person of others) assert.deepStrictEqual(leavingsOf(person), [])
      assert.strictEqual(seen.lookUps, people.length)
    })
  )

  it.scoped("is looked up once, although the socket is that of another program", () =>
    Effect.gen(function* () {
      const { joins, leavingsOf, report, seen } = yield* watched
      const ann = yield* joins("ann")
      for (const count of [...BACKOFF, ...BACKOFF.map((count) => count + 5)]) {
        yield* report({ fd: 500 }, count)
        yield* TestClock.adjust("10 seconds")
      }
      assert.strictEqual(seen.lookUps, 1)
      assert.deepStrictEqual(leavingsOf(ann), [])
    })
  )
})

describe("a vanished peer is found 60 to 75 seconds after the first message that it misses", () => {
  it.each([0.2, 0.25, 0.3, 0.5, 0.7, 1, 1.5, 2, 3])(
    "with a first interval of %d s, whenever the sweeps are",
    (interval) => {
      for (let first = 0; first < 10; first += 0.25) {
        let suspect: LostPeers.Suspect | undefined
        let time = first
        for (; suspect?.isLost !== true; time += 10) {
          // Retransmission n is sent at interval * (2 ** n - 1).
          const count = Math.floor(Math.log2(time / interval + 1))
          if (count > 0) suspect = LostPeers.observe({ count, unacknowledged: 100 }, suspect, 6)
        }
        assert.isAtLeast(time - 10, 60)
        assert.isAtMost(time - 10, 75)
      }
    }
  )
})

describe("a living peer is never disconnected", () => {
  const survives = (
    name: string,
    observations: (sweep: number) => { readonly count: number; readonly unacknowledged: number }
  ) =>
    it.scoped(name, () =>
      Effect.gen(function* () {
        const { joins, leavingsOf, report, seen } = yield* watched
        const bob = yield* joins("bob")
        for (let sweep = 0; sweep < 100; sweep++) {
          const { count, unacknowledged } = observations(sweep)
          yield* report(bob, count, unacknowledged)
          yield* TestClock.adjust("10 seconds")
        }
        assert.strictEqual(seen.sweeps, 100)
        assert.deepStrictEqual(leavingsOf(bob), [])
      })
    )

  survives("when one sweep of each minute sees no retransmission", (sweep) => ({
    count: sweep % 6 === 5 ? 0 : (BACKOFF[sweep % 6] ?? 0),
    unacknowledged: 100
  }))

  survives("when it acknowledges something between two sweeps of each minute", (sweep) => ({
    count: BACKOFF[sweep % 6] ?? 0,
    unacknowledged: 100 + sweep
  }))

  survives("when fewer bytes are unacknowledged once in each minute", (sweep) => ({
    count: Math.min(15, 1 + sweep),
    unacknowledged: 100 + (sweep % 6)
  }))

  survives("when it answers each retransmission with a window of zero, which stops the count", (sweep) => ({
    count: Math.min(sweep + 1, 3),
    unacknowledged: 8000
  }))
})

describe("the sweep", () => {
  it.scoped("reads nothing while there is no connection, and forgets what it saw before", () =>
    Effect.gen(function* () {
      const { connects, leavingsOf, report, seen } = yield* watched
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(seen.sweeps, 0)
      const ann = yield* connects
      yield* report(ann, 5)
      yield* TestClock.adjust("60 seconds")
      assert.strictEqual(seen.sweeps, 6)
      yield* ann.breaks("ECONNRESET")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(seen.sweeps, 6)
      const bob = yield* connects
      assert.strictEqual(bob.fd, ann.fd)
      yield* report(bob, 6)
      yield* TestClock.adjust("60 seconds")
      assert.strictEqual(seen.sweeps, 12)
      assert.strictEqual(leavingsOf(bob).length, 1)
    })
  )
})
