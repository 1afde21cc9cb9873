import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import { leavings } from "../support/leaving.ts"
import type { Person } from "../support/Person.ts"
import { inMemory } from "../support/World.ts"

/** A new key of a member. */
const keyOf = (person: Person) =>
  Effect.gen(function* () {
    yield* person.types("KEY")
    const line = yield* person.hears
    assert.match(line, /^KEY [0-9a-f]{32}$/)
    return line.slice(4)
  })

const REFUSED = "Unable to Reclaim (ann). RECLAIM Discarded."

describe("RECLAIM with the key", () => {
  it.scoped("takes the seat with its place in LIST, and ends the old connection", () =>
    Effect.gen(function* () {
      const { connects, joins, log } = yield* inMemory()
      const old = yield* joins("Ann")
      yield* joins("bob")
      const key = yield* keyOf(old)
      const ann = yield* connects
      yield* ann.types(`RECLAIM ANN ${key}\nLIST`)
      assert.strictEqual(yield* ann.hears, "RECLAIM Ann Request Accepted")
      yield* Effect.replicateEffect(ann.hears, 2)
      assert.strictEqual(yield* ann.hears, `Ann                    ${ann.fd}`)
      assert.deepStrictEqual(yield* old.isLeft, ["Session Reclaimed. Disconnecting User."])
      const told = log.lines.filter((line) => line.includes("eclaim") || line.includes("RECLAIM"))
      assert.deepStrictEqual(told, [
        `Client (${old.fd}): Session Reclaimed. Disconnecting User.`,
        `Client (${ann.fd}): RECLAIM Ann`
      ])
      assert.isFalse(JSON.stringify(log.events).includes(key))
    })
  )

  it.scoped("moves the messages that the old connection had not been sent, in order, before newer ones", () =>
    Effect.gen(function* () {
      const { connects, joins } = yield* inMemory({ outbox: 100, patience: Duration.seconds(5) })
      const old = yield* joins("ann")
      const bob = yield* joins("bob")
      const key = yield* keyOf(old)
      yield* old.stalls
      const texts = ["1", "2", "3"].map((digit) => digit.repeat(60))
      yield* old.types("PING")
      yield* bob.types(texts.map((text) => `MESG ann ${text}`).join("\n"))
      yield* TestClock.adjust("4 seconds")
      const ann = yield* connects
      yield* ann.types(`RECLAIM ann ${key}`)
      assert.strictEqual(yield* ann.hears, "RECLAIM ann Request Accepted")
      for (const text of texts) assert.strictEqual(yield* ann.hears, `FROM bob: ${text}`)
      yield* bob.types("MESG ann newer")
      assert.strictEqual(yield* ann.hears, "FROM bob: newer")
      yield* old.resumes
      assert.deepStrictEqual(yield* old.isLeft, ["PONG", "Session Reclaimed. Disconnecting User."])
    })
  )

  it.scoped("leaves a line that was begun to the old connection", () =>
    Effect.gen(function* () {
      const { connects, joins } = yield* inMemory()
      const old = yield* joins("ann")
      const bob = yield* joins("bob")
      const key = yield* keyOf(old)
      yield* old.stalls
      yield* bob.types("MESG ann first\nMESG ann second\nPING")
      assert.strictEqual(yield* bob.hears, "PONG")
      yield* old.takes(5)
      const ann = yield* connects
      yield* ann.types(`RECLAIM ann ${key}`)
      assert.strictEqual(yield* ann.hears, "RECLAIM ann Request Accepted")
      assert.strictEqual(yield* ann.hears, "FROM bob: second")
      yield* old.resumes
      assert.deepStrictEqual(yield* old.isLeft, ["FROM bob: first", "Session Reclaimed. Disconnecting User."])
    })
  )

  it.scoped("leaves a reply that waits for room whole to the old connection", () =>
    Effect.gen(function* () {
      const { connects, joins, log } = yield* inMemory({ outbox: 100 })
      const old = yield* joins("ann")
      const key = yield* keyOf(old)
      yield* old.stalls
      yield* old.types("LIST")
      yield* log.says(`Client (${old.fd}): LIST`)
      const ann = yield* connects
      yield* ann.types(`RECLAIM ann ${key}`)
      assert.strictEqual(yield* ann.hears, "RECLAIM ann Request Accepted")
      yield* old.resumes
      const heard = yield* old.isLeft
      assert.deepStrictEqual(
        heard.map((line) => line.slice(0, 4)),
        ["USER", "----", "ann ", "----", "Sess"]
      )
    })
  )

  it.scoped("moves what the old connection sent to itself while it was held back", () =>
    Effect.gen(function* () {
      const { connects, joins } = yield* inMemory({ outbox: 100 })
      const old = yield* joins("ann")
      const bob = yield* joins("bob")
      const key = yield* keyOf(old)
      yield* bob.stalls
      yield* old.stalls
      yield* old.types(`${`MESG bob ${"x".repeat(60)}\n`.repeat(2)}MESG ann note`)
      const ann = yield* connects
      yield* ann.types(`RECLAIM ann ${key}`)
      assert.strictEqual(yield* ann.hears, "RECLAIM ann Request Accepted")
      assert.strictEqual(yield* ann.hears, "FROM ann: note")
    })
  )

  it.scoped("ends an old connection that waits for room, though there is none at the new one", () =>
    Effect.gen(function* () {
      const { connectsStalled, joins, log } = yield* inMemory({ outbox: 100 })
      const old = yield* joins("ann")
      const bob = yield* joins("bob")
      const key = yield* keyOf(old)
      yield* old.stalls
      yield* bob.types(`MESG ann ${"x".repeat(60)}\n`.repeat(2))
      yield* old.types(`MESG ann ${"y".repeat(60)}\n`.repeat(2))
      const ann = yield* connectsStalled
      yield* ann.types(`RECLAIM ann ${key}`)
      yield* log.says(`Client (${ann.fd}): RECLAIM ann`)
      assert.deepStrictEqual(leavings(log.lines, old.fd), [
        `Client (${old.fd}): Session Reclaimed. Disconnecting User.`
      ])
    })
  )

  it.scoped("gives whoever waits for room a new patience", () =>
    Effect.gen(function* () {
      const { connectsStalled, joins, log } = yield* inMemory({ outbox: 100, patience: Duration.seconds(5) })
      const old = yield* joins("ann")
      const bob = yield* joins("bob")
      const key = yield* keyOf(old)
      yield* old.stalls
      yield* bob.types(`${"MESG ann ".concat("x".repeat(60), "\n").repeat(3)}PING`)
      yield* TestClock.adjust("4 seconds")
      const ann = yield* connectsStalled
      yield* ann.types(`RECLAIM ann ${key}`)
      yield* TestClock.adjust("4 seconds")
      assert.deepStrictEqual(leavings(log.lines, ann.fd), [])
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(leavings(log.lines, ann.fd), [`Client (${ann.fd}): Slow Consumer. Disconnecting User.`])
      assert.strictEqual(yield* bob.hears, "PONG")
    })
  )

  it.scoped("keeps the order of what the old and the new connection send to a full recipient", () =>
    Effect.gen(function* () {
      const { connects, joins } = yield* inMemory({ outbox: 100, patience: Duration.hours(1) })
      const cat = yield* joins("cat")
      const old = yield* joins("ann")
      const key = yield* keyOf(old)
      yield* cat.stalls
      const text = "x".repeat(60)
      yield* old.types([1, 2, 3].map((number) => `MESG cat ${number} ${text}`).join("\n"))
      const ann = yield* connects
      yield* ann.types(`RECLAIM ann ${key}\nMESG cat 4 ${text}\nMESG cat 5 ${text}`)
      yield* ann.hears
      yield* cat.resumes
      for (const number of [1, 2, 3, 4, 5]) assert.strictEqual(yield* cat.hears, `FROM ann: ${number} ${text}`)
    })
  )

  it.scoped("keeps the order of what two users have sent, one after the other under one name", () =>
    Effect.gen(function* () {
      const { connects, joins, log } = yield* inMemory({ outbox: 100, patience: Duration.hours(1) })
      const old = yield* joins("ann")
      const bob = yield* joins("bob")
      const key = yield* keyOf(old)
      yield* old.types("WATCH")
      yield* old.hears
      yield* old.stalls
      const says = (digit: number) => `MESG ann ${String(digit).repeat(60)}\n`
      yield* bob.sends([1, 2, 3, 4].map(says).join(""))
      yield* bob.breaks("ECONNRESET")
      yield* log.says(`Client (${bob.fd}): Connection Error (ECONNRESET). Disconnecting User.`)
      const later = yield* joins("bob")
      yield* later.sends([5, 6].map(says).join(""))
      const ann = yield* connects
      yield* ann.types(`RECLAIM ann ${key}`)
      assert.strictEqual(yield* ann.hears, "RECLAIM ann Request Accepted")
      const heard = yield* Effect.replicateEffect(ann.hears, 6)
      assert.deepStrictEqual(
        heard.map((line) => line.slice(-1)),
        ["1", "2", "3", "4", "5", "6"]
      )
    })
  )

  it.scoped("uses the key up, keeps no WATCH, and tells nobody", () =>
    Effect.gen(function* () {
      const { connects, joins } = yield* inMemory()
      const old = yield* joins("ann")
      const bob = yield* joins("bob")
      yield* bob.types("WATCH")
      yield* bob.hears
      yield* old.types("WATCH")
      yield* old.hears
      const key = yield* keyOf(old)
      const ann = yield* connects
      yield* ann.types(`RECLAIM ann ${key}`)
      assert.strictEqual(yield* ann.hears, "RECLAIM ann Request Accepted")
      yield* bob.types("MESG ann hi\nPING")
      assert.strictEqual(yield* bob.hears, "PONG")
      assert.strictEqual(yield* ann.hears, "FROM bob: hi")
      const late = yield* connects
      yield* late.types(`RECLAIM ann ${key}`)
      assert.strictEqual(yield* late.hears, REFUSED)
    })
  )
})

