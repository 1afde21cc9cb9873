import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { asks, hears, joinsAtLast } from "../support/dialogue.ts"
import { freePort } from "../support/freePort.ts"
import { nodeAt } from "../support/Nodes.ts"
import { itNeeds, starts } from "../support/Program.ts"
import { folder, redisServer } from "../support/RedisServer.ts"

/** A sentinel that watches this master, and makes a replica the master when it has been silent for a second. */
const sentinel = (master: number) =>
  Effect.gen(function* () {
    const [dir, port] = yield* Effect.all([folder, freePort])
    const file = join(dir, "sentinel.conf")
    const lines = [
      `port ${port}`,
      "bind 127.0.0.1",
      `dir ${dir}`,
      `sentinel monitor room 127.0.0.1 ${master} 1`,
      "sentinel down-after-milliseconds room 1000",
      "sentinel failover-timeout room 5000"
    ]
    writeFileSync(file, `${lines.join("\n")}\n`)
    const program = yield* starts(["redis-sentinel", file])
    yield* program.until(() => (program.stdout.includes("+slave slave") ? true : undefined))
    return { port, program }
  })

describe("a fail-over by Sentinel", () => {
  itNeeds("redis-server", "redis-sentinel")("is an outage of seconds, after which everybody is still there", () =>
    Effect.gen(function* () {
      const master = yield* redisServer()
      const replica = yield* redisServer("--replicaof", "127.0.0.1", String(master.port))
      yield* replica.process().until(() => (/sync.*success/i.test(replica.process().stdout) ? true : undefined))
      const { port, program } = yield* sentinel(master.port)
      const address = {
        ...master.address,
        hosts: [{ host: "127.0.0.1", port }],
        master: "room"
      }
      const one = yield* nodeAt({ address })
      const two = yield* nodeAt({ address })
      const ann = yield* one.joins("ann")
      const bob = yield* two.joins("bob")
      yield* asks(bob, "MESG ann before\nPING", "PONG")
      yield* hears(ann, "FROM bob: before")
      yield* master.process().signals("SIGKILL")
      for (const person of [ann, bob]) yield* hears(person, "Room Unavailable.")
      yield* program.until(() => (program.stdout.includes("+switch-master") ? true : undefined))
      for (const person of [ann, bob]) yield* hears(person, "Room Available.")
      yield* asks(bob, "MESG ann after\nPING", "PONG")
      yield* hears(ann, "FROM bob: after")
      yield* joinsAtLast(yield* two.connects, "eve")
      assert.notInclude(one.log.lines.join("\n"), "Lost")
    })
  )
})
