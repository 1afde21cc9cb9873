import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as TestClock from "effect/TestClock"
import { Room } from "../../src/room/Room.ts"
import type { StatusEvent } from "../../src/status/StatusEvent.ts"
import { StatusLog } from "../../src/status/StatusLog.ts"
import { leavings } from "../support/leaving.ts"
import type { Person } from "../support/Person.ts"
import { takesSeat } from "../support/takesSeat.ts"
import { inMemory, type Log } from "../support/World.ts"

const isDone = <A, E>(fiber: Fiber.RuntimeFiber<A, E>) => Effect.map(Fiber.poll(fiber), ({ _tag }) => _tag === "Some")

/** Waits for a PONG to each client. It proves that the earlier lines of that client were processed. */
const settle = (...people: ReadonlyArray<Person>) =>
  Effect.forEach(
    people,
    (person) =>
      Effect.zipRight(person.types("PING"), Effect.repeat(person.hears, { until: (line) => line === "PONG" })),
    { discard: true }
  )

describe("a client that does not register", () => {
  it.scoped("is disconnected with a farewell after the join timeout, not a second earlier", () =>
    Effect.gen(function* () {
      const { connects, log } = yield* inMemory({ joinTimeout: Duration.minutes(1) })
      const ann = yield* connects
      const left = yield* Effect.fork(ann.isLeft)
      yield* TestClock.adjust("59 seconds")
      assert.isFalse(yield* isDone(left))
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(yield* Fiber.join(left), ["Registration Timed Out. Disconnecting User."])
      assert.deepStrictEqual(log.lines.slice(3), ["Client (5): Registration Timed Out. Disconnecting User."])
    })
  )

  it.scoped("has a join timeout that starts at its own connect and ends at its JOIN", () =>
    Effect.gen(function* () {
      const { connects, joins, log } = yield* inMemory({ joinTimeout: Duration.minutes(1) })
      const ann = yield* connects
      yield* TestClock.adjust("30 seconds")
      const bob = yield* connects
      yield* joins("cat")
      yield* TestClock.adjust("30 seconds")
      yield* ann.isLeft
      yield* settleStranger(bob)
      yield* TestClock.adjust("30 seconds")
      yield* bob.isLeft
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(leavings(log.lines, 7), [])
    })
  )

  it.scoped("stays connected if the join timeout is off", () =>
    Effect.gen(function* () {
      const { connects } = yield* inMemory({ joinTimeout: Duration.infinity })
      const ann = yield* connects
      yield* TestClock.adjust("1000 days")
      yield* settleStranger(ann)
    })
  )
})

const settleStranger = (person: Person) => Effect.zipRight(person.types("PING"), person.hears)

describe("a registered client that completes no command", () => {
  it.scoped("is disconnected with a farewell after the idle timeout, which each command restarts", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory({ idleTimeout: Duration.seconds(60) })
      const ann = yield* joins("ann")
      yield* TestClock.adjust("59 seconds")
      yield* settle(ann)
      const left = yield* Effect.fork(ann.isLeft)
      yield* TestClock.adjust("59 seconds")
      assert.isFalse(yield* isDone(left), "a command restarts the idle timeout")
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(yield* Fiber.join(left), ["Idle Too Long. Disconnecting User."])
      assert.deepStrictEqual(leavings(log.lines, 5), ["Client (5): Idle Too Long. Disconnecting User."])
    })
  )

  it.scoped("is disconnected although it sends telnet commands", () =>
    Effect.gen(function* () {
      const { joins } = yield* inMemory({ idleTimeout: Duration.seconds(60) })
      const ann = yield* joins("ann")
      yield* TestClock.adjust("59 seconds")
      yield* ann.sends(Uint8Array.of(255, 246))
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(yield* ann.isLeft, ["[Yes]", "Idle Too Long. Disconnecting User."])
    })
  )

  it.scoped("is disconnected although it sends an empty line and half a line", () =>
    Effect.gen(function* () {
      const { joins } = yield* inMemory({ idleTimeout: Duration.seconds(60) })
      const ann = yield* joins("ann")
      yield* TestClock.adjust("59 seconds")
      yield* ann.sends("\r\nPIN")
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(yield* ann.isLeft, ["Idle Too Long. Disconnecting User."])
    })
  )

  it.scoped("is not idle while it waits for a recipient", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory({
        idleTimeout: Duration.seconds(3),
        patience: Duration.seconds(10),
        outbox: 100
      })
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      yield* bob.stalls
      yield* ann.types(`MESG bob ${"x".repeat(80)}\nMESG bob ${"y".repeat(80)}\nPING`)
      yield* TestClock.adjust("2 seconds")
      yield* bob.types("PING")
      yield* TestClock.adjust("2 seconds")
      yield* bob.resumes
      assert.strictEqual(yield* ann.hears, "PONG")
      assert.deepStrictEqual(leavings(log.lines, ann.fd), [])
    })
  )
})

