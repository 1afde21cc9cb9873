import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import * as TestClock from "effect/TestClock"
import { bcst, mesg, ping, quit, raw } from "../../src/client/Command.ts"
import { Dialer } from "../../src/client/Dialer.ts"
import { ConnectionLost } from "../../src/client/Ending.ts"
import { following, Link, type LinkEvent, type Options } from "../../src/client/Link.ts"
import { scriptedServer } from "../support/ScriptedServer.ts"

const KEY = "0a".repeat(16)

/** A link to a scripted server, whose events are read into a queue. */
const linked = (options: Partial<Options> = {}) =>
  Effect.gen(function* () {
    const server = yield* scriptedServer
    const layer = Link.layer({ name: "ann", reconnects: false, greeting: [], ...options })
    const { events, say } = Context.get(yield* Layer.build(Layer.provide(layer, server.layer)), Link)
    const seen = yield* Queue.unbounded<LinkEvent>()
    const reader = yield* Effect.forkScoped(Stream.runForEach(events, (event) => Queue.offer(seen, event)))
    const next = Queue.take(seen)
    /** Waits for the next event that is not Connecting, in short words. */
    const news: Effect.Effect<string> = Effect.flatMap(next, (event) => {
      switch (event._tag) {
        case "Connecting":
          return news
        case "Online":
          return Effect.succeed(`online as ${event.name}${event.isReclaimed ? " again" : ""}`)
        case "Heard":
          return Effect.succeed(event.message._tag)
        default:
          return Effect.succeed(`${event._tag}: ${event.why.message}`)
      }
    })
    return { ...server, say, next, news, hasEnded: Fiber.join(reader) }
  })

/** A link that is online. */
const online = (options: Partial<Options> = {}) =>
  Effect.gen(function* () {
    const link = yield* linked(options)
    const caller = yield* link.answers
    assert.strictEqual(yield* caller.hears, "JOIN ann")
    yield* caller.says("JOIN ann Request Accepted")
    assert.strictEqual(yield* link.news, "online as ann")
    return { ...link, caller }
  })

describe("a link", () => {
  it.scoped("joins, greets, and hands on what it hears", () =>
    Effect.gen(function* () {
      const { caller, next } = yield* online({ greeting: following })
      assert.deepStrictEqual([yield* caller.hears, yield* caller.hears, yield* caller.hears], ["KEY", "WATCH", "LIST"])
      yield* TestClock.setTime(1000)
      yield* caller.says("WATCH Request Accepted", "MESG FROM bob: \u001b[2Jhi")
      yield* next
      assert.deepStrictEqual(yield* next, {
        _tag: "Heard",
        at: 1000,
        message: { _tag: "From", sender: "bob", text: "[2Jhi", audience: "private" }
      })
    })
  )

  it.scoped("tells the message of the day from what comes after the first reply", () =>
    Effect.gen(function* () {
      const { answers, news } = yield* linked()
      const caller = yield* answers
      yield* caller.says("FROM bob: hi", "PONG", "JOIN ann Request Accepted", "FROM bob: hi", "PONG")
      const heard = [yield* news, yield* news, yield* news, yield* news, yield* news]
      assert.deepStrictEqual(heard, ["Motd", "Motd", "online as ann", "From", "Pong"])
    })
  )

  it.scoped("sends commands as lines, and no text can begin a second one", () =>
    Effect.gen(function* () {
      const { caller, say } = yield* online()
      yield* say(mesg("bob", "a\r\nQUIT\u0000"), bcst(" b "), raw("LIST x\nQUIT"), ping)
      const lines = [yield* caller.hears, yield* caller.hears, yield* caller.hears, yield* caller.hears]
      assert.deepStrictEqual(lines, ["MESG bob aQUIT", "BCST  b ", "LIST xQUIT", "PING"])
    })
  )

  it.scoped("refuses to say anything before it is online and after it is over", () =>
    Effect.gen(function* () {
      const { answers, hasEnded, news, say } = yield* linked()
      const caller = yield* answers
      assert.strictEqual((yield* Effect.flip(say(ping)))._tag, "NotOnline")
      yield* caller.says("JOIN ann Request Accepted")
      yield* news
      yield* say(ping)
      yield* caller.cuts
      assert.strictEqual(yield* news, "Over: the connection is lost: the server closed it")
      yield* hasEnded
      assert.strictEqual((yield* Effect.flip(say(ping)))._tag, "NotOnline")
    })
  )

  it.scoped("is over, and has left, when the server has answered QUIT", () =>
    Effect.gen(function* () {
      const { caller, news, say } = yield* online({ reconnects: true })
      yield* say(quit)
      assert.strictEqual(yield* caller.hears, "QUIT")
      yield* caller.cuts
      assert.strictEqual(yield* news, "Over: left")
    })
  )

  it.scoped("waits for its reader, and so does the server", () =>
    Effect.gen(function* () {
      const server = yield* scriptedServer
      const layer = Link.layer({ name: "ann", reconnects: false, greeting: [] })
      const { events } = Context.get(yield* Layer.build(Layer.provide(layer, server.layer)), Link)
      const caller = yield* server.answers
      yield* caller.says("JOIN ann Request Accepted")
      const lines = Array.from({ length: 1000 }, (_, n) => `FROM bob: ${n}`)
      const flood = yield* Effect.fork(Effect.forEach(lines, (line) => caller.says(line), { discard: true }))
      // All fibers are suspended when the clock has been set.
      yield* TestClock.adjust("1 second")
      assert.isTrue((yield* Fiber.poll(flood))._tag === "None")
      const heard = yield* events.pipe(
        Stream.filterMap((event) =>
          event._tag === "Heard" && event.message._tag === "From" ? Option.some(event.message.text) : Option.none()
        ),
        Stream.take(1000),
        Stream.runCollect
      )
      assert.deepStrictEqual(
        Array.from(heard),
        lines.map((_, n) => String(n))
      )
      yield* Fiber.join(flood)
    })
  )
})

