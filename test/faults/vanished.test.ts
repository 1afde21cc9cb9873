/** Peers whose machine vanishes, and peers that only look like it, in the real TCP of Linux. */
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Retransmissions from "../../src/process/Retransmissions.ts"
import * as LostPeers from "../../src/server/LostPeers.ts"
import { OpenConnections } from "../../src/server/OpenConnections.ts"
import { leavings } from "../support/leaving.ts"
import { itNeeds, starts } from "../support/Program.ts"
import { overTcp } from "../support/World.ts"

const CLIENT = fileURLToPath(new URL("../support/vanishing.py", import.meta.url))

const needsPython = itNeeds("python3")

const test: typeof needsPython = (name, self) =>
  process.platform === "linux" ? needsPython(name, self) : it.skip(`${name} (needs Linux)`)

/** A server that watches its connections, with buffers so large that no sender waits for a recipient. */
const watched = (patience: Duration.Duration) =>
  Effect.gen(function* () {
    const world = yield* overTcp({ outbox: 50_000_000, drainTimeout: Duration.millis(200) })
    const watch = LostPeers.layer(Retransmissions.sockets, { period: Duration.millis(100), patience })
    yield* Layer.build(Layer.provide(watch, Layer.succeed(OpenConnections, world.connections)))
    /** Starts a client in a process of its own. */
    const starting = (name: string) =>
      Effect.gen(function* () {
        const client = yield* starts(["python3", CLIENT, String(world.port), name])
        yield* client.says("joined")
        const fds = world.log.events.flatMap((event) =>
          event.event === "joined" && event.name === name ? event.fd : []
        )
        const [fd = -1] = fds
        const does = (step: string) => Effect.zipRight(client.types(step), client.says(step))
        return { client, fd, does }
      })
    const isTimedOut = ({ fd }: { readonly fd: number }) =>
      world.log.says(`Client (${fd}): Connection Error (ETIMEDOUT). Disconnecting User.`)
    return { ...world, starting, isTimedOut }
  })

/** Waits until the socket has sent something for the second time. */
const retransmits = ({ fd }: { readonly fd: number }) =>
  Effect.repeat(Effect.zipRight(Effect.sleep("20 millis"), isRetransmitting(fd)), { until: (is) => is })

const isRetransmitting = (fd: number) =>
  Effect.map(Retransmissions.sockets.retransmitting, (sockets) =>
    sockets.has(Retransmissions.sockets.inodeOf(fd) ?? -1)
  )

describe("a peer whose machine has vanished", () => {
  test("is disconnected after something was sent to it, and its seat is free", () =>
    Effect.gen(function* () {
      const { isTimedOut, joins, starting } = yield* watched(Duration.seconds(1))
      const ann = yield* joins("ann")
      const bob = yield* starting("bob")
      yield* bob.does("vanish")
      yield* ann.types("MESG bob hi\nPING")
      assert.strictEqual(yield* ann.hears, "PONG")
      yield* isTimedOut(bob)
      const next = yield* joins("bob")
      yield* ann.types("MESG bob hello")
      assert.strictEqual(yield* next.hears, "FROM ann: hello")
    }))
})

describe("a living peer", () => {
  test("that has stopped, and whose buffers are full, is not disconnected", () =>
    Effect.gen(function* () {
      const { isTimedOut, joins, log, starting } = yield* watched(Duration.seconds(1))
      const ann = yield* joins("ann")
      const bob = yield* starting("bob")
      const cat = yield* starting("cat")
      yield* bob.client.signals("SIGSTOP")
      yield* ann.sends(`MESG bob ${"x".repeat(4000)}\n`.repeat(4000))
      yield* ann.types("PING")
      assert.strictEqual(yield* ann.hears, "PONG")
      // It vanishes later, and shows that the sweep had the time to find the other.
      yield* cat.does("vanish")
      yield* ann.types("MESG cat hi")
      yield* isTimedOut(cat)
      assert.deepStrictEqual(leavings(log.lines, bob.fd), [])
    }))

  test("that answers retransmissions with a window of zero is not disconnected", () =>
    Effect.gen(function* () {
      const { isTimedOut, joins, log, starting } = yield* watched(Duration.seconds(3))
      const ann = yield* joins("ann")
      const bob = yield* starting("bob")
      const cat = yield* starting("cat")
      yield* ann.sends(`MESG bob ${"x".repeat(1000)}\n`.repeat(20))
      yield* ann.types("PING")
      assert.strictEqual(yield* ann.hears, "PONG")
      yield* bob.does("vanish")
      yield* ann.sends(`MESG bob ${"x".repeat(1000)}\n`.repeat(8))
      yield* retransmits(bob)
      yield* bob.does("shrink")
      yield* cat.does("vanish")
      yield* ann.types("MESG cat hi")
      yield* isTimedOut(cat)
      assert.isTrue(yield* isRetransmitting(bob.fd))
      assert.deepStrictEqual(leavings(log.lines, bob.fd), [])
    }))
})