describe("a member whom the room keeps waiting", () => {
  /** A room that takes a while for what members send, or to give a seat back, as one over many machines may. */
  const slowRoom = (toRelay: Duration.Duration, toLeave: Duration.Duration) =>
    Layer.effect(
      Room,
      Effect.map(Room, ({ leave, relay, ...room }) => ({
        ...room,
        leave: (...leaving: Parameters<typeof leave>) => Effect.delay(leave(...leaving), toLeave),
        relay: (...[client, ...commands]: Parameters<typeof relay>) =>
          Effect.delay(relay(client, ...commands), client.member === undefined ? Duration.zero : toRelay)
      }))
    ).pipe(Layer.provide(Room.layer))

  it.scoped("is not idle meanwhile, and has the whole idle timeout after that", () =>
    Effect.gen(function* () {
      const room = slowRoom(Duration.minutes(1), Duration.zero)
      const { joins } = yield* inMemory({ idleTimeout: Duration.seconds(30) }, "", undefined, room)
      const ann = yield* joins("ann")
      yield* ann.types("WATCH\nPING")
      yield* TestClock.adjust("1 minutes")
      assert.strictEqual(yield* ann.hears, "WATCH Request Accepted")
      yield* TestClock.adjust("1 minutes")
      assert.strictEqual(yield* ann.hears, "PONG")
      const left = yield* Effect.fork(ann.isLeft)
      yield* TestClock.adjust("29 seconds")
      assert.isFalse(yield* isDone(left))
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(yield* Fiber.join(left), ["Idle Too Long. Disconnecting User."])
    })
  )

  it.scoped("gives up its descriptor within the drain timeout all the same", () =>
    Effect.gen(function* () {
      const room = slowRoom(Duration.zero, Duration.minutes(1))
      const { joins, open } = yield* inMemory({ drainTimeout: Duration.seconds(5) }, "", undefined, room)
      const ann = yield* joins("ann")
      yield* ann.stalls
      yield* ann.types("PING\nQUIT")
      yield* TestClock.adjust("4 seconds")
      assert.isTrue(open.has(ann.fd))
      yield* TestClock.adjust("1 seconds")
      assert.isFalse(open.has(ann.fd))
      yield* TestClock.adjust("1 minutes")
    })
  )
})