describe("a link is over without another attempt", () => {
  const refusals = [
    "Username Already Taken (ann). JOIN Discarded.",
    "Invalid Username (ann). JOIN Discarded.",
    "Too Many Users. Disconnecting User.",
    "Too Many Connections. Disconnecting User."
  ]
  for (const refusal of refusals) {
    it.scoped(`when the answer to JOIN is ${refusal}`, () =>
      Effect.gen(function* () {
        const { answers, hasEnded, news } = yield* linked({ reconnects: true })
        yield* Effect.flatMap(answers, ({ says }) => says(refusal))
        const last = yield* Effect.repeat(news, { until: (text) => text.startsWith("Over") })
        assert.strictEqual(last, `Over: ${refusal}`)
        yield* hasEnded
      })
    )
  }

  it.scoped("when nothing can be connected to", () =>
    Effect.gen(function* () {
      const server = yield* scriptedServer
      yield* server.goesDown
      const layer = Layer.provide(Link.layer({ name: "ann", reconnects: true, greeting: [] }), server.layer)
      const events = yield* Effect.provide(
        Effect.flatMap(Link, ({ events }) => Stream.runCollect(events)),
        layer
      )
      assert.deepStrictEqual(
        Array.from(events, ({ _tag }) => _tag),
        ["Connecting", "Over"]
      )
    })
  )

  it.scoped("when JOIN is not answered within 10 seconds", () =>
    Effect.gen(function* () {
      const { answers, news } = yield* linked({ reconnects: true })
      const caller = yield* answers
      assert.strictEqual(yield* caller.hears, "JOIN ann")
      const ending = yield* Effect.fork(news)
      yield* TestClock.adjust("9999 millis")
      assert.isTrue((yield* Fiber.poll(ending))._tag === "None")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* Fiber.join(ending), "Over: the connection is lost: no answer to JOIN within 10 seconds")
    })
  )

  const farewells = ["Session Reclaimed", "Idle Too Long", "Removed by Operator", "Too Many Attempts", "Server on Fire"]
  for (const words of farewells) {
    it.scoped(`when the server says ${words}`, () =>
      Effect.gen(function* () {
        const { caller, hasEnded, news } = yield* online({ reconnects: true })
        yield* caller.says(`${words}. Disconnecting User.`)
        assert.deepStrictEqual([yield* news, yield* news], ["Farewell", `Over: ${words}. Disconnecting User.`])
        yield* hasEnded
      })
    )
  }

  it.scoped("when the connection is lost and nobody asked for more", () =>
    Effect.gen(function* () {
      const { caller, news } = yield* online()
      yield* caller.cuts
      assert.strictEqual(yield* news, "Over: the connection is lost: the server closed it")
    })
  )
})

describe("a connection that fails", () => {
  it.scoped("after the answer is over with the reason", () =>
    Effect.gen(function* () {
      const answer = new TextEncoder().encode("JOIN ann Request Accepted\r\n")
      const bytes = Stream.concat(Stream.make(answer), Stream.fail(new ConnectionLost({ reason: "reset" })))
      const dialer = Layer.succeed(Dialer, { dial: Effect.succeed({ bytes, send: () => Effect.void }) })
      const layer = Link.layer({ name: "ann", reconnects: false, greeting: [] })
      const { events } = Context.get(yield* Layer.build(Layer.provide(layer, dialer)), Link)
      const last = Option.getOrThrow(yield* Stream.runLast(events))
      assert.strictEqual(last._tag === "Over" ? last.why.message : last._tag, "the connection is lost: reset")
    })
  )
})

