import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import type { Person } from "../support/Person.ts"
import { takesSeat } from "../support/takesSeat.ts"
import { inMemory, type Log } from "../support/World.ts"

/** Sends a command and asserts the line that answers it. */
const asks = (person: Person, command: string, answer: string) =>
  Effect.gen(function* () {
    yield* person.types(command)
    assert.strictEqual(yield* person.hears, answer)
  })

const watches = (person: Person) => asks(person, "WATCH", "WATCH Request Accepted")

/** Six private messages, of which two have room in an outbox of 120 bytes. */
const six = ["1", "2", "3", "4", "5", "6"].map((number) => `MESG ann ${number}${"x".repeat(28)}\n`).join("")

/** Sends WATCH or UNWATCH, and waits until it is dealt with, whether or not there is room for the reply. */
const requests = (log: Log, person: Person, command: "WATCH" | "UNWATCH") =>
  Effect.zipRight(person.types(command), log.says(`Client (${person.fd}): ${command}`))

/** The next lines that the client hears, without what makes the messages long. */
const hearing = (person: Person, count: number) =>
  Effect.map(Effect.replicateEffect(person.hears, count), (lines) => lines.map((line) => line.replace(/x+$/, "")))

describe("a client that WATCHes", () => {
  it.scoped("hears nobody leave at shutdown, even if they had to wait for somebody", () =>
    Effect.gen(function* () {
      const { joins, shutsDown } = yield* inMemory({ outbox: 100 })
      const bob = yield* joins("bob")
      const ann = yield* joins("ann")
      const eve = yield* joins("eve")
      yield* watches(eve)
      yield* bob.stalls
      yield* ann.sends(`${"MESG bob 0123456789012345678901234567890123456789\n".repeat(4)}BCST late\nQUIT\n`)
      assert.strictEqual(yield* eve.hears, "FROM ann: late")
      const end = yield* Effect.fork(shutsDown)
      assert.deepStrictEqual(yield* eve.isLeft, ["Server Shutting Down. Disconnecting User."])
      assert.deepStrictEqual(yield* ann.isLeft, ["Server Shutting Down. Disconnecting User."])
      yield* bob.resumes
      yield* Fiber.join(end)
    })
  )

  it.scoped("is told who joins and leaves, until it UNWATCHes", () =>
    Effect.gen(function* () {
      const { joins } = yield* inMemory()
      const ann = yield* joins("ann")
      yield* watches(ann)
      const bob = yield* joins("Bob")
      assert.strictEqual(yield* ann.hears, "JOINED Bob")
      yield* bob.types("QUIT")
      assert.strictEqual(yield* ann.hears, "LEFT Bob")
      yield* asks(ann, "UNWATCH", "UNWATCH Request Accepted")
      const cat = yield* joins("cat")
      yield* cat.types("QUIT")
      yield* asks(ann, "PING", "PONG")
    })
  )

  it.scoped("gets private and public messages told apart, and others get them as ever", () =>
    Effect.gen(function* () {
      const { joins } = yield* inMemory()
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const cat = yield* joins("cat")
      yield* watches(ann)
      yield* bob.types("MESG ann one\nMESG ann two\nMESG cat one\nBCST all")
      assert.strictEqual(yield* ann.hears, "MESG FROM bob: one")
      assert.strictEqual(yield* ann.hears, "MESG FROM bob: two")
      assert.strictEqual(yield* ann.hears, "FROM bob: all")
      assert.strictEqual(yield* cat.hears, "FROM bob: one")
      assert.strictEqual(yield* cat.hears, "FROM bob: all")
    })
  )

  it.scoped("hears nobody before their JOINED or after their LEFT, though its outbox is full", () =>
    Effect.gen(function* () {
      const { connects, joins } = yield* inMemory({ outbox: 100 })
      const ann = yield* joins("ann")
      yield* watches(ann)
      yield* ann.stalls
      const text = "x".repeat(60)
      for (const round of [1, 2]) {
        const bob = yield* takesSeat({ connects }, "bob")
        yield* bob.types(`MESG ann ${round} ${text}\nMESG ann ${round} ${text}`)
        yield* bob.breaks("ECONNRESET")
      }
      yield* ann.resumes
      const heard = yield* Effect.replicateEffect(ann.hears, 8)
      assert.deepStrictEqual(
        heard.map((line) => line.slice(0, 17)),
        [1, 2].flatMap((round) => ["JOINED bob", `MESG FROM bob: ${round} `, `MESG FROM bob: ${round} `, "LEFT bob"])
      )
    })
  )

  it.scoped("makes nobody wait, and is cut when notices have filled its outbox twice", () =>
    Effect.gen(function* () {
      const { connects, joins, log } = yield* inMemory({ outbox: 100 })
      const ann = yield* joins("ann")
      yield* watches(ann)
      yield* ann.stalls
      for (let round = 0; round < 20; round++) {
        const bob = yield* connects
        yield* bob.types("JOIN bob\nQUIT")
        assert.deepStrictEqual(yield* bob.isLeft, ["JOIN bob Request Accepted"])
      }
      yield* log.says(`Client (${ann.fd}): Slow Consumer. Disconnecting User.`)
    })
  )

  it.scoped("is told of nobody's leaving when the server shuts down", () =>
    Effect.gen(function* () {
      const { joins, shutsDown } = yield* inMemory()
      yield* joins("bob")
      const ann = yield* joins("ann")
      yield* watches(ann)
      yield* joins("cat")
      yield* shutsDown
      assert.deepStrictEqual(yield* ann.isLeft, ["JOINED cat", "Server Shutting Down. Disconnecting User."])
    })
  )

  it.scoped("is sent nothing of those who do not register", () =>
    Effect.gen(function* () {
      const { connects, joins } = yield* inMemory({ maxUsers: 2 })
      const ann = yield* joins("ann")
      yield* watches(ann)
      yield* joins("bob")
      assert.strictEqual(yield* ann.hears, "JOINED bob")
      const late = yield* connects
      yield* late.types("JOIN cat")
      yield* late.isLeft
      yield* TestClock.adjust(0)
      yield* asks(ann, "PING", "PONG")
    })
  )
})

