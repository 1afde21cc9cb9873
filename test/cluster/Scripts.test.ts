import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { isBefore } from "../../src/cluster/Entry.ts"
import * as MessageScripts from "../../src/cluster/MessageScripts.ts"
import * as NodeScripts from "../../src/cluster/NodeScripts.ts"
import { connect } from "../../src/cluster/Redis.ts"
import { ask, run, type Script } from "../../src/cluster/Script.ts"
import * as SeatScripts from "../../src/cluster/SeatScripts.ts"
import { itNeeds } from "../support/Program.ts"
import { redisServer } from "../support/RedisServer.ts"

const PREFIX = "{partyline:test}"

type Args = ReadonlyArray<string | number>

/** A room in a Redis server of its own, with nodes attached to it. */
const room = (cap: number, ...nodes: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const server = yield* redisServer()
    const { call } = yield* connect(server.address)
    const asks = <A>(script: Script<A>, ...args: Args) => run(script, call, PREFIX, args)
    const attach = (
      node: string,
      { epoch = "", most = cap, lease = 60_000, run = "r1", fresh = "epoch1", highest = 0 } = {}
    ) => asks(NodeScripts.attach, node, epoch, most, lease, 1, run, fresh, highest)
    for (const node of nodes) yield* attach(node)
    const redis = (...command: readonly [string, ...Args]) => ask(() => call(...command))
    const join = (node: string, token: number, name: string) =>
      asks(SeatScripts.join, node, token, 5, name.toLowerCase(), name)
    /** Entries of a node's inbox, as kind and value. */
    const inbox = (node: string) =>
      Effect.map(redis("XRANGE", `${PREFIX}:inbox:${node}`, "-", "+"), (found) =>
        (found as ReadonlyArray<readonly [string, ReadonlyArray<string>]>).map(([, fields]) => fields.join(" "))
      )
    return { server, asks, attach, redis, join, inbox }
  })

describe("join", () => {
  itNeeds("redis-server")("checks for full, taken and invalid, in this order, and tells every node", () =>
    Effect.gen(function* () {
      const { asks, inbox, join } = yield* room(2, "A", "B")
      assert.deepStrictEqual(yield* join("A", 1, "Ann"), ["joined", "1"])
      assert.deepStrictEqual(yield* join("B", 1, "ANN"), ["taken"])
      assert.deepStrictEqual(yield* asks(SeatScripts.join, "B", 2, 5, "", ""), ["invalid"])
      assert.deepStrictEqual(yield* join("B", 3, "bob"), ["joined", "2"])
      assert.deepStrictEqual(yield* join("B", 4, "ann"), ["full"])
      assert.deepStrictEqual(yield* asks(SeatScripts.join, "B", 5, 5, "", ""), ["full"])
      for (const node of ["A", "B"]) assert.deepStrictEqual(yield* inbox(node), ["j 1 A 1 5 Ann", "j 2 B 3 5 bob"])
    })
  )

  itNeeds("redis-server")("gives the same answer when it is asked again", () =>
    Effect.gen(function* () {
      const { inbox, join } = yield* room(1, "A")
      assert.deepStrictEqual(yield* join("A", 1, "ann"), ["joined", "1"])
      assert.deepStrictEqual(yield* join("A", 1, "ann"), ["joined", "1"])
      assert.deepStrictEqual(yield* inbox("A"), ["j 1 A 1 5 ann"])
    })
  )

  itNeeds("redis-server")("is refused to a node that has been given up", () =>
    Effect.gen(function* () {
      const { join } = yield* room(1)
      const { problem } = yield* Effect.flip(join("A", 1, "ann"))
      assert.match(problem, /^FENCED/)
    })
  )
})

describe("leave", () => {
  itNeeds("redis-server")("frees a name, but never that of a successor", () =>
    Effect.gen(function* () {
      const { asks, inbox, join } = yield* room(10, "A", "B")
      yield* join("A", 1, "ann")
      assert.strictEqual(yield* asks(SeatScripts.leave, "A", "ann", 1), 1)
      yield* join("B", 1, "Ann")
      assert.strictEqual(yield* asks(SeatScripts.leave, "A", "ann", 1), 0)
      assert.deepStrictEqual(yield* join("A", 2, "ann"), ["taken"])
      assert.deepStrictEqual(yield* inbox("B"), ["j 1 A 1 5 ann", "l A 1 ann", "j 2 B 1 5 Ann"])
    })
  )
})

