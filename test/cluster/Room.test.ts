import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { cable } from "../support/Cable.ts"
import { asks, hears } from "../support/dialogue.ts"
import { leavings } from "../support/leaving.ts"
import { nodeAt } from "../support/Nodes.ts"
import type { Person } from "../support/Person.ts"
import { itNeeds } from "../support/Program.ts"
import { redisServer } from "../support/RedisServer.ts"
import { looks } from "../support/waiting.ts"

const twoNodes = (limits = {}) =>
  Effect.gen(function* () {
    const redis = yield* redisServer()
    const one = yield* nodeAt(redis, limits)
    const two = yield* nodeAt(redis, limits)
    return { redis, one, two }
  })

describe("a room on two nodes", () => {
  itNeeds("redis-server")("has each name once, and the same LIST everywhere", () =>
    Effect.gen(function* () {
      const { one, two } = yield* twoNodes()
      const ann = yield* one.joins("ann")
      const bob = yield* two.joins("Bob")
      const cat = yield* one.joins("cat")
      const late = yield* one.connects
      yield* asks(late, "JOIN bob", "Username Already Taken (bob). JOIN Discarded.")
      for (const person of [ann, bob, cat]) {
        yield* asks(
          person,
          "LIST",
          "USERNAME               FD",
          "----------------------------",
          "ann                    5",
          "Bob                    5",
          "cat                    6",
          "----------------------------"
        )
      }
      yield* bob.types("QUIT")
      yield* bob.isLeft
      yield* asks(late, "JOIN bob", "JOIN bob Request Accepted")
    })
  )

  itNeeds("redis-server")("relays in the sender's order, and answers in the order of the commands", () =>
    Effect.gen(function* () {
      const { one, two } = yield* twoNodes()
      const ann = yield* one.joins("ann")
      const abe = yield* one.joins("abe")
      const bob = yield* two.joins("bob")
      yield* ann.types("MESG bob 1\nMESG eve 2\nBCST 3\nPING\nMESG abe 4\nMESG BOB 5\nMESG x\nBCST 6\nPING")
      yield* hears(
        ann,
        "Unknown Recipient (eve). MESG Discarded.",
        "PONG",
        'Incomplete MESG. Use "MESG <username> <message>".',
        "PONG"
      )
      yield* hears(bob, "FROM ann: 1", "FROM ann: 3", "FROM ann: 5", "FROM ann: 6")
      yield* hears(abe, "FROM ann: 3", "FROM ann: 4", "FROM ann: 6")
    })
  )

  itNeeds("redis-server")("shows who joins and leaves, in order with the messages", () =>
    Effect.gen(function* () {
      const { one, two } = yield* twoNodes()
      const ann = yield* one.joins("ann")
      yield* asks(ann, "WATCH", "WATCH Request Accepted")
      const bob = yield* two.connects
      yield* bob.types("JOIN bob\nMESG ann 1\nBCST 2\nQUIT")
      yield* hears(ann, "JOINED bob", "MESG FROM bob: 1", "FROM bob: 2", "LEFT bob")
      yield* two.joins("cat")
      yield* hears(ann, "JOINED cat")
      yield* two.shutsDown
      yield* hears(ann, "LEFT cat")
    })
  )

  itNeeds("redis-server")("has read its inbox before it answers LIST and WATCH", () =>
    Effect.gen(function* () {
      const redis = yield* redisServer()
      const { address, cutReaders, mend } = yield* cable(redis)
      const one = yield* nodeAt({ address })
      const two = yield* nodeAt(redis)
      const ann = yield* one.joins("ann")
      const abe = yield* one.joins("abe")
      yield* cutReaders
      const bob = yield* two.joins("bob")
      yield* ann.types("LIST")
      yield* abe.types("WATCH")
      // Both have been looked at.
      const late = yield* one.connects
      yield* asks(late, "PING", 'Unregistered User. Use "JOIN <username>" to Register.')
      yield* mend
      const row = (name: string, { fd }: Pick<Person, "fd">) => `${name.padEnd(22)} ${fd}`
      yield* hears(ann, "USERNAME               FD", "-".repeat(28))
      yield* hears(ann, row("ann", ann), row("abe", abe), row("bob", bob), "-".repeat(28))
      yield* two.joins("cat")
      yield* hears(abe, "WATCH Request Accepted", "JOINED cat")
    })
  )

  itNeeds("redis-server")("lets a client reclaim its seat at another node, which is said where lines are lost", () =>
    Effect.gen(function* () {
      const { one, two } = yield* twoNodes()
      const old = yield* one.joins("Ann")
      const bob = yield* two.joins("bob")
      yield* bob.types("WATCH")
      yield* bob.hears
      yield* old.types("KEY")
      const key = (yield* old.hears).slice(4)
      yield* old.stalls
      yield* asks(bob, "MESG ann lost\nMESG ann too\nPING", "PONG")
      const eve = yield* two.connects
      yield* asks(eve, `RECLAIM ann ${key.replace(/./g, "0")}`, "Unable to Reclaim (ann). RECLAIM Discarded.")
      const ann = yield* two.connects
      yield* asks(ann, `RECLAIM ann ${key}`, "RECLAIM Ann Request Accepted")
      yield* one.log.says(`Client (${old.fd}): Session Reclaimed. Disconnecting User.`)
      assert.include(one.log.lines, `Client (${old.fd}): 2 Lines Discarded.`)
      yield* asks(bob, "MESG ann hi\nLIST", "USERNAME               FD", "-".repeat(28))
      yield* hears(bob, `Ann                    ${ann.fd}`, "bob                    5", "-".repeat(28))
      yield* hears(ann, "FROM bob: hi")
    })
  )

  itNeeds("redis-server")("has a cap for all nodes together", () =>
    Effect.gen(function* () {
      const { one, two } = yield* twoNodes({ maxUsers: 2 })
      yield* one.joins("ann")
      yield* two.joins("bob")
      for (const node of [one, two]) {
        const late = yield* node.connects
        yield* late.types("JOIN ann")
        assert.deepStrictEqual(yield* late.isLeft, ["Too Many Users. Disconnecting User."])
      }
    })
  )

  itNeeds("redis-server")(
    "holds a sender back for a recipient without room on another node, until it has taken the lines",
    () =>
      Effect.gen(function* () {
        const { one, two } = yield* twoNodes({ outbox: 100 })
        const ann = yield* one.joins("ann")
        const bob = yield* two.joins("bob")
        const cat = yield* two.joins("cat")
        yield* bob.stalls
        const text = "x".repeat(60)
        yield* ann.types(`MESG bob 1 ${text}\nMESG bob 2 ${text}`)
        // Until the engine knows that there is no room, nobody has to wait.
        let rounds = 2
        const round = Effect.gen(function* () {
          rounds++
          yield* asks(ann, `MESG cat ${rounds}\nMESG bob ${rounds} ${text}\nPING`, "PONG").pipe(
            Effect.race(Effect.delay(Effect.void, "200 millis"))
          )
          yield* hears(cat, `FROM ann: ${rounds}`)
          return one.metrics.waits
        })
        yield* looks("ann to wait", round, (waits) => waits > 0)
        yield* bob.resumes
        for (let round = 1; round <= rounds; round++) yield* hears(bob, `FROM ann: ${round} ${text}`)
        yield* hears(ann, "PONG")
      })
  )

  itNeeds("redis-server")("cuts a recipient on another node that makes no room, and its sender goes on", () =>
    Effect.gen(function* () {
      const { one, redis, two } = yield* twoNodes({ outbox: 100, patience: Duration.seconds(5) })
      const ann = yield* one.joins("ann")
      const bob = yield* two.joins("bob")
      yield* bob.stalls
      const text = "x".repeat(60)
      yield* asks(ann, `MESG bob 1 ${text}\nMESG bob 2 ${text}\nPING`, "PONG")
      yield* looks("bob to be slow", redis.call("SISMEMBER", "{partyline:main}:slow", "bob"), (isSlow) => isSlow === 1)
      yield* ann.types(`MESG bob 3 ${text}\nPING`)
      const pong = yield* Effect.fork(hears(ann, "PONG"))
      const waits = Effect.map(redis.call("PING"), () => one.metrics.waits)
      yield* looks("ann to wait", waits, (count) => count > 0)
      yield* TestClock.adjust("4999 millis")
      assert.isTrue(Option.isNone(yield* Fiber.poll(pong)))
      assert.deepStrictEqual(leavings(two.log.lines, bob.fd), [])
      yield* TestClock.adjust("1 millis")
      yield* two.log.says(`Client (${bob.fd}): Slow Consumer. Disconnecting User.`)
      yield* Fiber.join(pong)
      yield* asks(ann, "MESG bob 4", "Unknown Recipient (bob). MESG Discarded.")
    }).pipe(Effect.provide(TestContext.TestContext))
  )
})