describe("RECLAIM without it", () => {
  it.scoped("is refused in the same words whatever the reason", () =>
    Effect.gen(function* () {
      const { connects, joins } = yield* inMemory()
      const ann = yield* joins("ann")
      const former = yield* keyOf(ann)
      const key = yield* keyOf(ann)
      const refused = [`ann ${former}`, `ann ${key.toUpperCase()}`, `ann ${key} `, "ann"]
      for (const words of refused) {
        const stranger = yield* connects
        yield* stranger.types(`RECLAIM ${words}`)
        assert.strictEqual(yield* stranger.hears, REFUSED)
      }
      const stranger = yield* connects
      yield* stranger.types(`RECLAIM eve ${key}`)
      assert.strictEqual(yield* stranger.hears, "Unable to Reclaim (eve). RECLAIM Discarded.")
      yield* ann.types("PING")
      assert.strictEqual(yield* ann.hears, "PONG")
    })
  )

  it.scoped("ends the connection at the fifth refusal", () =>
    Effect.gen(function* () {
      const { connects, joins, log } = yield* inMemory()
      yield* joins("ann")
      const eve = yield* connects
      yield* eve.types(`${"RECLAIM ann 0\n".repeat(5)}HELP`)
      assert.deepStrictEqual(yield* eve.isLeft, [
        ...Array.from({ length: 5 }, () => REFUSED),
        "Too Many Attempts. Disconnecting User."
      ])
      assert.deepStrictEqual(leavings(log.lines, eve.fd), [
        `Client (${eve.fd}): Too Many Attempts. Disconnecting User.`
      ])
      assert.strictEqual(log.lines.filter((line) => line.endsWith("Unable to Reclaim. Discarding RECLAIM.")).length, 5)
    })
  )

  it.scoped("is refused once the seat's leaving has begun", () =>
    Effect.gen(function* () {
      const { connects, joins } = yield* inMemory()
      const ann = yield* joins("ann")
      const key = yield* keyOf(ann)
      yield* ann.breaks("ECONNRESET")
      const late = yield* connects
      yield* late.types(`RECLAIM ann ${key}`)
      assert.strictEqual(yield* late.hears, REFUSED)
    })
  )
})