describe("reclaim", () => {
  itNeeds("redis-server")("moves a seat with its place to another node, once for each key", () =>
    Effect.gen(function* () {
      const { asks, inbox, join } = yield* room(10, "A", "B")
      yield* join("A", 1, "Ann")
      assert.strictEqual(yield* asks(SeatScripts.reclaim, "B", 1, 9, "ann", "secret"), "refused")
      assert.strictEqual(yield* asks(SeatScripts.makeKey, "A", 1, "ann", "other"), "ok")
      assert.strictEqual(yield* asks(SeatScripts.makeKey, "A", 1, "ann", "secret"), "ok")
      assert.strictEqual(yield* asks(SeatScripts.makeKey, "B", 1, "ann", "forged"), "gone")
      assert.strictEqual(yield* asks(SeatScripts.reclaim, "B", 1, 9, "ann", "other"), "refused")
      assert.strictEqual(yield* asks(SeatScripts.reclaim, "B", 1, 9, "ann", "secret"), "reclaimed")
      assert.strictEqual(yield* asks(SeatScripts.reclaim, "B", 1, 9, "ann", "secret"), "reclaimed")
      assert.strictEqual(yield* asks(SeatScripts.reclaim, "A", 2, 9, "ann", "secret"), "refused")
      assert.strictEqual(yield* asks(SeatScripts.leave, "A", "ann", 1), 0)
      assert.deepStrictEqual(yield* inbox("A"), ["j 1 A 1 5 Ann", "r 1 B 1 9 Ann"])
    })
  )
})

