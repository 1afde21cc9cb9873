import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Contender, contenders } from "../support/Contender.ts"
import { asks, hears, joinsAtLast } from "../support/dialogue.ts"
import { itNeeds, serves } from "../support/Program.ts"
import { type RedisServer, redisServer } from "../support/RedisServer.ts"

/** So many registrations take a while on a busy machine. */
const PATIENCE = 120_000

const engine = redisServer("--appendonly", "no")

const users = (redis: RedisServer) => Effect.map(redis.call("HLEN", "{partyline:main}:users"), Number)

/** All of them ask at the same time. Gives how often each answer came. */
const race = (
  racers: ReadonlyArray<Contender>,
  asks: (racer: Contender, index: number) => ReturnType<Contender["joins"]>
) =>
  Effect.gen(function* () {
    const answers = yield* Effect.forEach(racers, asks, { concurrency: "unbounded" })
    const sum = (answer: keyof (typeof answers)[number]) => answers.reduce((total, each) => total + each[answer], 0)
    return { joined: sum("joined"), taken: sum("taken"), full: sum("full") }
  })

describe("nodes in two processes", () => {
  itNeeds("redis-server")(
    "that race for the same 5,000 names get each name once",
    () =>
      Effect.gen(function* () {
        const redis = yield* engine
        const racers = yield* contenders(redis, 100_000, 2)
        for (let round = 0; round < 50; round++) {
          // The one told first may be through before the other begins, so they take turns.
          racers.reverse()
          const { joined, taken } = yield* race(racers, ({ joins }) => joins(`user${round}x`, 100))
          assert.deepStrictEqual([joined, taken], [100, 100])
        }
        assert.strictEqual(yield* users(redis), 5000)
      }),
    PATIENCE
  )

  itNeeds("redis-server")(
    "that race for ten seats get exactly ten",
    () =>
      Effect.gen(function* () {
        const redis = yield* engine
        const { full, joined } = yield* race(yield* contenders(redis, 10, 2), ({ joins }, index) =>
          joins(`n${index}x`, 1000)
        )
        assert.deepStrictEqual([joined, full, yield* users(redis)], [10, 1990, 10])
      }),
    PATIENCE
  )

  itNeeds("redis-server")(
    "that race for the last of 100,000 seats get exactly those",
    () =>
      Effect.gen(function* () {
        const redis = yield* engine
        const racers = yield* contenders(redis, 100_000, 2)
        yield* Effect.forEach(racers, ({ fills }, index) => fills(`old${index}x`, 49_500), { concurrency: 2 })
        const { full, joined } = yield* race(racers, ({ joins }, index) => joins(`n${index}x`, 1000))
        assert.deepStrictEqual([joined, full, yield* users(redis)], [1000, 1000, 100_000])
      }),
    PATIENCE
  )
})

describe("a node with 50,000 users that is killed", () => {
  const USERS = 50_000

  itNeeds("redis-server")(
    "has all their names free when its lease is over, and each is said to have left once",
    () =>
      Effect.gen(function* () {
        const redis = yield* engine
        const options = ["--cluster", redis.url, "--max-users", "100000", "--outbox", "8000000"]
        const one = yield* serves([...options, "--max-connections", "100"])
        const [other] = yield* contenders(redis, 100_000, 1)
        if (other === undefined) return assert.fail("it is there")
        const ann = yield* one.joins("ann")
        yield* other.fills("user", USERS)
        // LIST of all of them has been made when the node knows them all.
        yield* asks(ann, "WATCH", "WATCH Request Accepted")
        yield* other.killed
        const left = new Set<string>()
        while (left.size < USERS) {
          const line = yield* Effect.orDie(ann.hears)
          assert.match(line, /^LEFT user\d+$/)
          assert.isFalse(left.has(line), line)
          left.add(line)
        }
        assert.strictEqual(yield* users(redis), 1)
        const late = yield* one.connects
        yield* joinsAtLast(late, "user49999")
        yield* hears(ann, "JOINED user49999")
      }),
    PATIENCE
  )
})
