/** A node that reaches its engine no more, while the others do. */
import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { INBOX_ENTRIES } from "../../src/Limits.ts"
import type { LimitValues } from "../../src/LimitValues.ts"
import { cable } from "../support/Cable.ts"
import { asks, hears, joinsAtLast } from "../support/dialogue.ts"
import { nodeAt } from "../support/Nodes.ts"
import type { Person } from "../support/Person.ts"
import { itNeeds } from "../support/Program.ts"
import { redisServer } from "../support/RedisServer.ts"
import { looks } from "../support/waiting.ts"

const RULE = "-".repeat(28)
const asksForList = (person: Person, ...people: ReadonlyArray<readonly [name: string, person: Person]>) =>
  asks(
    person,
    "LIST",
    "USERNAME               FD",
    RULE,
    ...people.map(([name, { fd }]) => `${name.padEnd(22)} ${fd}`),
    RULE
  )

/** Two nodes, of which the second one can be cut off. */
const twoNodes = (limits: Partial<LimitValues> = {}, lease = Duration.seconds(4)) =>
  Effect.gen(function* () {
    const redis = yield* redisServer()
    const { address, ...way } = yield* cable(redis)
    const one = yield* nodeAt(redis, limits, lease)
    const two = yield* nodeAt({ address }, limits, lease)
    return { redis, one, two, ...way }
  })

describe("a node that is cut off for longer than its lease", () => {
  itNeeds("redis-server")(
    "loses its names to others, and registers again those of its clients who are still there",
    () =>
      Effect.gen(function* () {
        const { cut, mend, one, two } = yield* twoNodes()
        const ann = yield* one.joins("ann")
        const [bob, ben, cat] = [yield* two.joins("bob"), yield* two.joins("ben"), yield* two.joins("cat")]
        for (const person of [ann, ben]) yield* asks(person, "WATCH", "WATCH Request Accepted")
        yield* cut
        for (const person of [bob, ben, cat]) yield* hears(person, "Room Unavailable.")
        yield* asks(ben, "MESG bob hi", "Room Unavailable. MESG Discarded.")
        yield* cat.types("QUIT")
        const thief = yield* one.connects
        yield* joinsAtLast(thief, "bob")
        const told = [yield* ann.hears, yield* ann.hears, yield* ann.hears].sort()
        assert.deepStrictEqual(told, ["LEFT ben", "LEFT bob", "LEFT cat"])
        yield* hears(ann, "JOINED bob")
        yield* mend
        yield* hears(ann, "JOINED ben")
        yield* hears(bob, "Username Already Taken (bob). Disconnecting User.")
        yield* two.log.says("Lease Lost. Registering 2 Users Again.")
        yield* hears(ben, "LEFT bob", "JOINED bob", "Room Available.", "LEFT cat")
        for (const person of [ann, ben]) yield* asksForList(person, ["ann", ann], ["ben", ben], ["bob", thief])
        yield* asks(ben, "MESG bob hi\nPING", "PONG")
        yield* hears(thief, "FROM ben: hi")
      })
  )

  itNeeds("redis-server")("ends a connection whose seat has been reclaimed meanwhile", () =>
    Effect.gen(function* () {
      const { cut, mend, one, two } = yield* twoNodes()
      const ann = yield* one.joins("ann")
      const [old] = [yield* two.joins("bob"), yield* two.joins("cat")]
      yield* asks(ann, "WATCH", "WATCH Request Accepted")
      yield* old.types("KEY")
      const key = (yield* old.hears).slice(4)
      yield* cut
      const bob = yield* one.connects
      yield* asks(bob, `RECLAIM bob ${key}`, "RECLAIM bob Request Accepted")
      yield* hears(ann, "LEFT cat")
      yield* mend
      yield* hears(ann, "JOINED cat")
      assert.strictEqual((yield* old.isLeft).at(-1), "Session Reclaimed. Disconnecting User.")
      yield* asks(ann, "MESG bob hi\nPING", "PONG")
      yield* hears(bob, "FROM ann: hi")
    })
  )

  itNeeds("redis-server")("has none of its clients in the room for whom there is no place any more", () =>
    Effect.gen(function* () {
      const { cut, mend, one, two } = yield* twoNodes({ maxUsers: 2 })
      const ann = yield* one.joins("ann")
      const bob = yield* two.joins("bob")
      yield* asks(ann, "WATCH", "WATCH Request Accepted")
      yield* cut
      yield* hears(ann, "LEFT bob")
      const eve = yield* one.joins("eve")
      yield* mend
      yield* hears(bob, "Room Unavailable.")
      assert.deepStrictEqual(yield* bob.isLeft, ["Too Many Users. Disconnecting User."])
      yield* eve.types("QUIT")
      yield* eve.isLeft
      const dan = yield* two.connects
      yield* joinsAtLast(dan, "dan")
      yield* asksForList(dan, ["ann", ann], ["dan", dan])
    })
  )
})