describe("send", () => {
  const send = (...requests: ReadonlyArray<Args>) => ["A", 1, 10, ...requests.flat()] as const

  itNeeds("redis-server")(
    "puts all messages for a node into one entry, and says which recipient there is none of",
    () =>
      Effect.gen(function* () {
        const { asks, inbox, join } = yield* room(10, "A", "B", "C")
        for (const [node, token, name] of [
          ["A", 1, "Ann"],
          ["A", 2, "abe"],
          ["B", 1, "bob"],
          ["C", 1, "cat"]
        ] as const) {
          yield* join(node, token, name)
        }
        const answer = yield* asks(
          MessageScripts.send,
          ...send(
            ["ann", 1, 4, "bob", "one", "eve", "?", "*", "all", "cat", "two"],
            ["abe", 2, 1, "bob", "three"],
            ["abe", 9, 1, "bob", "no"]
          )
        )
        assert.strictEqual(answer, "o u o o\no\ng")
        assert.deepStrictEqual((yield* inbox("B")).slice(4), ["m A Ann 1 - bob one Ann 1 - * all abe 2 - bob three"])
        assert.deepStrictEqual((yield* inbox("C")).slice(4), ["m A Ann 1 - * all Ann 1 - cat two"])
        assert.deepStrictEqual((yield* inbox("A")).slice(4), [])
      })
  )

  itNeeds("redis-server")("sends a batch once, however often it is asked", () =>
    Effect.gen(function* () {
      const { asks, inbox, join } = yield* room(10, "A", "B")
      yield* join("A", 1, "ann")
      yield* join("B", 1, "bob")
      for (let time = 0; time < 3; time++) {
        assert.strictEqual(yield* asks(MessageScripts.send, ...send(["ann", 1, 1, "bob", "hi"])), "o")
      }
      assert.lengthOf(yield* inbox("B"), 3)
    })
  )

  itNeeds("redis-server")("takes more messages than a call of Lua has arguments, in order", () =>
    Effect.gen(function* () {
      const { asks, inbox, join } = yield* room(10, "A", "B")
      yield* join("A", 1, "ann")
      yield* join("B", 1, "bob")
      const count = 4500
      const messages = Array.from({ length: count }, (_, message) => ["bob", message]).flat()
      const answer = yield* asks(MessageScripts.send, ...send(["ann", 1, count, ...messages]))
      assert.strictEqual(answer, Array.from({ length: count }, () => "o").join(" "))
      const texts = (yield* inbox("B")).slice(2).flatMap((entry) => entry.split(" ann 1 - bob ").slice(1))
      assert.deepStrictEqual(texts, messages.filter((_, index) => index % 2 === 1).map(String))
    })
  )

  itNeeds("redis-server")("makes the sender wait for recipients that have no room, or for its own node", () =>
    Effect.gen(function* () {
      const { asks, inbox, join } = yield* room(10, "A", "B")
      for (const [node, token, name] of [
        ["A", 1, "ann"],
        ["A", 2, "abe"],
        ["B", 1, "bob"],
        ["B", 2, "ben"]
      ] as const) {
        yield* join(node, token, name)
      }
      yield* asks(MessageScripts.mark, "B", "bob", 1, 1, "ben", 7, 1)
      const answer = yield* asks(
        MessageScripts.send,
        ...send(["ann", 1, 4, "bob", "1", "ben", "2", "*", "3", "abe", "4"])
      )
      assert.strictEqual(answer, "s:B:bob o s:B:bob s:A:abe")
      assert.deepStrictEqual((yield* inbox("B")).slice(4), ["m A ann 1 bob bob 1 ann 1 - ben 2 ann 1 bob * 3"])
      yield* asks(MessageScripts.mark, "B", "bob", 1, 0)
      yield* asks(MessageScripts.taken, "A", 1, "bob", "gone", 1, "bob")
      assert.deepStrictEqual((yield* inbox("A")).slice(4), ["m A ann 1 abe abe 4", "t 1 bob"])
    })
  )

  itNeeds("redis-server")("stops at the first message for an inbox that is full", () =>
    Effect.gen(function* () {
      const { asks, inbox, join } = yield* room(10, "A", "B", "C")
      for (const [node, token, name] of [
        ["A", 1, "ann"],
        ["B", 1, "bob"],
        ["C", 1, "cat"]
      ] as const)
        yield* join(node, token, name)
      const answer = yield* asks(MessageScripts.send, "A", 1, 3, "ann", 1, 3, "cat", "1", "bob", "2", "cat", "3")
      assert.strictEqual(answer, "b")
      yield* asks(MessageScripts.send, "A", 2, 4, "ann", 1, 1, "cat", "1")
      const again = yield* asks(MessageScripts.send, "A", 3, 4, "ann", 1, 3, "bob", "1", "cat", "2", "bob", "3")
      assert.strictEqual(again, "o b")
      assert.deepStrictEqual((yield* inbox("B")).slice(3), ["m A ann 1 - bob 1"])
    })
  )
})

