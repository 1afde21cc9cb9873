import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { Client } from "../../src/client/Client.ts"
import { bcst, mesg } from "../../src/client/Command.ts"
import { scriptedServer } from "../support/ScriptedServer.ts"

/** A client of a scripted server, which greets with nothing. */
const connected = (reconnects = false) =>
  Effect.gen(function* () {
    const server = yield* scriptedServer
    const connecting = yield* Effect.fork(
      Effect.provide(Client.connectBy({ name: "ann", greeting: [], reconnects }), server.layer)
    )
    const caller = yield* server.answers
    yield* caller.hears
    yield* caller.says("JOIN ann Request Accepted")
    return { ...server, caller, client: yield* Fiber.join(connecting) }
  })

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
      // Nothing is lost for a reader who comes late.
      const read = yield* client.messages.pipe(Stream.take(2000), Stream.runCount)
      assert.strictEqual(read, 2000)
      yield* Fiber.join(flood)
    })
  )
})
