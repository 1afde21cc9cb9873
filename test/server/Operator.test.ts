import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { leavings } from "../support/leaving.ts"
import { inMemory } from "../support/World.ts"

describe("the operator says something", () => {
  it.scoped("to every member, whether it WATCHes or not, and to nobody else", () =>
    Effect.gen(function* () {
      const { connects, joins, log, room } = yield* inMemory()
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const stranger = yield* connects
      yield* bob.types("WATCH")
      yield* bob.hears
      yield* room.say("back in five\u0007 minutes\n")
      for (const person of [ann, bob]) assert.strictEqual(yield* person.hears, "FROM *: back in five minutes")
      yield* stranger.types("LIST\nQUIT")
      assert.deepStrictEqual(yield* stranger.isLeft, ['Unregistered User. Use "JOIN <username>" to Register.'])
      assert.strictEqual(log.lines.filter((line) => line === "Operator: BCST").length, 1)
      assert.isFalse(log.lines.some((line) => line.includes("minutes")))
    })
  )

  it.scoped("and a text without content, or longer than a line may be, is refused and reaches nobody", () =>
    Effect.gen(function* () {
      const { joins, log, room } = yield* inMemory({ maxLine: 20 })
      const ann = yield* joins("ann")
      assert.strictEqual((yield* Effect.flip(room.say("\r\n")))._tag, "EmptyAnnouncement")
      assert.strictEqual((yield* Effect.flip(room.say("x".repeat(21))))._tag, "AnnouncementTooLong")
      yield* room.say("x".repeat(20))
      assert.strictEqual(yield* ann.hears, `FROM *: ${"x".repeat(20)}`)
      assert.strictEqual(log.lines.filter((line) => line === "Operator: BCST").length, 1)
    })
  )

  it.scoped("and nobody waits for it: it enters a full outbox behind the messages that wait for room", () =>
    Effect.gen(function* () {
      const { joins, room } = yield* inMemory({ outbox: 100 })
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      yield* ann.stalls
      yield* bob.types(`MESG ann ${"1".repeat(70)}\nMESG ann ${"2".repeat(70)}`)
      yield* room.say("hello")
      assert.strictEqual(yield* bob.hears, "FROM *: hello")
      yield* ann.resumes
      const heard = yield* Effect.replicateEffect(ann.hears, 3)
      assert.deepStrictEqual([...heard].sort(), [
        `FROM *: hello`,
        `FROM bob: ${"1".repeat(70)}`,
        `FROM bob: ${"2".repeat(70)}`
      ])
    })
  )

  it.scoped("and a member whose outbox is filled twice by that is cut as a slow consumer", () =>
    Effect.gen(function* () {
      const { joins, log, room } = yield* inMemory({ outbox: 100 })
      const ann = yield* joins("ann")
      yield* joins("bob")
      yield* ann.stalls
      yield* Effect.replicateEffect(room.say("x".repeat(60)), 3)
      yield* log.says(`Client (${ann.fd}): Slow Consumer. Disconnecting User.`)
    })
  )
})

describe("the operator ends a connection", () => {
  const farewell = "Removed by Operator. Disconnecting User."

  it.scoped.each([
    ["by name, in any case", () => ({ name: "BOB" })],
    ["by descriptor", (fd: number) => ({ fd })],
    ["by both", (fd: number) => ({ name: "bob", fd })]
  ] as const)("%s: the client is told, there is one leaving line, and the name is free", ([, who]) =>
    Effect.gen(function* () {
      const { connections, joins, log, metrics } = yield* inMemory()
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      yield* ann.types("WATCH")
      yield* ann.hears
      yield* connections.disconnect(who(bob.fd))
      assert.deepStrictEqual(yield* bob.isLeft, [farewell])
      assert.deepStrictEqual(leavings(log.lines, bob.fd), [`Client (${bob.fd}): ${farewell}`])
      assert.strictEqual(metrics.endings.removedByOperator, 1)
      assert.strictEqual(yield* ann.hears, "LEFT bob")
      yield* joins("bob")
    })
  )

  it.scoped("of a client that has not registered", () =>
    Effect.gen(function* () {
      const { connections, connects } = yield* inMemory()
      const stranger = yield* connects
      yield* connections.disconnect({ fd: stranger.fd })
      assert.deepStrictEqual(yield* stranger.isLeft, [farewell])
    })
  )

  it.scoped("and a name or a descriptor that nobody has, or two that are not of one client, end nothing", () =>
    Effect.gen(function* () {
      const { connections, joins } = yield* inMemory()
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      for (const who of [{ name: "cat" }, { name: "" }, { name: "a b" }, { fd: 99 }, { name: "ann", fd: bob.fd }, {}]) {
        assert.strictEqual((yield* Effect.flip(connections.disconnect(who)))._tag, "NotConnected")
      }
      const { message } = yield* Effect.flip(connections.disconnect({ name: "ann", fd: bob.fd }))
      assert.strictEqual(message, `there is no connection with the name ann and descriptor ${bob.fd}`)
      yield* ann.types("PING")
      assert.strictEqual(yield* ann.hears, "PONG")
    })
  )

  it.scoped("once: while it is leaving it is not found again", () =>
    Effect.gen(function* () {
      const { connections, joins } = yield* inMemory()
      const bob = yield* joins("bob")
      yield* bob.stalls
      yield* connections.disconnect({ name: "bob" })
      assert.strictEqual((yield* Effect.flip(connections.disconnect({ fd: bob.fd })))._tag, "NotConnected")
      const next = yield* joins("bob")
      yield* connections.disconnect({ name: "bob" })
      assert.deepStrictEqual(yield* next.isLeft, [farewell])
    })
  )
})