describe("a recipient that does not read", () => {
  const limits = { outbox: 100, patience: Duration.seconds(5) }
  const line = (letter: string) => letter.repeat(70)

  it.scoped("is cut although all the senders that left had the same name", () =>
    Effect.gen(function* () {
      const { connects, joins, log } = yield* inMemory({ ...limits, maxUsers: 2, patience: Duration.infinity })
      const bob = yield* joins("bob")
      yield* bob.stalls
      for (let round = 0; round < 5; round++) {
        const sender = yield* takesSeat({ connects }, "ann")
        yield* sender.types(`MESG bob ${line("1")}\nMESG bob ${line("2")}`)
        yield* sender.breaks("ECONNRESET")
      }
      yield* log.says(`Client (${bob.fd}): Slow Consumer. Disconnecting User.`)
    })
  )

  it.scoped("gets the private and the public lines of one sender in order", () =>
    Effect.gen(function* () {
      const { joins } = yield* inMemory(limits)
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      yield* bob.stalls
      const digits = ["1", "2", "3", "4", "5"]
      yield* ann.types(digits.map((digit, index) => (index % 2 === 0 ? "MESG bob " : "BCST ") + line(digit)).join("\n"))
      yield* bob.resumes
      for (const digit of digits) assert.strictEqual(yield* bob.hears, `FROM ann: ${line(digit)}`)
    })
  )

  it.scoped("delays its sender until the patience ends; then it is disconnected and the sender continues", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory(limits)
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      yield* bob.stalls
      yield* ann.types(`MESG bob ${line("1")}\nMESG bob ${line("2")}\nMESG bob ${line("3")}\nPING`)
      const pong = yield* Effect.fork(ann.hears)
      yield* TestClock.adjust("4999 millis")
      assert.isFalse(yield* isDone(pong))
      assert.deepStrictEqual(leavings(log.lines, bob.fd), [])
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* Fiber.join(pong), "PONG")
      assert.deepStrictEqual(leavings(log.lines, bob.fd), ["Client (6): Slow Consumer. Disconnecting User."])
      yield* ann.types("MESG bob still there?")
      assert.strictEqual(yield* ann.hears, "Unknown Recipient (bob). MESG Discarded.")
    })
  )

  it.scoped("delays no client but its sender", () =>
    Effect.gen(function* () {
      const { joins } = yield* inMemory(limits)
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const cat = yield* joins("cat")
      yield* bob.stalls
      yield* ann.types(`MESG bob ${line("1")}\nMESG bob ${line("2")}`)
      yield* cat.types("MESG ann are you held?")
      assert.strictEqual(yield* ann.hears, "FROM cat: are you held?")
      yield* settle(cat)
    })
  )

  it.scoped("loses no message if it reads again before the patience ends", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory(limits)
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const texts = Array.from({ length: 50 }, (_, index) => `${index} ${line("x")}`)
      yield* bob.stalls
      yield* ann.types(texts.map((text) => `MESG bob ${text}`).join("\n"))
      yield* TestClock.adjust("4 seconds")
      yield* bob.resumes
      for (const text of texts) assert.strictEqual(yield* bob.hears, `FROM ann: ${text}`)
      assert.deepStrictEqual(leavings(log.lines, bob.fd), [])
    })
  )

  it.scoped("stays connected while it takes each message within the patience", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory(limits)
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const texts = Array.from({ length: 10 }, (_, index) => `${index}${line("x")}`)
      yield* bob.stalls
      yield* ann.types(texts.map((text) => `MESG bob ${text}`).join("\n"))
      for (const text of texts) {
        yield* TestClock.adjust("4 seconds")
        yield* bob.takes(`FROM ann: ${text}\r\n`.length)
        assert.strictEqual(yield* bob.hears, `FROM ann: ${text}`)
      }
      assert.deepStrictEqual(leavings(log.lines, bob.fd), [])
    })
  )

  it.scoped("delays a broadcast by one patience, also if there are several such recipients", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory(limits)
      const ann = yield* joins("ann")
      const slow = yield* Effect.forEach(["b", "c", "d", "e"], joins)
      const fast = yield* joins("fast")
      yield* Effect.forEach(slow, (person) => person.stalls)
      yield* ann.types(`BCST ${line("1")}\nBCST ${line("2")}\nPING`)
      const pong = yield* Effect.fork(ann.hears)
      yield* TestClock.adjust("4999 millis")
      assert.isFalse(yield* isDone(pong))
      assert.strictEqual(yield* fast.hears, `FROM ann: ${line("1")}`)
      assert.strictEqual(yield* fast.hears, `FROM ann: ${line("2")}`)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* Fiber.join(pong), "PONG")
      for (const { fd } of slow) assert.strictEqual(leavings(log.lines, fd).length, 1)
      assert.deepStrictEqual(leavings(log.lines, fast.fd), [])
    })
  )

  it.scoped("is disconnected if only its own replies wait", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory(limits)
      const ann = yield* joins("ann")
      yield* ann.stalls
      yield* ann.types("LIST\n".repeat(10))
      yield* log.says("Client (5): LIST")
      yield* TestClock.adjust("5 seconds")
      yield* log.says("Client (5): Slow Consumer. Disconnecting User.")
    })
  )

  it.scoped("gets the waiting messages of a sender that was disconnected", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory(limits)
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      yield* bob.stalls
      yield* ann.types(`MESG bob ${line("1")}\nMESG bob ${line("2")}\nMESG bob ${line("3")}`)
      yield* ann.breaks("ECONNRESET")
      yield* log.says("Client (5): Connection Error (ECONNRESET). Disconnecting User.")
      yield* bob.resumes
      for (const letter of ["1", "2", "3"]) assert.strictEqual(yield* bob.hears, `FROM ann: ${line(letter)}`)
    })
  )

  it.scoped("does not keep the seat of a disconnected sender occupied", () =>
    Effect.gen(function* () {
      const { connects, joins } = yield* inMemory({ ...limits, maxUsers: 2 })
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      yield* bob.stalls
      yield* ann.types(`MESG bob ${line("1")}\nMESG bob ${line("2")}`)
      yield* ann.breaks("ECONNRESET")
      yield* TestClock.adjust(0)
      yield* takesSeat({ connects }, "ann")
      yield* bob.resumes
      for (const letter of ["1", "2"]) assert.strictEqual(yield* bob.hears, `FROM ann: ${line(letter)}`)
    })
  )

  it.scoped("is disconnected if more senders than seats have left messages waiting for it", () =>
    Effect.gen(function* () {
      const { connects, joins, log } = yield* inMemory({ ...limits, maxUsers: 2, patience: Duration.infinity })
      const bob = yield* joins("bob")
      yield* bob.stalls
      for (const name of ["ann", "cat", "dan", "eve", "fay"]) {
        assert.isFalse(log.lines.includes(`Client (${bob.fd}): Slow Consumer. Disconnecting User.`))
        const sender = yield* takesSeat({ connects }, name)
        yield* sender.types(`MESG bob ${line("1")}\nMESG bob ${line("2")}`)
        yield* sender.breaks("ECONNRESET")
        yield* TestClock.adjust(0)
      }
      yield* log.says(`Client (${bob.fd}): Slow Consumer. Disconnecting User.`)
    })
  )

  it.scoped("is not cut for its senders when there are fewer seats than before", () =>
    Effect.gen(function* () {
      const { joins, limits: current, log } = yield* inMemory({ ...limits, maxUsers: 8 })
      const bob = yield* joins("bob")
      const senders = yield* Effect.forEach(["ann", "cat", "dan", "eve", "fay"], joins)
      yield* current.change({ maxUsers: 2 })
      yield* bob.stalls
      yield* Effect.forEach(senders, (sender) => sender.types(`MESG bob ${line("1")}\nMESG bob ${line("2")}`))
      yield* TestClock.adjust("4 seconds")
      yield* bob.resumes
      yield* Effect.replicateEffect(bob.hears, 2 * senders.length)
      assert.deepStrictEqual(leavings(log.lines, bob.fd), [])
    })
  )

  it.scoped("gets the rest of a LIST before the shutdown farewell", () =>
    Effect.gen(function* () {
      const { joins, shutsDown } = yield* inMemory({ ...limits, outbox: 200, maxUsers: 30 })
      const people = yield* Effect.forEach(
        Array.from({ length: 20 }, (_, index) => `user${index}`),
        joins
      )
      const [first] = people
      if (first === undefined) return assert.fail("it is there")
      yield* first.stalls
      yield* first.types("LIST")
      yield* TestClock.adjust(0)
      const end = yield* Effect.fork(shutsDown)
      yield* TestClock.adjust(0)
      yield* first.resumes
      const heard = yield* first.isLeft
      assert.strictEqual(heard.length, 24)
      assert.deepStrictEqual(heard.slice(22), ["-".repeat(28), "Server Shutting Down. Disconnecting User."])
      yield* Fiber.join(end)
    })
  )

  it.scoped("gets a complete LIST that is larger than its outbox", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory({ ...limits, maxUsers: 30 })
      const people = yield* Effect.forEach(
        Array.from({ length: 20 }, (_, index) => `user${index}`),
        joins
      )
      const [first, second] = people
      if (first === undefined || second === undefined) return assert.fail("they are there")
      yield* first.stalls
      yield* first.types("LIST")
      yield* log.says(`Client (${first.fd}): LIST`)
      yield* second.types(`MESG user0 ${line("x")}`)
      yield* TestClock.adjust("1 seconds")
      yield* first.resumes
      const heard = yield* Effect.replicateEffect(first.hears, 23)
      assert.deepStrictEqual(heard.slice(0, 2), ["USERNAME               FD", "-".repeat(28)])
      assert.deepStrictEqual(
        heard.slice(2, 22).map((row) => row.slice(0, 6).trim()),
        people.map((_, index) => `user${index}`)
      )
      assert.strictEqual(yield* first.hears, `FROM user1: ${line("x")}`)
    })
  )
})