describe("attach", () => {
  itNeeds("redis-server")("refuses a node with another cap, unless it is alone", () =>
    Effect.gen(function* () {
      const { asks, attach } = yield* room(10, "A")
      assert.deepStrictEqual(yield* attach("B", { most: 11 }), ["cap", "10"])
      yield* asks(NodeScripts.reap, "A", 1000, 1)
      assert.deepStrictEqual(yield* attach("B", { most: 11, fresh: "inbox2" }), ["attached", "epoch1", "inbox2", "0-0"])
    })
  )

  itNeeds("redis-server")("keeps the inbox of a node that comes back, and says where it ends", () =>
    Effect.gen(function* () {
      const { attach, inbox, join, redis } = yield* room(10, "A")
      yield* join("A", 1, "ann")
      const [state, epoch, name, last] = yield* attach("A", { epoch: "epoch1", fresh: "inbox2" })
      assert.deepStrictEqual([state, epoch, name], ["attached", "epoch1", "epoch1"])
      assert.match(String(last), /^\d{13}-\d+$/)
      assert.lengthOf(yield* inbox("A"), 1)
      yield* redis("FLUSHALL")
      assert.deepStrictEqual((yield* attach("A", { epoch: "epoch1", fresh: "epoch2", highest: 7 })).slice(0, 3), [
        "attached",
        "epoch2",
        "epoch2"
      ])
      assert.deepStrictEqual(yield* join("A", 2, "bob"), ["joined", "8"])
    })
  )

  itNeeds("redis-server")("admits nobody new after a loss before every node known has come back", () =>
    Effect.gen(function* () {
      const { asks, attach, join, redis } = yield* room(10, "A", "B")
      yield* redis("FLUSHALL")
      yield* asks(NodeScripts.attach, "A", "epoch0", 10, 60_000, 1, "r1", "epoch1", 0, "A", "B")
      assert.deepStrictEqual(yield* join("A", 1, "ann"), ["settling"])
      assert.strictEqual(yield* asks(SeatScripts.reclaim, "A", 1, 5, "ann", "x"), "settling")
      assert.strictEqual(yield* asks(SeatScripts.restore, "A", "eve", 3, 9, 5, "eve", "digest"), "o")
      yield* attach("B", { epoch: "epoch0" })
      assert.deepStrictEqual(yield* join("A", 1, "ann"), ["settling"])
      const toBob = (batch: number) => asks(MessageScripts.send, "A", batch, 100, "eve", 9, 1, "bob", "hi")
      assert.strictEqual(yield* toBob(1), "b", "it may be there again soon")
      for (const node of ["A", "B"]) yield* asks(NodeScripts.settle, node)
      assert.strictEqual(yield* toBob(2), "u")
      assert.deepStrictEqual(yield* join("A", 1, "ann"), ["joined", "4"])
      assert.strictEqual(yield* asks(SeatScripts.reclaim, "B", 1, 5, "eve", "digest"), "reclaimed")
    })
  )

  itNeeds("redis-server")("admits nobody new after Redis has started again before its nodes have come back", () =>
    Effect.gen(function* () {
      const { asks, attach, join } = yield* room(10, "A", "B")
      yield* attach("A", { epoch: "epoch1", run: "r2" })
      yield* asks(NodeScripts.settle, "A")
      assert.deepStrictEqual(yield* join("A", 1, "ann"), ["settling"])
      yield* attach("B", { epoch: "epoch1", run: "r2" })
      yield* asks(NodeScripts.settle, "B")
      assert.deepStrictEqual(yield* join("A", 1, "ann"), ["joined", "1"])
    })
  )

  itNeeds("redis-server")("gives entries ids after those that a node has read at a Redis whose clock was ahead", () =>
    Effect.gen(function* () {
      const { asks, attach, redis } = yield* room(10, "A", "B", "C")
      yield* redis("DEL", `${PREFIX}:inbox:C`)
      yield* redis("XADD", `${PREFIX}:inbox:A`, "*", "", "")
      const read = `${Date.now() + 1_800_000}-7`
      yield* attach("B", { epoch: "epoch1", run: "r2" })
      yield* asks(MessageScripts.say, "1", "hello")
      for (const node of ["A", "C"]) {
        const [, , name, last] = yield* attach(node, { epoch: "epoch1", run: "r2", fresh: "inbox2" })
        assert.deepStrictEqual([name, isBefore(read, last ?? "")], ["epoch1", true])
        const unread = yield* redis("XRANGE", `${PREFIX}:inbox:${node}`, `(${read}`, "+")
        assert.include(JSON.stringify(unread), "hello")
      }
    })
  )
})

describe("say", () => {
  itNeeds("redis-server")("says it once, however often it is asked", () =>
    Effect.gen(function* () {
      const { asks, inbox } = yield* room(10, "A")
      for (const id of ["one", "one", "two"]) yield* asks(MessageScripts.say, id, `${id}!`)
      assert.deepStrictEqual(yield* inbox("A"), ["o one!", "o two!"])
    })
  )
})

