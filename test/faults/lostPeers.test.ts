/** A peer that vanishes without a word while something is sent to it. */
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as TcpTable from "../../src/process/TcpTable.ts"
import * as LostPeers from "../../src/server/LostPeers.ts"
import { OpenConnections } from "../../src/server/OpenConnections.ts"
import { leavings } from "../support/leaving.ts"
import { itNeeds, starts } from "../support/Program.ts"
import { inMemory, overTcp } from "../support/World.ts"

const TIMED_OUT = "Connection Error (ETIMEDOUT). Disconnecting User."

/** A room in memory, whose sockets retransmit when the test says so. */
const watched = Effect.gen(function* () {
  const world = yield* inMemory()
  const descriptors = new Set<number>()
  yield* LostPeers.watch(Duration.seconds(10), Duration.seconds(60)).pipe(
    Effect.provide(
      Context.make(OpenConnections, world.connections).pipe(
        Context.add(LostPeers.Retransmissions, { descriptors: Effect.sync(() => new Set(descriptors)) })
      )
    )
  )
  return { ...world, descriptors }
})

describe("a connection that retransmits", () => {
  it.scoped("is ended when every look of a minute has seen it, and not before", () =>
    Effect.gen(function* () {
      const { descriptors, joins, log } = yield* watched
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      descriptors.add(ann.fd)
      yield* TestClock.adjust("69 seconds")
      assert.deepStrictEqual(leavings(log.lines, ann.fd), [])
      yield* TestClock.adjust("1 seconds")
      assert.deepStrictEqual(leavings(log.lines, ann.fd), [`Client (${ann.fd}): ${TIMED_OUT}`])
      assert.deepStrictEqual(leavings(log.lines, bob.fd), [])
    })
  )

  it.scoped("stays when one look has seen it acknowledged", () =>
    Effect.gen(function* () {
      const { descriptors, joins, log } = yield* watched
      const ann = yield* joins("ann")
      descriptors.add(ann.fd)
      yield* TestClock.adjust("59 seconds")
      descriptors.delete(ann.fd)
      yield* TestClock.adjust("10 seconds")
      descriptors.add(ann.fd)
      yield* TestClock.adjust("60 seconds")
      assert.deepStrictEqual(leavings(log.lines, ann.fd), [])
    })
  )
})

describe("on Linux", () => {
  itNeeds("python3")("a peer behind a cut cable is ended, and one that only does not read is not", () =>
    Effect.gen(function* () {
      const { connections, joins, log, port } = yield* overTcp({ outbox: 20_000, patience: Duration.minutes(1) })
      yield* LostPeers.watch(Duration.millis(100), Duration.seconds(1)).pipe(
        Effect.provide(TcpTable.layer),
        Effect.provideService(OpenConnections, connections)
      )
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      ann.socket.pause()
      yield* bob.sends(`MESG ann ${"x".repeat(1000)}\n`.repeat(10_000))
      const client = fileURLToPath(new URL("../support/deaf.py", import.meta.url))
      const deaf = yield* starts(["python3", client, String(port), "cat"])
      yield* deaf.until(() => (deaf.stdout.includes("deaf\n") ? true : undefined))
      const [cat] = log.events.flatMap((event) => (event.event === "joined" && event.name === "cat" ? [event.fd] : []))
      const dan = yield* joins("dan")
      yield* dan.types("MESG cat are you there?")
      yield* log.says(`Client (${cat}): ${TIMED_OUT}`)
      yield* dan.types("MESG cat hello\nPING")
      assert.strictEqual(yield* dan.hears, "Unknown Recipient (cat). MESG Discarded.")
      assert.deepStrictEqual(leavings(log.lines, ann.fd), [])
    })
  )
})