describe("a client whose connection breaks", () => {
  it.scoped("has the lines that the server has read relayed, and no later ones", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory({ outbox: 100 })
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const cat = yield* joins("cat")
      yield* bob.stalls
      const filling = "x".repeat(70)
      yield* ann.sends(`MESG cat one\nMESG bob ${filling}\nMESG bob ${filling}\nMESG cat two\n`)
      yield* ann.sends("MESG cat three\n")
      yield* ann.breaks("ECONNRESET")
      yield* settle(cat)
      assert.strictEqual(
        cat.received().toString(),
        "JOIN cat Request Accepted\r\nFROM ann: one\r\nFROM ann: two\r\nPONG\r\n"
      )
      assert.strictEqual(
        log.lines.filter((text) => text.includes(`(${ann.fd})`)).at(-1),
        `Client (${ann.fd}): Connection Error (ECONNRESET). Disconnecting User.`
      )
    })
  )
})

describe("a seat", () => {
  it.scoped("is given to 10 of 200 concurrent JOINs; the other clients are disconnected with a farewell", () =>
    Effect.gen(function* () {
      const { connects, log } = yield* inMemory()
      const people = yield* Effect.replicateEffect(connects, 200)
      const answers = yield* Effect.forEach(
        people,
        (person, index) => Effect.zipRight(person.types(`JOIN user${index}\nLIST`), person.hears),
        { concurrency: "unbounded" }
      )
      const accepted = answers.filter((answer) => answer.endsWith("Request Accepted"))
      const refused = answers.filter((answer) => answer === "Too Many Users. Disconnecting User.")
      assert.deepStrictEqual([accepted.length, refused.length], [10, 190])
      assert.strictEqual(log.lines.filter((line) => line.endsWith("Database Full. Disconnecting User.")).length, 190)
    })
  )

  const endings = {
    QUIT: (person: MemoryPerson) => person.types("QUIT"),
    "end of input": (person: MemoryPerson) => person.hangsUp,
    reset: (person: MemoryPerson) => person.breaks("ECONNRESET"),
    "QUIT and end of input together": (person: MemoryPerson) => Effect.zipRight(person.types("QUIT"), person.hangsUp),
    "QUIT and reset together": (person: MemoryPerson) => Effect.zipRight(person.types("QUIT"), person.breaks("EPIPE")),
    "idle timeout": () => TestClock.adjust("1 hours"),
    "idle timeout and reset together": (person: MemoryPerson) =>
      Effect.zipRight(TestClock.adjust("1 hours"), person.breaks("EPIPE"))
  }
  it.scoped.each(Object.entries(endings))("is free again after %s, with one leaving line", ([, ends]) =>
    Effect.gen(function* () {
      const { connects, joins, log, open } = yield* inMemory({ maxUsers: 1, idleTimeout: Duration.hours(1) })
      const ann = yield* joins("ann")
      yield* ends(ann)
      yield* ann.isLeft
      assert.strictEqual(leavings(log.lines, ann.fd).length, 1)
      const next = yield* takesSeat({ connects }, "ann")
      yield* next.types("LIST")
      yield* Effect.replicateEffect(next.hears, 2)
      assert.strictEqual(yield* next.hears, `ann                    ${next.fd}`)
      assert.strictEqual(open.size, 1)
    })
  )
})

