import { assert, describe } from "@effect/vitest"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { joinsAtLast } from "../support/dialogue.ts"
import { nodeAt } from "../support/Nodes.ts"
import { itNeeds } from "../support/Program.ts"
import { type RedisServer, redisServer } from "../support/RedisServer.ts"
import { Talker } from "../support/Talker.ts"

const PAIRS = 4
/** Messages of each talker before and after the outage. */
const SOME = 50

/** Has an outage of the engine while talkers on one node send to recipients on another. */
const throughAnOutage = (outage: (redis: RedisServer) => Effect.Effect<unknown, unknown, Scope.Scope>) =>
  Effect.gen(function* () {
    const redis = yield* redisServer()
    const one = yield* nodeAt(redis)
    const two = yield* nodeAt(redis)
    const talkers = yield* Effect.forEach(
      Array.from({ length: PAIRS }, (_, pair) => `to${pair}`),
      (name, pair) =>
        Effect.gen(function* () {
          const person = yield* two.joins(name)
          return new Talker(yield* one.joins(`from${pair}`), { name, person })
        })
    )
    const each = (f: (talker: Talker) => Effect.Effect<void>) =>
      Effect.forEach(talkers, f, { concurrency: "unbounded", discard: true })
    yield* each((talker) => talker.talks(SOME))
    let isBack = false
    const talking = yield* Effect.fork(each((talker) => talker.talks(SOME, () => isBack)))
    yield* Effect.orDie(outage(redis))
    isBack = true
    yield* Fiber.join(talking)
    // The names are kept, and others are given again.
    yield* joinsAtLast(yield* two.connects, "eve")
    yield* each((talker) => talker.talks(SOME))
    yield* each((talker) => talker.isHeard)
    return { talkers, logs: [one.log, two.log] }
  })

/** Ends the engine with a signal, and starts it again. */
const endsBy = (signal: "SIGTERM" | "SIGKILL") => (redis: RedisServer) =>
  Effect.gen(function* () {
    yield* redis.process().signals(signal)
    yield* redis.process().ended
    yield* redis.startsAgain
  })

const isStoppedFor = (duration: Duration.DurationInput) => (redis: RedisServer) =>
  Effect.gen(function* () {
    yield* redis.process().signals("SIGSTOP")
    yield* Effect.sleep(duration)
    yield* redis.process().signals("SIGCONT")
  })

describe("an engine under load", () => {
  const outages = {
    "that is asked to end and starts again": endsBy("SIGTERM"),
    "that is killed and starts again": endsBy("SIGKILL"),
    "that is stopped for less than a second": isStoppedFor("500 millis"),
    "that is stopped for three seconds": isStoppedFor("3 seconds")
  }
  for (const [name, outage] of Object.entries(outages)) {
    itNeeds("redis-server")(`${name} loses nothing that was accepted, and nothing comes twice`, () =>
      Effect.gen(function* () {
        const { talkers } = yield* throughAnOutage(outage)
        for (const { lost } of talkers) assert.deepStrictEqual(lost, [])
      })
    )
  }

  itNeeds("redis-server")("that loses its data loses what had not been read, which is said, and nothing after it", () =>
    Effect.gen(function* () {
      const { logs, talkers } = yield* throughAnOutage((redis) => redis.call("FLUSHALL"))
      for (const { lines } of logs) assert.include(lines, `Room Data Lost. Registering ${PAIRS} Users Again.`)
      for (const { lost } of talkers) {
        const [first = 0] = lost
        assert.deepStrictEqual(
          lost,
          lost.map((_, index) => first + index),
          "one gap"
        )
        assert.isBelow(lost.length, SOME)
      }
    })
  )
})
