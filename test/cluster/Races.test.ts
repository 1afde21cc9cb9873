import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as NodeScripts from "../../src/cluster/NodeScripts.ts"
import { connect } from "../../src/cluster/Redis.ts"
import { run } from "../../src/cluster/Script.ts"
import * as SeatScripts from "../../src/cluster/SeatScripts.ts"
import { itNeeds } from "../support/Program.ts"
import { redisServer } from "../support/RedisServer.ts"

const PREFIX = "{partyline:race}"

/** Two nodes ask for these names at the same time. Gives how often each answer came, by node. */
const race = (cap: number, names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const server = yield* redisServer("--appendonly", "no")
    const contend = (node: string) =>
      Effect.gen(function* () {
        const { call } = yield* connect(server.address)
        yield* run(NodeScripts.attach, call, PREFIX, [node, "", cap, 60_000, 1, "run", "epoch", 0])
        const answers = yield* Effect.forEach(
          names,
          (name, token) => run(SeatScripts.join, call, PREFIX, [node, token, 5, name, name]),
          { concurrency: 64 }
        )
        return answers.map(([answer]) => answer)
      })
    const answers = yield* Effect.all([contend("A"), contend("B")], { concurrency: 2 })
    const count = (answer: string) => answers.flat().filter((one) => one === answer).length
    return { answers, count, server }
  })

const names = (count: number) => Array.from({ length: count }, (_, index) => `user${index}`)

describe("two nodes that race", () => {
  itNeeds("redis-server")("for the same 5,000 names get each name once", () =>
    Effect.gen(function* () {
      const { answers, count } = yield* race(100_000, names(5000))
      assert.strictEqual(count("joined"), 5000)
      assert.strictEqual(count("taken"), 5000)
      for (const [index, answer] of (answers[0] ?? []).entries()) assert.notStrictEqual(answer, answers[1]?.[index])
    })
  )

  itNeeds("redis-server")("for ten seats get exactly ten", () =>
    Effect.gen(function* () {
      const { count } = yield* race(10, names(500))
      assert.strictEqual(count("joined"), 10)
      assert.strictEqual(count("joined") + count("full") + count("taken"), 1000)
    })
  )
})
