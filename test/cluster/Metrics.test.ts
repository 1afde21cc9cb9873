import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { families } from "../../src/ops/Measurements.ts"
import { render } from "../../src/ops/Prometheus.ts"
import { cable } from "../support/Cable.ts"
import { asks, hears } from "../support/dialogue.ts"
import { nodeAt } from "../support/Nodes.ts"
import { itNeeds } from "../support/Program.ts"
import { redisServer } from "../support/RedisServer.ts"
import { looks } from "../support/waiting.ts"

type Node = Effect.Effect.Success<ReturnType<typeof nodeAt>>

const eventLoop = { delays: { bounds: [], counts: [], sum: 0 }, takeWorst: () => 0 }

/** The value of a node's metric. */
const valueOf = ({ connections, limits, metrics }: Node, name: string): number => {
  const text = render(families({ connections, limits, metrics, eventLoop }))
  return Number(new RegExp(`^partyline_engine_${name} (\\S+)$`, "m").exec(text)?.[1])
}

/** Waits until a node's metric is like this. */
const becomes = (node: Node, name: string, isReached: (value: number) => boolean) =>
  looks(
    `the metric ${name}`,
    Effect.delay(
      Effect.sync(() => valueOf(node, name)),
      "10 millis"
    ),
    isReached
  )

describe("the metrics of a node", () => {
  itNeeds("redis-server")("count messages to other nodes, and from them", () =>
    Effect.gen(function* () {
      const redis = yield* redisServer()
      const one = yield* nodeAt(redis)
      const two = yield* nodeAt(redis)
      const ann = yield* one.joins("ann")
      const abe = yield* one.joins("abe")
      const bob = yield* two.joins("bob")
      yield* asks(ann, "MESG abe 1\nMESG bob 2\nMESG bob 3\nBCST 4\nPING", "PONG")
      yield* hears(abe, "FROM ann: 1", "FROM ann: 4")
      yield* hears(bob, "FROM ann: 2", "FROM ann: 3", "FROM ann: 4")
      const counts = (node: Node) => [valueOf(node, "messages_sent_total"), valueOf(node, "messages_received_total")]
      assert.deepStrictEqual(
        [counts(one), counts(two)],
        [
          [3, 0],
          [0, 3]
        ]
      )
    })
  )

  itNeeds("redis-server")("say how many seconds the engine takes to answer", () =>
    Effect.gen(function* () {
      const redis = yield* redisServer()
      const one = yield* nodeAt(redis)
      // Each of these is answered when the pause before it is over.
      const pause = redis.call("CLIENT", "PAUSE", 300)
      const seconds = Effect.map(pause, () => valueOf(one, "round_trip_seconds"))
      yield* looks("a long round trip", seconds, (value) => value > 0.1)
      // In milliseconds it would be some hundreds.
      assert.isBelow(valueOf(one, "round_trip_seconds"), 60)
    })
  )

  itNeeds("redis-server")("say how many entries are in the inbox", () =>
    Effect.gen(function* () {
      const redis = yield* redisServer()
      const { address, cutReaders, mend } = yield* cable(redis)
      const one = yield* nodeAt(redis)
      const two = yield* nodeAt({ address })
      const ann = yield* one.joins("ann")
      yield* two.joins("bob")
      yield* cutReaders
      for (let round = 0; round < 5; round++) yield* asks(ann, "MESG bob hi\nPING", "PONG")
      yield* becomes(two, "inbox_entries", (entries) => entries >= 5)
      yield* mend
      yield* becomes(two, "inbox_entries", (entries) => entries < 5)
    })
  )

  itNeeds("redis-server")("count losses, and the clients that were registered again", () =>
    Effect.gen(function* () {
      const redis = yield* redisServer()
      const one = yield* nodeAt(redis)
      const two = yield* nodeAt(redis)
      for (const name of ["ann", "abe"]) yield* one.joins(name)
      yield* two.joins("bob")
      const counts = (node: Node) => [valueOf(node, "losses_total"), valueOf(node, "registrations_repeated_total")]
      for (const node of [one, two]) assert.deepStrictEqual(counts(node), [0, 0])
      yield* redis.call("FLUSHALL")
      for (const node of [one, two]) yield* becomes(node, "losses_total", (losses) => losses > 0)
      assert.deepStrictEqual(
        [counts(one), counts(two)],
        [
          [1, 2],
          [1, 1]
        ]
      )
    })
  )
})
