import { assert, describe } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { BEAT } from "../../src/Limits.ts"
import { asks, hears, hearsSomebody, joinsAtLast } from "../support/dialogue.ts"
import { TOKEN, tokenFile } from "../support/Operator.ts"
import { itNeeds, serves, tries } from "../support/Program.ts"
import { redisServer } from "../support/RedisServer.ts"
import { looks } from "../support/waiting.ts"

/** Two nodes that run as programs. */
const twoPrograms = (...options: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const redis = yield* redisServer()
    const args = ["--cluster", redis.url, ...options]
    const [one, two] = yield* Effect.all([serves(args), serves(args)], { concurrency: 2 })
    return { redis, one, two }
  })

/** Milliseconds that the last of the leases still has. */
const LONGEST_LEASE = `
local longest = -1
for _, lease in ipairs(redis.call('KEYS', '{partyline:main}:lease:*')) do
  longest = math.max(longest, redis.call('PTTL', lease))
end
return longest
`

describe("a node that is killed", () => {
  itNeeds("redis-server")("has its names free within the contract's ten seconds, and those who WATCH are told", () =>
    Effect.gen(function* () {
      const { one, redis, two } = yield* twoPrograms()
      const ann = yield* one.joins("ann")
      yield* two.joins("bob")
      yield* asks(ann, "WATCH", "WATCH Request Accepted")
      yield* two.program.signals("SIGKILL")
      // The other node looks at each beat for leases that are over.
      const longest = Number(yield* redis.call("EVAL", LONGEST_LEASE, 0))
      assert.isAbove(longest, 0)
      assert.isAtMost(longest + Duration.toMillis(BEAT), 10_000)
      yield* joinsAtLast(yield* one.connects, "bob")
      yield* hears(ann, "LEFT bob", "JOINED bob")
    })
  )
})

describe("a node that is stopped past its lease", () => {
  itNeeds("redis-server")(
    "delivers nothing when it goes on, and its clients keep the names that nobody has taken",
    () =>
      Effect.gen(function* () {
        const { one, two } = yield* twoPrograms("--lease", "2s")
        const ann = yield* one.joins("ann")
        const bob = yield* two.joins("bob")
        const ben = yield* two.joins("ben")
        const cat = yield* two.joins("cat")
        yield* two.program.signals("SIGSTOP")
        const thief = yield* one.connects
        yield* joinsAtLast(thief, "bob")
        // The lines that came while the node was stopped are dealt with when it goes on.
        yield* bob.types("MESG ben stale\nMESG ann stale")
        yield* two.program.signals("SIGCONT")
        const told = yield* bob.isLeft
        assert.strictEqual(told[told.length - 1], "Username Already Taken (bob). Disconnecting User.")
        yield* two.program.says("Lease Lost. Registering 3 Users Again.")
        yield* Effect.zipRight(cat.types("KEY"), hearsSomebody(cat)).pipe(
          Effect.repeat({ until: (line) => line.startsWith("KEY ") })
        )
        yield* asks(cat, "MESG ben fresh\nMESG ann fresh\nPING", "PONG")
        for (const person of [ben, ann]) assert.strictEqual(yield* hearsSomebody(person), "FROM cat: fresh")
        yield* asks(thief, "MESG cat hi\nPING", "PONG")
        yield* hears(cat, "FROM bob: hi")
      })
  )
})

describe("a node that shuts down", () => {
  itNeeds("redis-server")("gives its names back at once", () =>
    Effect.gen(function* () {
      const { one, two } = yield* twoPrograms()
      const ann = yield* one.joins("ann")
      const bob = yield* two.joins("bob")
      yield* asks(ann, "WATCH", "WATCH Request Accepted")
      yield* two.program.signals("SIGTERM")
      yield* hears(bob, "Server Shutting Down. Disconnecting User.")
      assert.strictEqual((yield* two.program.ended).code, 0)
      yield* hears(ann, "LEFT bob")
      yield* asks(yield* one.connects, "JOIN bob", "JOIN bob Request Accepted")
    })
  )
})