describe("restore", () => {
  itNeeds("redis-server")("makes the last key of a seat valid again", () =>
    Effect.gen(function* () {
      const { asks, join } = yield* room(10, "A", "B")
      yield* join("A", 1, "ann")
      yield* asks(SeatScripts.makeKey, "A", 1, "ann", "first")
      assert.strictEqual(yield* asks(SeatScripts.restore, "A", "ann", 1, 1, 5, "ann", "last"), "o")
      assert.strictEqual(yield* asks(SeatScripts.reclaim, "B", 1, 5, "ann", "first"), "refused")
      assert.strictEqual(yield* asks(SeatScripts.reclaim, "B", 1, 5, "ann", "last"), "reclaimed")
    })
  )

  itNeeds("redis-server")("says of a seat that another node has reclaimed it", () =>
    Effect.gen(function* () {
      const { asks, join } = yield* room(10, "A", "B")
      yield* join("A", 1, "ann")
      yield* asks(SeatScripts.makeKey, "A", 1, "ann", "digest")
      yield* asks(SeatScripts.reclaim, "B", 1, 5, "ann", "digest")
      assert.strictEqual(yield* asks(SeatScripts.restore, "A", "ann", 1, 1, 5, "ann", "-"), "r")
      assert.strictEqual(yield* asks(SeatScripts.restore, "A", "ann", 2, 2, 5, "ann", "-"), "t")
    })
  )

  itNeeds("redis-server")("registers again what is not there, unless the name is another's or the room is full", () =>
    Effect.gen(function* () {
      const { asks, join } = yield* room(3, "A", "B")
      yield* join("B", 1, "bob")
      yield* join("A", 2, "abe")
      const seats = [
        ["abe", 2, 2, 5, "abe", "-"],
        ["bob", 9, 3, 5, "bob", "-"],
        ["cat", 5, 4, 5, "cat", "-"],
        ["dan", 6, 5, 5, "dan", "-"]
      ]
      assert.strictEqual(yield* asks(SeatScripts.restore, "A", ...seats.flat()), "otof")
    })
  )
})

describe("reap", () => {
  itNeeds("redis-server")("clears away a node whose lease is over, page by page, and no other", () =>
    Effect.gen(function* () {
      const { asks, attach, inbox, join, redis } = yield* room(100, "A", "B")
      for (let token = 1; token <= 25; token++) yield* join("B", token, `user${token}`)
      assert.deepStrictEqual(yield* asks(NodeScripts.reap, "B", 10, 0), ["alive", 0])
      yield* redis("DEL", `${PREFIX}:lease:B`)
      assert.deepStrictEqual((yield* asks(NodeScripts.beat, "A", 60_000)).slice(2), [0, "B"])
      assert.deepStrictEqual(yield* asks(NodeScripts.reap, "B", 10, 0), ["more", 10])
      assert.deepStrictEqual(yield* asks(NodeScripts.beat, "B", 60_000), ["reaped"])
      assert.deepStrictEqual(yield* attach("B", { epoch: "epoch1" }), ["dying"])
      assert.deepStrictEqual(yield* asks(NodeScripts.reap, "B", 10, 0), ["more", 10])
      assert.deepStrictEqual(yield* asks(NodeScripts.reap, "B", 10, 0), ["done", 5])
      assert.deepStrictEqual((yield* asks(NodeScripts.beat, "A", 60_000)).slice(2), [0])
      assert.lengthOf(yield* inbox("A"), 28)
      assert.strictEqual(yield* redis("HLEN", `${PREFIX}:users`), 0)
    })
  )

  itNeeds("redis-server")("leaves nothing of a node, though somebody wrote to its members meanwhile", () =>
    Effect.gen(function* () {
      const { asks, join, redis } = yield* room(100, "A", "B")
      yield* join("A", 1, "ann")
      for (const [token, name] of ["bob", "ben"].entries()) yield* join("B", token, name)
      assert.deepStrictEqual(yield* asks(NodeScripts.reap, "B", 1, 1), ["more", 1])
      yield* asks(MessageScripts.send, "A", 1, 10, "ann", 1, 2, "bob", "hi", "ben", "hi")
      assert.deepStrictEqual(yield* asks(NodeScripts.reap, "B", 1, 1), ["done", 1])
      assert.deepStrictEqual(yield* redis("KEYS", `${PREFIX}:*:B`), [])
    })
  )

  itNeeds("redis-server")("leaves a seat alone that has been reclaimed at another node", () =>
    Effect.gen(function* () {
      const { asks, join, redis } = yield* room(100, "A", "B")
      yield* join("B", 1, "bob")
      yield* asks(SeatScripts.makeKey, "B", 1, "bob", "digest")
      yield* asks(SeatScripts.reclaim, "A", 1, 5, "bob", "digest")
      yield* redis("DEL", `${PREFIX}:lease:B`)
      assert.deepStrictEqual(yield* asks(NodeScripts.reap, "B", 10, 0), ["done", 0])
      assert.deepStrictEqual(yield* asks(NodeScripts.owned, "A", 0), ["0", "bob", "1"])
    })
  )
})