type MemoryPerson = Effect.Effect.Success<Effect.Effect.Success<ReturnType<typeof inMemory>>["connects"]>

describe("a client that half-closes while it is not known what it speaks", () => {
  const stranger = 'Unregistered User. Use "JOIN <username>" to Register.'

  it.scoped.each([
    ["the beginning of a PROXY header of version 2", "\r\n\r\n\0\r\n", [stranger]],
    ["that, and a part of a line", "\r\n\r\n\0\r\nQUI", [stranger]],
    ["a line of a byte order mark behind an empty one", "\n\ufeff\n", [stranger]],
    ["half a request of HTTP", "GET / HTTP/1.1", []]
  ] as const)("gets what it has to be answered to %s", ([, sent, answers]) =>
    Effect.gen(function* () {
      const { connects, log } = yield* inMemory()
      const ann = yield* connects
      yield* ann.sends(sent)
      yield* ann.hangsUp
      assert.deepStrictEqual(yield* ann.isLeft, answers)
      assert.deepStrictEqual(leavings(log.lines, ann.fd), ["Client (5): Connection Closed. Disconnecting User."])
    })
  )

  it.scoped("gets telnet's answers, behind the message of the day", () =>
    Effect.gen(function* () {
      const { connects } = yield* inMemory({}, "Welcome.\r\n")
      const ann = yield* connects
      yield* ann.sends(Uint8Array.of(255, 246))
      yield* ann.hangsUp
      assert.deepStrictEqual(yield* ann.isLeft, ["Welcome.", "[Yes]"])
    })
  )
})