describe("a node that is cut off for less than its lease", () => {
  itNeeds("redis-server")("ends a connection whose seat has been reclaimed meanwhile, and says what is discarded", () =>
    Effect.gen(function* () {
      const { cut, mend, one, two } = yield* twoNodes({}, Duration.minutes(1))
      const ann = yield* one.joins("ann")
      const [old, cat] = [yield* two.joins("bob"), yield* two.joins("cat")]
      yield* old.types("KEY")
      const key = (yield* old.hears).slice(4)
      yield* old.stalls
      yield* ann.types("MESG bob lost\nMESG cat hi")
      yield* hears(cat, "FROM ann: hi")
      yield* cut
      yield* hears(cat, "Room Unavailable.")
      yield* ann.types("MESG bob lost too\nPING")
      yield* hears(ann, "PONG")
      const bob = yield* one.connects
      yield* asks(bob, `RECLAIM bob ${key}`, "RECLAIM bob Request Accepted")
      yield* mend
      yield* two.log.says(`Client (${old.fd}): 2 Lines Discarded.`)
      yield* old.resumes
      const heard = yield* old.isLeft
      assert.strictEqual(heard.at(-1), "Session Reclaimed. Disconnecting User.")
      yield* asks(ann, "MESG bob hi\nPING", "PONG")
      yield* hears(bob, "FROM ann: hi")
    })
  )
})

describe("a node that is cut off, and has a full inbox", () => {
  /** Clients of three nodes; the one of `cat` does not read its inbox, which is full. */
  const fullInbox = Effect.gen(function* () {
    const { cut, mend, one, redis, two } = yield* twoNodes({}, Duration.minutes(1))
    const three = yield* nodeAt(redis)
    const ann = yield* one.joins("ann")
    const abe = yield* one.joins("abe")
    const bob = yield* three.joins("bob")
    const cat = yield* two.joins("cat")
    yield* cut
    yield* hears(cat, "Room Unavailable.")
    const fill = `for i = 1, ${INBOX_ENTRIES} do redis.call('XADD', KEYS[1], '*', 't', '0 nobody') end`
    yield* redis.call("EVAL", fill, 1, `{partyline:main}:inbox:${two.metrics.engine?.node}`)
    return { ann, abe, bob, cat, mend }
  })

  itNeeds("redis-server")("makes those wait who send to it, until it reads", () =>
    Effect.gen(function* () {
      const { ann, bob, cat, mend } = yield* fullInbox
      yield* ann.types("MESG bob one\nMESG cat two\nMESG bob three\nPING")
      yield* hears(bob, "FROM ann: one")
      yield* asks(bob, "MESG ann hi\nPING", "PONG")
      yield* hears(ann, "FROM bob: hi")
      yield* mend
      yield* hears(ann, "PONG")
      yield* hears(bob, "FROM ann: three")
      yield* hears(cat, "Room Available.", "FROM ann: two")
    })
  )

  itNeeds("redis-server")("does not keep from others what a sender had sent before it was reset", () =>
    Effect.gen(function* () {
      const { abe, ann, bob } = yield* fullInbox
      yield* ann.types("MESG abe one\nMESG bob two\nMESG cat three\nMESG abe four")
      yield* hears(bob, "FROM ann: two")
      yield* ann.breaks("ECONNRESET")
      yield* hears(abe, "FROM ann: one")
    })
  )
})

describe("a sender that waits for a recipient on a node that is cut off", () => {
  /** ann on one node, and bob, who has no room, on another that is cut off. */
  const bobIsCutOff = Effect.gen(function* () {
    const { cut, one, redis, two } = yield* twoNodes({ outbox: 100 }, Duration.minutes(1))
    const ann = yield* one.joins("ann")
    const bob = yield* two.joins("bob")
    yield* bob.types("KEY")
    const key = (yield* bob.hears).slice(4)
    // As if its node had said that it has no room.
    yield* redis.call("SADD", "{partyline:main}:slow", "bob")
    yield* cut
    return { ann, key, one, redis }
  })

  itNeeds("redis-server")("goes on when the recipient has reclaimed its seat elsewhere", () =>
    Effect.gen(function* () {
      const { ann, key, one } = yield* bobIsCutOff
      yield* ann.types("MESG bob lost\nPING")
      const waits = Effect.map(Effect.sleep("10 millis"), () => one.metrics.waits)
      yield* looks("ann to wait", waits, (count) => count > 0)
      const bob = yield* one.connects
      yield* asks(bob, `RECLAIM bob ${key}`, "RECLAIM bob Request Accepted")
      yield* hears(ann, "PONG")
      yield* asks(ann, "MESG bob hi\nPING", "PONG")
      yield* hears(bob, "FROM ann: hi")
    })
  )

  itNeeds("redis-server")(
    "goes on when the recipient has reclaimed its seat elsewhere before the sender began to wait",
    () =>
      Effect.gen(function* () {
        const { ann, key, one, redis } = yield* bobIsCutOff
        const bob = yield* one.connects
        // LIST waits until the node has read that bob has moved; after that ann begins to wait for bob.
        yield* Effect.acquireUseRelease(
          redis.process().signals("SIGSTOP"),
          () => {
            const message = Effect.zipRight(ann.types("MESG bob lost\nLIST\nWATCH"), Effect.sleep("50 millis"))
            return Effect.zipRight(message, bob.types(`RECLAIM bob ${key}`))
          },
          () => redis.process().signals("SIGCONT")
        )
        yield* hears(bob, "RECLAIM bob Request Accepted")
        yield* Effect.repeat(ann.hears, { until: (line) => line === "WATCH Request Accepted" })
      })
  )
})