describe("the operations port of a node", () => {
  itNeeds("redis-server")(
    "shows who is where and measures the engine, speaks to every node, and is not ready while it is out of reach",
    () =>
      Effect.gen(function* () {
        const token = yield* tokenFile
        yield* token.write(TOKEN)
        const { one, redis, two } = yield* twoPrograms("--ops-port", "0", "--ops-token", `@${token.path}`)
        const ann = yield* one.joins("ann")
        const bob = yield* two.joins("bob")
        const [ops = ""] = yield* one.program.captures(/Metrics and Status Page on (http:\S+)/, 1)
        const asksOps = (path: string, init?: RequestInit) =>
          Effect.promise(async () => {
            const response = await fetch(ops + path, init)
            return `${response.status} ${await response.text()}`
          })
        const say = asksOps("/say", { method: "POST", body: "hello", headers: { authorization: `Bearer ${TOKEN}` } })
        yield* asks(ann, "MESG bob hi\nPING", "PONG")
        yield* hears(bob, "FROM ann: hi")
        assert.match(yield* asksOps("/readyz"), /^200/)
        const metrics = yield* asksOps("/metrics")
        assert.match(metrics, /^partyline_engine_up 1$/m)
        assert.match(metrics, /^partyline_engine_messages_sent_total 1$/m)
        const { room } = JSON.parse((yield* asksOps("/status.json")).slice("200 ".length))
        assert.deepInclude(room, { isUp: true, sent: 1 })
        assert.deepStrictEqual(
          room.nodes.map(({ names, users }: { names: unknown; users: unknown }) => [users, names]),
          [
            [1, ["ann"]],
            [1, ["bob"]]
          ]
        )
        assert.match(yield* say, /^2/)
        for (const person of [ann, bob]) yield* hears(person, "FROM *: hello")
        yield* redis.process().signals("SIGSTOP")
        yield* hears(ann, "Room Unavailable.")
        assert.match(yield* asksOps("/readyz"), /^503 the room is unavailable/)
        assert.match(yield* asksOps("/metrics"), /^partyline_engine_up 0$/m)
        assert.match(yield* say, /^503/)
        yield* redis.process().signals("SIGCONT")
      })
  )
})

describe("a check of the engine", () => {
  itNeeds("redis-server")("says whether it can be used, without taking part in the room", () =>
    Effect.gen(function* () {
      const redis = yield* redisServer()
      const checks = (url: string, ...options: ReadonlyArray<string>) =>
        Effect.map(tries(["--check", "0", "--host", "127.0.0.1", "--cluster", url, ...options]), ({ code, stdout }) => {
          return `${code} ${stdout.split("\n")[1]}`
        })
      assert.match(yield* checks(redis.url), /^0 ok: can use Redis \d+\.\d+\.\d+ at redis:.*, for --cluster$/)
      const { program } = yield* serves(["--cluster", redis.url, "--lease", "2s"])
      const other = yield* checks(redis.url, "--max-users", "11")
      assert.strictEqual(other, `1 no: cannot use ${redis.url}: the room has --max-users 10, not 11`)
      yield* program.signals("SIGKILL")
      // A room of which no node lives takes the cap of the next one.
      yield* looks("the end of the node", checks(redis.url, "--max-users", "11"), (found) =>
        found.startsWith("0 ok: can use Redis")
      )
      const nowhere = yield* checks("redis://127.0.0.1:1")
      assert.strictEqual(nowhere, "1 no: cannot use redis://127.0.0.1:1: nothing listens there (ECONNREFUSED)")
    })
  )
})

describe("a node that comes", () => {
  itNeeds("redis-server")(
    "refuses to start with another cap, without its engine, or where names would be evicted",
    () =>
      Effect.gen(function* () {
        const { redis } = yield* twoPrograms()
        const fails = (url: string, ...options: ReadonlyArray<string>) =>
          Effect.map(
            tries(["0", "--host", "127.0.0.1", "--cluster", url, ...options]),
            ({ code, stderr }) => `${code} ${stderr.trim()}`
          )
        const prefix = `1 partyline: cannot be a node of the room at ${redis.url}:`
        assert.strictEqual(
          yield* fails(redis.url, "--max-users", "11"),
          `${prefix} the room has --max-users 10, not 11`
        )
        const nowhere = "redis://127.0.0.1:1"
        assert.strictEqual(
          yield* fails(nowhere),
          `1 partyline: cannot be a node of the room at ${nowhere}: nothing listens there (ECONNREFUSED)`
        )
        const small = yield* redisServer("--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
        assert.match(yield* fails(small.url), /: set maxmemory-policy noeviction, not allkeys-lru$/)
        const locked = yield* redisServer("--requirepass", "secret")
        assert.match(yield* fails(locked.url), /NOAUTH/)
        const open = yield* serves(["--cluster", locked.url.replace("//", "//:secret@")])
        yield* open.joins("ann")
      })
  )
})