describe("a status log that fails", () => {
  /** It throws at these events. */
  const failing =
    (...failures: ReadonlyArray<StatusEvent["event"]>) =>
    (log: Log) =>
      Layer.succeed(StatusLog, {
        observed: true,
        record: (events) => {
          for (const event of events) {
            if (failures.includes(event.event)) throw new Error("no disk")
            log.add(event)
          }
        }
      })

  it.scoped("at a line ends that session and no other, and the operator reads why", () =>
    Effect.gen(function* () {
      const told: Array<string> = []
      const telling = Logger.make(({ cause, message }) => told.push(`${message} ${Cause.pretty(cause)}`))
      const { joins, log } = yield* Effect.provide(inMemory({}, "", failing("unrecognizable")), Logger.add(telling))
      const [ann, bob] = [yield* joins("ann"), yield* joins("bob")]
      yield* ann.types("HELO")
      assert.deepStrictEqual(yield* ann.isLeft, [])
      assert.deepStrictEqual(leavings(log.lines, ann.fd), [
        `Client (${ann.fd}): Connection Error (DEFECT). Disconnecting User.`
      ])
      assert.match(told.join("\n"), /^A session failed\. Error: no disk/)
      yield* bob.types("PING")
      assert.strictEqual(yield* bob.hears, "PONG")
    })
  )

  it.scoped("keeps no seat and no connection, and does not hold up a shutdown", () =>
    Effect.gen(function* () {
      const leaving = failing("connectionClosed", "serverShuttingDown")
      const { connections, joins, metrics, open, shutsDown } = yield* inMemory({ maxUsers: 2 }, "", leaving)
      const ann = yield* joins("ann")
      yield* ann.hangsUp
      yield* ann.isLeft
      assert.deepInclude(metrics.endings, { connectionClosed: 1 })
      const again = yield* joins("ann")
      const bob = yield* joins("bob")
      yield* shutsDown
      for (const person of [again, bob]) {
        assert.deepStrictEqual(yield* person.isLeft, ["Server Shutting Down. Disconnecting User."])
      }
      assert.strictEqual(connections.size, 0)
      assert.strictEqual(open.size, 0)
    }).pipe(Logger.withMinimumLogLevel(LogLevel.None))
  )
})

