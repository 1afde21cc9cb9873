import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import type { Person } from "../support/Person.ts"
import { inMemory } from "../support/World.ts"

/** The first reply was queued behind the waiting messages. The second one is to a line read after the wait. */
const goesOn = (person: Person) => Effect.zipRight(person.types("PING"), Effect.zipRight(person.hears, person.hears))

describe("the server counts", () => {
  it.scoped("each line by its command, from registered and unregistered clients", () =>
    Effect.gen(function* () {
      const { connects, joins, metrics } = yield* inMemory({ maxLine: 20 })
      const ann = yield* joins("ann")
      yield* joins("bob")
      const stranger = yield* connects
      yield* ann.types(
        "LIST\nMESG bob hi\nMESG nobody hi\nBCST hi\nwhat?\n\nJOIN ann\nPING x\nBCST a line that is too long\nQUIT"
      )
      yield* ann.isLeft
      yield* stranger.types("PING\nMESG bob hi")
      yield* stranger.hears
      yield* stranger.hears
      assert.deepInclude(metrics.lines, {
        join: 3,
        list: 1,
        mesg: 3,
        bcst: 1,
        ping: 2,
        quit: 1,
        unknown: 1,
        tooLong: 1
      })
    })
  )

  it.scoped("a message once for each recipient, and the bytes read from and sent to clients", () =>
    Effect.gen(function* () {
      const { joins, metrics, connections } = yield* inMemory()
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const cat = yield* joins("cat")
      const lines = "MESG bob hi\nMESG nobody hi\nMESG bob\nBCST hello\nPING\n"
      yield* ann.sends(lines)
      for (let count = 0; count < 3; count++) yield* ann.hears
      yield* cat.hears
      assert.strictEqual(metrics.lines.deliveries, 3)
      assert.strictEqual(metrics.bytesIn, "JOIN ann\nJOIN bob\nJOIN cat\n".length + lines.length)
      yield* bob.types("QUIT")
      yield* bob.isLeft
      const open = [...connections.sessions].map(({ outbox }) => outbox.sent)
      const sent = [ann, bob, cat].map((person) => person.received().length)
      assert.deepStrictEqual(open, [sent[0], sent[2]])
      assert.strictEqual(metrics.bytesOut, sent[1])
    })
  )

  it.scoped("the bytes of an HTTP request, however they are cut", () =>
    Effect.gen(function* () {
      const { connects, metrics } = yield* inMemory()
      const parts = ["GET / HT", "TP/1.1\r\nHost: localhost", "\r\nX: 1\r\n", "\r\n"]
      const browser = yield* connects
      for (const part of parts) yield* browser.sends(part)
      yield* browser.isLeft
      assert.strictEqual(metrics.bytesIn, parts.join("").length)
    })
  )

  it.scoped("connections by their ending, and refusals by a full room", () =>
    Effect.gen(function* () {
      const { connects, joins, metrics, connections } = yield* inMemory({
        maxUsers: 2,
        joinTimeout: Duration.minutes(1)
      })
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const eve = yield* connects
      yield* eve.types("JOIN eve")
      yield* eve.isLeft
      yield* ann.types("QUIT")
      yield* ann.isLeft
      yield* bob.breaks("ECONNRESET")
      const stranger = yield* connects
      yield* TestClock.adjust("1 minutes")
      yield* stranger.isLeft
      assert.strictEqual(metrics.accepted, 4)
      assert.deepStrictEqual(metrics.refused, { too_many_users: 1, too_many_connections: 0 })
      assert.deepInclude(metrics.endings, { databaseFull: 1, quit: 1, connectionError: 1, registrationTimedOut: 1 })
      assert.strictEqual(connections.size, 0)
    })
  )

  it.scoped("the number and the duration of waits for a recipient that does not read", () =>
    Effect.gen(function* () {
      const { joins, metrics } = yield* inMemory({ outbox: 100, patience: Duration.seconds(5) })
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const fill = `MESG bob ${"x".repeat(70)}\nMESG bob ${"y".repeat(70)}\nPING`
      yield* bob.stalls
      yield* ann.types(fill)
      yield* TestClock.adjust("3 seconds")
      assert.deepInclude(metrics, { waits: 1, waitSeconds: 0 })
      yield* bob.resumes
      yield* goesOn(ann)
      assert.deepInclude(metrics, { waits: 1, waitSeconds: 3 })
      yield* bob.stalls
      yield* ann.types(fill)
      yield* TestClock.adjust("5 seconds")
      yield* goesOn(ann)
      assert.deepInclude(metrics, { waits: 2, waitSeconds: 8 })
      assert.strictEqual(metrics.endings.slowConsumer, 1)
    })
  )

  it.scoped("the waits of a client that does not take its own answers", () =>
    Effect.gen(function* () {
      const { connects, joins, metrics } = yield* inMemory({ outbox: 100, patience: Duration.seconds(5) })
      yield* joins("ann")
      const eve = yield* connects
      yield* eve.stalls
      yield* eve.types("JOIN ann\nJOIN ann\nJOIN ann")
      yield* TestClock.adjust("3 seconds")
      assert.deepInclude(metrics, { waits: 1, waitSeconds: 0 })
      yield* eve.resumes
      yield* Effect.replicateEffect(eve.hears, 3)
      assert.deepInclude(metrics, { waits: 1, waitSeconds: 3 })
    })
  )

  it.scoped("sessions ended by a shutdown, after which it accepts no connection", () =>
    Effect.gen(function* () {
      const { joins, metrics, connections, shutsDown } = yield* inMemory()
      yield* joins("ann")
      assert.isTrue(connections.isAccepting)
      yield* shutsDown
      assert.isFalse(connections.isAccepting)
      assert.strictEqual(metrics.endings.serverShuttingDown, 1)
    })
  )
})

describe("a session", () => {
  it.scoped("has the time of its connect, and after JOIN the time of its JOIN", () =>
    Effect.gen(function* () {
      const { connects, connections } = yield* inMemory()
      yield* TestClock.adjust("2 seconds")
      const ann = yield* connects
      const since = () => [...connections.sessions].map((session) => session.since)
      assert.deepStrictEqual(since(), [2000])
      yield* TestClock.adjust("3 seconds")
      yield* ann.types("JOIN ann")
      yield* ann.hears
      assert.deepStrictEqual(since(), [5000])
    })
  )
})
