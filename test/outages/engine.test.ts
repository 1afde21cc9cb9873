import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { asks, hears, joinsAtLast } from "../support/dialogue.ts"
import { nodeAt } from "../support/Nodes.ts"
import type { Person } from "../support/Person.ts"
import { itNeeds } from "../support/Program.ts"
import { redisServer } from "../support/RedisServer.ts"

const RULE = "-".repeat(28)
const listOf = (...people: ReadonlyArray<readonly [name: string, person: Person]>) => [
  "USERNAME               FD",
  RULE,
  ...people.map(([name, { fd }]) => `${name.padEnd(22)} ${fd}`),
  RULE
]

const twoNodes = (lease = Duration.seconds(8)) =>
  Effect.gen(function* () {
    const redis = yield* redisServer()
    const one = yield* nodeAt(redis, {}, lease)
    const two = yield* nodeAt(redis, {}, lease)
    const ann = yield* one.joins("ann")
    const bob = yield* two.joins("bob")
    return { redis, one, two, ann, bob }
  })

describe("an engine that does not answer", () => {
  itNeeds("redis-server")(
    "is said to be unavailable, commands that need it are refused, and registrations are kept",
    () =>
      Effect.gen(function* () {
        const { ann, bob, one, redis } = yield* twoNodes()
        const abe = yield* one.joins("abe")
        const stranger = yield* one.connects
        yield* redis.process().signals("SIGSTOP")
        for (const person of [ann, abe, bob]) yield* hears(person, "Room Unavailable.")
        yield* one.log.says("Room Unavailable (no answer within a second).")
        yield* ann.types("LIST\nMESG abe hi\nMESG bob hi\nBCST hi\nWATCH\nKEY\nMESG\nBCST\nUNWATCH\nPING")
        yield* hears(
          ann,
          ...["LIST", "MESG", "MESG", "BCST", "WATCH", "KEY"].map(
            (command) => `Room Unavailable. ${command} Discarded.`
          ),
          'Incomplete MESG. Use "MESG <username> <message>".',
          'Incomplete BCST. Use "BCST <message>".',
          "UNWATCH Request Accepted",
          "PONG"
        )
        yield* asks(stranger, "MESG ann hi", 'Unregistered User. Use "JOIN <username>" to Register.')
        yield* asks(stranger, "JOIN eve", "Room Unavailable. JOIN Discarded.")
        yield* asks(stranger, "RECLAIM ann key", "Room Unavailable. RECLAIM Discarded.")
        assert.include(one.log.lines, `Client (${ann.fd}): Room Unavailable. Discarding MESG.`)
        yield* redis.process().signals("SIGCONT")
        for (const person of [ann, abe, bob]) yield* hears(person, "Room Available.")
        yield* asks(ann, "LIST", ...listOf(["ann", ann], ["bob", bob], ["abe", abe]))
        yield* asks(ann, "MESG bob hi\nMESG abe hi\nPING", "PONG")
        for (const person of [abe, bob]) yield* hears(person, "FROM ann: hi")
      })
  )

  itNeeds("redis-server")("is not mentioned when it is back within a second", () =>
    Effect.gen(function* () {
      const { ann, bob, one, redis } = yield* twoNodes()
      const [away, heard] = yield* Effect.timed(
        Effect.gen(function* () {
          yield* redis.process().signals("SIGSTOP")
          yield* bob.types("MESG ann hi\nPING")
          yield* Effect.sleep("300 millis")
          yield* redis.process().signals("SIGCONT")
          return yield* Effect.orDie(bob.hears)
        })
      )
      // On a busy machine it may be away for longer, which shows nothing.
      if (Duration.greaterThanOrEqualTo(away, "1 second")) return false
      assert.strictEqual(heard, "PONG")
      yield* hears(ann, "FROM bob: hi")
      assert.notInclude(one.log.lines.join("\n"), "Unavailable")
      return true
    }).pipe(Effect.scoped, Effect.repeat({ until: (isShown) => isShown }), Effect.asVoid)
  )
})

describe("an engine that ends", () => {
  itNeeds("redis-server")("keeps what it knew when it is started again", () =>
    Effect.gen(function* () {
      const { ann, bob, one, redis } = yield* twoNodes()
      // Redis writes once a second.
      yield* Effect.sleep("1100 millis")
      yield* redis.process().signals("SIGKILL")
      yield* redis.process().ended
      for (const person of [ann, bob]) yield* hears(person, "Room Unavailable.")
      yield* redis.startsAgain
      for (const person of [ann, bob]) yield* hears(person, "Room Available.")
      yield* asks(bob, "LIST", ...listOf(["ann", ann], ["bob", bob]))
      yield* asks(bob, "MESG ann hi\nPING", "PONG")
      yield* hears(ann, "FROM bob: hi")
      assert.notInclude(one.log.lines.join("\n"), "Data Lost")
      const eve = yield* one.connects
      yield* joinsAtLast(eve, "eve")
    })
  )

  itNeeds("redis-server")("has nobody in the room who joined in its last second and left before it was back", () =>
    Effect.gen(function* () {
      // As if it had written to the disk for the last time before bob came.
      const redis = yield* redisServer("--appendonly", "no")
      const one = yield* nodeAt(redis)
      const two = yield* nodeAt(redis)
      const ann = yield* one.joins("ann")
      yield* asks(ann, "WATCH", "WATCH Request Accepted")
      yield* redis.call("SAVE")
      const bob = yield* two.joins("bob")
      yield* hears(ann, "JOINED bob")
      yield* redis.process().signals("SIGKILL")
      for (const person of [ann, bob]) yield* hears(person, "Room Unavailable.")
      yield* bob.types("QUIT")
      yield* bob.isLeft
      yield* redis.startsAgain
      yield* hears(ann, "Room Available.", "LEFT bob")
      yield* asks(ann, "LIST", ...listOf(["ann", ann]))
    })
  )
})

describe("an engine that loses its data", () => {
  itNeeds("redis-server")("is told again who is there, before anybody new gets a name", () =>
    Effect.gen(function* () {
      const { ann, bob, one, redis, two } = yield* twoNodes()
      yield* asks(ann, "WATCH", "WATCH Request Accepted")
      yield* bob.types("KEY")
      const key = (yield* bob.hears).slice(4)
      yield* redis.call("FLUSHALL")
      const thief = yield* one.connects
      yield* asks(thief, "JOIN bob", "Room Unavailable. JOIN Discarded.")
      yield* one.log.says("Room Data Lost. Registering 1 Users Again.")
      yield* two.log.says("Room Data Lost. Registering 1 Users Again.")
      yield* joinsAtLast(yield* one.connects, "eve")
      yield* hears(ann, "JOINED eve")
      yield* asks(ann, "MESG bob hi\nPING", "PONG")
      yield* hears(bob, "FROM ann: hi")
      const again = yield* one.connects
      yield* asks(again, `RECLAIM bob ${key}`, "RECLAIM bob Request Accepted")
    })
  )
})