describe("in a full outbox", () => {
  /** ann, who reads nothing, sends WATCH when three of bob's six messages are in her outbox. */
  const annWatchesLate = Effect.gen(function* () {
    const { joins, log } = yield* inMemory({ outbox: 120 })
    const ann = yield* joins("ann")
    const bob = yield* joins("bob")
    yield* ann.stalls
    yield* bob.sends(six)
    yield* requests(log, ann, "WATCH")
    return { ann, joins }
  })

  it.scoped("WATCH marks each private message behind its acceptance, and none before", () =>
    Effect.gen(function* () {
      const { ann } = yield* annWatchesLate
      yield* ann.resumes
      assert.deepStrictEqual(yield* hearing(ann, 7), [
        "FROM bob: 1",
        "FROM bob: 2",
        "FROM bob: 3",
        "WATCH Request Accepted",
        "MESG FROM bob: 4",
        "MESG FROM bob: 5",
        "MESG FROM bob: 6"
      ])
    })
  )

  it.scoped("UNWATCH is the last of marked messages and of notices, of those that wait behind it too", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory({ outbox: 120 })
      const ann = yield* joins("ann")
      yield* watches(ann)
      const bob = yield* joins("bob")
      assert.strictEqual(yield* ann.hears, "JOINED bob")
      yield* ann.stalls
      yield* bob.sends(six)
      yield* requests(log, ann, "UNWATCH")
      yield* bob.breaks("ECONNRESET")
      yield* ann.resumes
      assert.deepStrictEqual(yield* hearing(ann, 7), [
        "MESG FROM bob: 1",
        "MESG FROM bob: 2",
        "MESG FROM bob: 3",
        "UNWATCH Request Accepted",
        "FROM bob: 4",
        "FROM bob: 5",
        "FROM bob: 6"
      ])
      yield* asks(ann, "PING", "PONG")
    })
  )

  it.scoped("WATCH that waits is told of nobody who joins before its acceptance", () =>
    Effect.gen(function* () {
      const { ann, joins } = yield* annWatchesLate
      yield* joins("cat")
      yield* ann.resumes
      yield* hearing(ann, 7)
      yield* joins("dan")
      assert.strictEqual(yield* ann.hears, "JOINED dan")
    })
  )
})