describe("a link that reconnects", () => {
  it.scoped("does not come back before its reader knows of the loss: what is said in between is not sent", () =>
    Effect.gen(function* () {
      const server = yield* scriptedServer
      const layer = Link.layer({ name: "ann", reconnects: true, greeting: [] })
      const { events, say } = Context.get(yield* Layer.build(Layer.provide(layer, server.layer)), Link)
      const pull = yield* Stream.toPull(events)
      const caller = yield* server.answers
      yield* caller.says("JOIN ann Request Accepted", "FROM bob: hi")
      const tags: Array<string> = []
      const readTo = (tag: string) =>
        Effect.repeat(
          Effect.map(pull, (some) => void tags.push(...Chunk.map(some, ({ _tag }) => _tag))),
          { until: () => tags.includes(tag) }
        )
      yield* readTo("Heard")
      yield* caller.cuts
      yield* readTo("Lost")
      const returned = yield* Effect.fork(server.answers)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual((yield* Fiber.poll(returned))._tag, "None")
      assert.strictEqual((yield* Effect.flip(say(ping)))._tag, "NotOnline")
      const reading = yield* Effect.fork(readTo("Online"))
      yield* Effect.flatMap(Fiber.join(returned), ({ says }) => says("JOIN ann Request Accepted"))
      yield* Fiber.join(reading)
    })
  )

  it.scoped("tries at once, then after 1, 2, 4 … 30 seconds, for ever", () =>
    Effect.gen(function* () {
      const { attempted, caller, goesDown, news } = yield* online({ reconnects: true })
      yield* TestClock.adjust("1 minute")
      yield* attempted
      yield* goesDown
      yield* caller.cuts
      assert.match(yield* news, /^Lost: the connection is lost/)
      const lost = yield* Clock.currentTimeMillis
      for (const _ of Array.from({ length: 122 })) yield* TestClock.adjust("1 second")
      const times = [lost, ...(yield* attempted)]
      const pauses = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 1000)
      assert.deepStrictEqual(pauses, [0, 1, 2, 4, 8, 16, 30, 30, 30])
    }).pipe(Effect.withRandom(Random.fixed([0.5])))
  )

  it.scoped("takes its name back with the last key, and greets again", () =>
    Effect.gen(function* () {
      const { answers, caller, news } = yield* online({ reconnects: true, greeting: following })
      yield* caller.says(`KEY ${"ff".repeat(16)}`, `KEY ${KEY}`, "Server Shutting Down. Disconnecting User.")
      const heard = [yield* news, yield* news, yield* news, yield* news]
      assert.deepStrictEqual(heard.slice(2), ["Farewell", "Lost: Server Shutting Down. Disconnecting User."])
      const returned = yield* answers
      assert.strictEqual(yield* returned.hears, `RECLAIM ann ${KEY}`)
      yield* returned.says("RECLAIM ann Request Accepted")
      assert.strictEqual(yield* news, "online as ann again")
      assert.deepStrictEqual(
        [yield* returned.hears, yield* returned.hears, yield* returned.hears],
        ["KEY", "WATCH", "LIST"]
      )
    })
  )

  it.scoped("joins anew on the same connection when the key is not good any more", () =>
    Effect.gen(function* () {
      const { answers, caller, news } = yield* online({ reconnects: true })
      yield* caller.says(`KEY ${KEY}`)
      yield* caller.cuts
      assert.deepStrictEqual([yield* news, (yield* news).slice(0, 4)], ["Key", "Lost"])
      const returned = yield* answers
      yield* returned.says("Welcome", "Unable to Reclaim (ann). RECLAIM Discarded.")
      assert.deepStrictEqual([yield* returned.hears, yield* returned.hears], [`RECLAIM ann ${KEY}`, "JOIN ann"])
      yield* returned.says("JOIN ann Request Accepted", "FROM bob: hi")
      assert.deepStrictEqual([yield* news, yield* news, yield* news], ["Motd", "online as ann", "From"])
    })
  )

  it.scoped("tries again while its name is taken: the server may not have noticed the loss", () =>
    Effect.gen(function* () {
      const { answers, caller, news } = yield* online({ reconnects: true })
      yield* caller.cuts
      yield* news
      const early = yield* answers
      assert.strictEqual(yield* early.hears, "JOIN ann")
      yield* early.says("Username Already Taken (ann). JOIN Discarded.")
      assert.strictEqual(yield* news, "Lost: Username Already Taken (ann). JOIN Discarded.")
      yield* TestClock.adjust("2 seconds")
      const late = yield* answers
      yield* late.says("JOIN ann Request Accepted")
      assert.strictEqual(yield* news, "online as ann")
    })
  )

  it.scoped("does not hurry after connections that end at once", () =>
    Effect.gen(function* () {
      const { answers, caller, news } = yield* online({ reconnects: true })
      yield* caller.cuts
      yield* news
      const second = yield* answers
      yield* second.says("JOIN ann Request Accepted")
      yield* news
      yield* second.cuts
      yield* news
      const third = yield* Effect.fork(answers)
      yield* TestClock.adjust("999 millis")
      assert.isTrue((yield* Fiber.poll(third))._tag === "None")
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(third)
    }).pipe(Effect.withRandom(Random.fixed([0.5])))
  )
})
