import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Client } from "../../src/client/Client.ts"
import { bcst, type Command, mesg, ping, raw } from "../../src/client/Command.ts"
import { following } from "../../src/client/Link.ts"
import { scriptedServer } from "../support/ScriptedServer.ts"

/** A client of a scripted server, which greets with nothing unless told otherwise. */
const connected = (reconnects = false, greeting: ReadonlyArray<Command> = []) =>
  Effect.gen(function* () {
    const server = yield* scriptedServer
    const connecting = yield* Effect.fork(
      Effect.provide(Client.connectBy({ name: "ann", greeting, reconnects }), server.layer)
    )
    const caller = yield* server.answers
    yield* caller.hears
    yield* caller.says("JOIN ann Request Accepted")
    return { ...server, caller, client: yield* Fiber.join(connecting) }
  })

const RULE = "-".repeat(28)
const TABLE = ["USERNAME               FD", RULE, "bob                    5", RULE]
const REFUSAL = "Unknown Recipient (eve). MESG Discarded."

describe("a client", () => {
  it.scoped("fails to connect with the reason", () =>
    Effect.gen(function* () {
      const server = yield* scriptedServer
      yield* server.goesDown
      const ending = yield* Effect.flip(Effect.provide(Client.connectBy({ name: "ann" }), server.layer))
      assert.strictEqual(ending.message, "cannot connect to memory: it is down")
    })
  )

  it.scoped("knows that a command is handled by the PONG behind it, whatever else is said", () =>
    Effect.gen(function* () {
      const { caller, client } = yield* connected()
      const telling = yield* Effect.fork(client.tell("bob", "hi"))
      assert.deepStrictEqual([yield* caller.hears, yield* caller.hears], ["MESG bob hi", "PING"])
      yield* caller.says("FROM bob: PONG", "JOINED PONG", "LEFT PONG")
      yield* TestClock.adjust("1 second")
      assert.isTrue((yield* Fiber.poll(telling))._tag === "None")
      yield* caller.says("PONG")
      yield* Fiber.join(telling)
    })
  )

  it.scoped("gives each pipelined command its own answer", () =>
    Effect.gen(function* () {
      const { caller, client } = yield* connected()
      const [first, second, third] = [
        yield* client.submit(bcst("one")),
        yield* client.submit(mesg("eve", "two")),
        yield* client.submit(bcst("three"))
      ]
      const refusal = "Unknown Recipient (eve). MESG Discarded."
      yield* caller.says("PONG", refusal, "PONG", "PONG")
      yield* first
      assert.strictEqual((yield* Effect.flip(second)).message, refusal)
      yield* third
    })
  )

  it.scoped("lists who is here", () =>
    Effect.gen(function* () {
      const { caller, client } = yield* connected()
      const listing = yield* Effect.fork(client.list)
      assert.deepStrictEqual([yield* caller.hears, yield* caller.hears], ["LIST", "PING"])
      const rule = "-".repeat(28)
      yield* caller.says("USERNAME               FD", rule, "PONG                   5", rule, "PONG")
      assert.deepStrictEqual(yield* Fiber.join(listing), [{ name: "PONG", fd: 5 }])
    })
  )

  it.scoped("does not take the replies to its greeting for those to a command", () =>
    Effect.gen(function* () {
      const { caller, client } = yield* connected(false, following)
      const listing = yield* Effect.fork(client.list)
      const telling = yield* Effect.fork(client.tell("bob", "hi"))
      // This server knows no KEY.
      yield* caller.says("Unknown Message. Discarding UNKNOWN Message.", "WATCH Request Accepted", ...TABLE, "PONG")
      yield* caller.says(...TABLE, "PONG", "PONG")
      assert.deepStrictEqual(yield* Fiber.join(listing), [{ name: "bob", fd: 5 }])
      yield* Fiber.join(telling)
    })
  )

  it.scoped("does not take the replies to what it said without waiting for those to a command", () =>
    Effect.gen(function* () {
      const { caller, client } = yield* connected()
      yield* client.say(mesg("eve", "psst"), ping)
      yield* client.say(mesg("eve", "psst"))
      const [first, second] = [yield* client.submit(raw("PING")), yield* client.submit(mesg("eve", "hi"))]
      yield* caller.says(REFUSAL, "PONG", REFUSAL, "PONG", "PONG", REFUSAL, "PONG")
      yield* first
      assert.strictEqual((yield* Effect.flip(second)).message, REFUSAL)
    })
  )

  it.scoped("ends after QUIT that is said while it has no connection", () =>
    Effect.gen(function* () {
      const { answers, caller, client, goesDown } = yield* connected(true)
      yield* goesDown
      yield* caller.cuts
      const lost = Stream.takeUntil(client.events, ({ _tag }) => _tag === "Lost")
      yield* Stream.runDrain(lost)
      yield* client.quit
      yield* Stream.runDrain(client.messages)
      assert.isTrue((yield* Fiber.poll(yield* Effect.fork(answers)))._tag === "None")
    })
  )

  it.scoped("does not connect to a server that says more than a message of the day before it answers", () =>
    Effect.gen(function* () {
      const server = yield* scriptedServer
      const connecting = yield* Effect.fork(
        Effect.flip(Effect.provide(Client.connectBy({ name: "ann" }), server.layer))
      )
      const caller = yield* server.answers
      yield* Effect.fork(Effect.forever(caller.says("a", "b", "c", "d")))
      assert.match((yield* Fiber.join(connecting)).message, /answers JOIN with a flood/)
    })
  )

  it.scoped("does not know what became of a command when the connection is lost before its answer", () =>
    Effect.gen(function* () {
      const { answers, caller, client } = yield* connected(true)
      const outcome = yield* client.submit(bcst("hi"))
      yield* caller.cuts
      assert.strictEqual(
        (yield* Effect.flip(outcome)).message,
        "the connection is lost: the server closed it: it is not known whether it was handled"
      )
      // The next answer belongs to the next command.
      const returned = yield* answers
      yield* returned.says("JOIN ann Request Accepted")
      yield* client.events.pipe(
        Stream.filter(({ _tag }) => _tag === "Online"),
        Stream.take(2),
        Stream.runDrain
      )
      const next = yield* client.submit(bcst("again"))
      yield* returned.says("PONG")
      yield* next
    })
  )

  it.scoped("does not keep the replies to a command that never end", () =>
    Effect.gen(function* () {
      const { caller, client } = yield* connected()
      yield* Effect.forkScoped(Stream.runDrain(client.messages))
      const [endless, next] = [yield* client.submit(raw("LIST")), yield* client.submit(bcst("hi"))]
      yield* caller.says(...Array.from({ length: 1000 }, (_, index) => `row ${index}`))
      yield* TestClock.adjust("1 second")
      assert.isTrue(Option.isNone(yield* Deferred.poll(endless)))
      yield* caller.says("row 1000")
      const ending = yield* Effect.flip(endless)
      assert.strictEqual(ending.message, "its replies do not end: it is not known whether it was handled")
      // Each further reply still belongs to it.
      yield* caller.says("row 1001", "PONG", "PONG")
      assert.deepStrictEqual(yield* next, [])
    })
  )

  it.scoped("ends its messages with the reason why the connection is over, and without one after QUIT", () =>
    Effect.gen(function* () {
      const { caller, client } = yield* connected()
      yield* caller.says("FROM bob: hi", "Idle Too Long. Disconnecting User.")
      const ending = yield* Effect.flip(Stream.runDrain(client.messages))
      assert.strictEqual(ending.message, "Idle Too Long. Disconnecting User.")

      const other = yield* connected()
      yield* other.client.quit
      yield* other.caller.cuts
      yield* Stream.runDrain(other.client.messages)
    })
  )

  it.scoped("does not wait for ever behind messages that nobody reads", () =>
    Effect.gen(function* () {
      const { caller, client } = yield* connected()
      const outcome = yield* client.submit(bcst("hi"))
      const flood = yield* Effect.fork(
        Effect.forEach(Array.from({ length: 2000 }), () => caller.says("FROM bob: hi"), { discard: true })
      )
      const answer = yield* Effect.fork(Effect.flip(outcome))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual(
        (yield* Fiber.join(answer)).message,
        "messages before the answer are not read: it is not known whether it was handled"
      )
      // So does each command after it.
      const late = yield* client.submit(mesg("eve", "hi"))
      const lateAnswer = yield* Effect.fork(Effect.flip(late))
      yield* TestClock.adjust("30 seconds")
      assert.strictEqual((yield* Fiber.join(lateAnswer))._tag, "Unanswered")
      // Nothing is lost for a reader who comes late.
      const read = yield* client.messages.pipe(Stream.take(2000), Stream.runCount)
      assert.strictEqual(read, 2000)
      yield* Fiber.join(flood)
      // The PONGs that nobody waits for any more are not taken for the answer to the next command.
      const next = yield* client.submit(mesg("eve", "hi"))
      yield* caller.says("PONG", REFUSAL, "PONG", REFUSAL, "PONG")
      assert.strictEqual((yield* Effect.flip(next))._tag, "CommandRefused")
    })
  )
})
