import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { asks, hearsOthers, joinsAtLast } from "../support/dialogue.ts"
import { leavings } from "../support/leaving.ts"
import { nodeAt } from "../support/Nodes.ts"
import { itNeeds } from "../support/Program.ts"
import { redisServer } from "../support/RedisServer.ts"
import { looks } from "../support/waiting.ts"

/** Two nodes, and a way to have something happen while their engine is stopped: for less than it takes to be missed. */
const twoNodes = Effect.gen(function* () {
  const redis = yield* redisServer()
  const one = yield* nodeAt(redis, { outbox: 100 })
  const two = yield* nodeAt(redis)
  const whileStopped = (happens: Effect.Effect<void>) =>
    Effect.acquireUseRelease(
      redis.process().signals("SIGSTOP"),
      () => happens,
      () => redis.process().signals("SIGCONT")
    )
  return { one, two, whileStopped }
})

describe("a client that is reset while its command waits for the engine", () => {
  const reset = (fd: number) => `Client (${fd}): Connection Error (ECONNRESET). Disconnecting User.`

  itNeeds("redis-server")("has its leaving line at once, whatever the command", () =>
    Effect.gen(function* () {
      const { one, two, whileStopped } = yield* twoNodes
      yield* two.joins("bob")
      for (const command of ["MESG bob hi", "BCST hi", "LIST", "WATCH", "KEY", "JOIN eve", "RECLAIM bob key"]) {
        const isStranger = /^(JOIN|RECLAIM)/.test(command)
        const ann = yield* one.connects
        if (!isStranger) yield* joinsAtLast(ann, "ann")
        const known = leavings(one.log.lines, ann.fd).length
        yield* whileStopped(
          Effect.gen(function* () {
            yield* ann.types(command)
            yield* ann.breaks("ECONNRESET")
            assert.deepStrictEqual(leavings(one.log.lines, ann.fd).slice(known), [reset(ann.fd)], command)
          })
        )
      }
    })
  )

  itNeeds("redis-server")("has what it sent delivered to everybody, before they are told that it has left", () =>
    Effect.gen(function* () {
      const { one, two, whileStopped } = yield* twoNodes
      const ann = yield* one.joins("ann")
      const abe = yield* one.joins("abe")
      const bob = yield* two.joins("bob")
      for (const person of [abe, bob]) yield* asks(person, "WATCH", "WATCH Request Accepted")
      yield* whileStopped(Effect.zipRight(ann.types("BCST bye\nMESG bob one\nBCST two"), ann.breaks("ECONNRESET")))
      yield* hearsOthers(abe, "FROM ann: bye", "FROM ann: two", "LEFT ann")
      yield* hearsOthers(bob, "FROM ann: bye", "MESG FROM ann: one", "FROM ann: two", "LEFT ann")
    })
  )

  itNeeds("redis-server")("has the seat given back that it had asked for", () =>
    Effect.gen(function* () {
      const { one, two, whileStopped } = yield* twoNodes
      const bob = yield* two.joins("bob")
      yield* asks(bob, "WATCH", "WATCH Request Accepted")
      const eve = yield* one.connects
      yield* whileStopped(Effect.zipRight(eve.types("JOIN eve\nBCST hi"), eve.breaks("ECONNRESET")))
      yield* hearsOthers(bob, "JOINED eve", "LEFT eve")
      yield* joinsAtLast(yield* one.connects, "eve")
      yield* hearsOthers(bob, "JOINED eve")
    })
  )

  itNeeds("redis-server")("has the seat given back that it was about to reclaim", () =>
    Effect.gen(function* () {
      const { one, two, whileStopped } = yield* twoNodes
      const ann = yield* one.joins("ann")
      const bob = yield* one.joins("bob")
      yield* asks(bob, "WATCH", "WATCH Request Accepted")
      yield* ann.types("KEY")
      const key = (yield* ann.hears).slice(4)
      const again = yield* two.connects
      yield* whileStopped(Effect.zipRight(again.types(`RECLAIM ann ${key}`), again.breaks("ECONNRESET")))
      yield* hearsOthers(ann, "Session Reclaimed. Disconnecting User.")
      yield* hearsOthers(bob, "LEFT ann")
      yield* joinsAtLast(yield* two.connects, "ann")
    })
  )
})

describe("a client that has sent all it had to say, and waits for room for its answers", () => {
  const isTold = (node: "one" | "two") =>
    Effect.gen(function* () {
      const nodes = yield* twoNodes
      const old = yield* nodes.one.joins("ann")
      yield* old.types("KEY")
      const key = (yield* old.hears).slice(4)
      yield* old.stalls
      yield* Effect.zipRight(old.types("PING\n".repeat(30)), old.hangsUp)
      yield* looks(
        "ann to wait",
        Effect.delay(
          Effect.sync(() => nodes.one.metrics.waits),
          "10 millis"
        ),
        (waits) => waits > 0
      )
      const ann = yield* nodes[node].connects
      yield* asks(ann, `RECLAIM ann ${key}`, "RECLAIM ann Request Accepted")
      yield* nodes.one.log.says(`Client (${old.fd}): Session Reclaimed. Disconnecting User.`)
      yield* old.resumes
      assert.strictEqual((yield* old.isLeft).at(-1), "Session Reclaimed. Disconnecting User.")
    })

  itNeeds("redis-server")("is told that its seat has been reclaimed at its own node", () => isTold("one"))
  itNeeds("redis-server")("is told that its seat has been reclaimed at another node", () => isTold("two"))
})

describe("a message that is under way to the engine", () => {
  /** ann and abe on one node, bob on another, and abe's key. */
  const annAndAbe = Effect.gen(function* () {
    const { one, two, whileStopped } = yield* twoNodes
    const ann = yield* one.joins("ann")
    const old = yield* one.joins("abe")
    yield* two.joins("bob")
    yield* old.types("KEY")
    return { ann, key: (yield* old.hears).slice(4), old, one, two, whileStopped }
  })

  itNeeds("redis-server")("reaches a recipient here who has moved to another connection meanwhile", () =>
    Effect.gen(function* () {
      const { ann, key, old, one, whileStopped } = yield* annAndAbe
      yield* old.stalls
      const abe = yield* one.connects
      yield* whileStopped(
        Effect.zipRight(abe.types(`RECLAIM abe ${key}`), ann.types("MESG abe one\nMESG bob two\nPING"))
      )
      yield* hearsOthers(ann, "PONG")
      yield* hearsOthers(abe, "RECLAIM abe Request Accepted", "FROM ann: one")
    })
  )

  itNeeds("redis-server")("reaches a recipient who has moved from here to another node meanwhile", () =>
    Effect.gen(function* () {
      const { ann, key, two, whileStopped } = yield* annAndAbe
      const abe = yield* two.connects
      // LIST waits until the node has read that abe has moved.
      yield* whileStopped(
        Effect.zipRight(abe.types(`RECLAIM abe ${key}`), ann.types("MESG abe one\nMESG bob two\nMESG abe three\nLIST"))
      )
      yield* ann.types("MESG abe four")
      const messages = ["one", "three", "four"].map((text) => `FROM ann: ${text}`)
      yield* hearsOthers(abe, "RECLAIM abe Request Accepted", ...messages)
    })
  )
})