describe("shutting down", () => {
  it.scoped("sends queued messages and a farewell, and closes every connection", () =>
    Effect.gen(function* () {
      const { connects, joins, log, open, shutsDown } = yield* inMemory()
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const stranger = yield* connects
      yield* ann.types("MESG bob last words")
      yield* shutsDown
      assert.deepStrictEqual(yield* bob.isLeft, ["FROM ann: last words", "Server Shutting Down. Disconnecting User."])
      assert.deepStrictEqual(yield* ann.isLeft, ["Server Shutting Down. Disconnecting User."])
      assert.deepStrictEqual(yield* stranger.isLeft, ["Server Shutting Down. Disconnecting User."])
      for (const { fd } of [ann, bob, stranger]) assert.strictEqual(leavings(log.lines, fd).length, 1)
      assert.strictEqual(open.size, 0)
    })
  )

  it.scoped("waits for a client that does not read until the drain timeout, no longer", () =>
    Effect.gen(function* () {
      const { joins, open, shutsDown } = yield* inMemory({ drainTimeout: Duration.seconds(5) })
      const ann = yield* joins("ann")
      yield* ann.stalls
      const end = yield* Effect.fork(Effect.exit(shutsDown))
      yield* TestClock.adjust("4999 millis")
      assert.isFalse(yield* isDone(end))
      yield* TestClock.adjust("1 millis")
      assert.isTrue(Exit.isSuccess(yield* Fiber.join(end)))
      assert.strictEqual(open.size, 0)
    })
  )

  it.scoped("does not wait for a sender that waits for a recipient", () =>
    Effect.gen(function* () {
      const { joins, log, shutsDown } = yield* inMemory({ outbox: 10, patience: Duration.hours(1) })
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      yield* bob.stalls
      yield* ann.types("MESG bob first\nMESG bob second\nPING")
      const end = yield* Effect.fork(shutsDown)
      assert.deepStrictEqual(yield* ann.isLeft, ["Server Shutting Down. Disconnecting User."])
      yield* bob.resumes
      yield* Fiber.join(end)
      assert.strictEqual(leavings(log.lines, bob.fd).length, 1)
    })
  )
})

describe("HELP", () => {
  it.scoped("names the limit that holds for the lines of this client, not the one for those who connect later", () =>
    Effect.gen(function* () {
      const { connects, joins, limits } = yield* inMemory({ maxLine: 20 })
      const limitOf = Effect.fnUntraced(function* (person: Person) {
        yield* person.types("HELP")
        return (yield* Effect.replicateEffect(person.hears, 10)).at(-1)
      })
      const ann = yield* joins("ann")
      const silent = yield* connects
      yield* limits.change({ maxLine: 30 })
      assert.strictEqual(yield* limitOf(ann), "A line holds at most 20 bytes.")
      assert.strictEqual(yield* limitOf(silent), "A line holds at most 20 bytes.")
      assert.strictEqual(yield* limitOf(yield* joins("bob")), "A line holds at most 30 bytes.")
      yield* ann.types("x".repeat(21))
      assert.strictEqual(yield* ann.hears, "Message Too Long. Discarding Message.")
    })
  )
})
