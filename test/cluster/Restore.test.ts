/** The time in which a node has reached its engine again, and has not yet brought it in line. */
import * as Net from "node:net"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { prefixOf } from "../../src/cluster/Attachment.ts"
import * as NodeScripts from "../../src/cluster/NodeScripts.ts"
import { connect } from "../../src/cluster/Redis.ts"
import { run, type Script } from "../../src/cluster/Script.ts"
import * as SeatScripts from "../../src/cluster/SeatScripts.ts"
import { addressOf } from "../support/addressOf.ts"
import { asks, hears, hearsOthers, joinsAtLast } from "../support/dialogue.ts"
import { leavings } from "../support/leaving.ts"
import { nodeAt } from "../support/Nodes.ts"
import { itNeeds } from "../support/Program.ts"
import { redisServer } from "../support/RedisServer.ts"
import { looks } from "../support/waiting.ts"

/** A way to Redis on which something can happen before a script is asked for the next time. */
const attentiveWay = (port: number) =>
  Effect.gen(function* () {
    let sha: string | undefined
    let happens: Effect.Effect<void> = Effect.void
    const pass = (near: Net.Socket, far: Net.Socket) => (chunk: Buffer) => {
      if (sha === undefined || !chunk.includes(sha)) return void far.write(chunk)
      sha = undefined
      near.pause()
      Effect.runFork(
        Effect.ensuring(
          happens,
          Effect.sync(() => {
            far.write(chunk)
            near.resume()
          })
        )
      )
    }
    const sockets = new Set<Net.Socket>()
    const server = yield* Effect.acquireRelease(
      Effect.async<Net.Server>((resume) => {
        const server = Net.createServer((near) => {
          const far = Net.connect(port, "127.0.0.1")
          for (const [socket, other] of [
            [near, far],
            [far, near]
          ] as const) {
            sockets.add(socket)
            socket.on("error", () => {})
            socket.on("close", () => other.destroy())
          }
          near.on("data", pass(near, far))
          far.pipe(near)
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.close()
          for (const socket of sockets) socket.destroy()
        })
    )
    const bound = server.address()
    return {
      address: addressOf(typeof bound === "object" && bound !== null ? bound.port : 0),
      precedes: (script: Script<unknown>, act: Effect.Effect<void>) => {
        sha = script.sha
        happens = act
      }
    }
  })

const twoNodes = Effect.gen(function* () {
  const redis = yield* redisServer()
  const { address, precedes } = yield* attentiveWay(redis.port)
  const one = yield* nodeAt(redis)
  const two = yield* nodeAt({ address })
  /** Clears a node away, as if its lease were over. */
  const isReaped = ({ metrics }: typeof two) =>
    Effect.gen(function* () {
      const { call } = yield* connect(redis.address)
      yield* run(NodeScripts.reap, call, prefixOf("main"), [metrics.engine?.node ?? "", 10, 1])
    })
  return { isReaped, one, precedes, redis, two }
})

describe("a node that has reached its engine again", () => {
  itNeeds("redis-server")("gives back the seat of a client that leaves before all are registered again", () =>
    Effect.gen(function* () {
      const { one, precedes, redis, two } = yield* twoNodes
      const bob = yield* two.joins("bob")
      const ben = yield* two.joins("ben")
      yield* redis.process().signals("SIGSTOP")
      yield* hears(ben, "Room Unavailable.")
      precedes(
        NodeScripts.settle,
        Effect.zipRight(
          bob.breaks("ECONNRESET"),
          Effect.sync(() => assert.lengthOf(leavings(two.log.lines, bob.fd), 1))
        )
      )
      yield* redis.process().signals("SIGCONT")
      yield* hears(ben, "Room Available.")
      yield* joinsAtLast(yield* one.connects, "bob")
    })
  )

  itNeeds("redis-server")("relays nothing for its clients before it knows which names they still have", () =>
    Effect.gen(function* () {
      const { isReaped, one, precedes, two } = yield* twoNodes
      const bob = yield* two.joins("bob")
      const ben = yield* two.joins("ben")
      const thief = yield* one.connects
      const trips = () => two.metrics.engine?.roundTrip
      precedes(
        SeatScripts.restore,
        Effect.gen(function* () {
          yield* joinsAtLast(thief, "bob")
          // A beat is answered, so the node has a lease.
          const known = trips()
          yield* looks("a beat", Effect.delay(Effect.sync(trips), "10 millis"), (trip) => trip !== known)
          yield* bob.types("MESG ben stale")
        })
      )
      yield* isReaped(two)
      assert.strictEqual((yield* bob.isLeft).at(-1), "Username Already Taken (bob). Disconnecting User.")
      yield* asks(thief, "MESG ben hi\nPING", "PONG")
      yield* hearsOthers(ben, "FROM bob: hi")
    })
  )

  itNeeds("redis-server")(
    "says that a member has left while it was away, before another with its name joins here",
    () =>
      Effect.gen(function* () {
        const { isReaped, one, precedes, two } = yield* twoNodes
        const ann = yield* two.joins("ann")
        yield* asks(ann, "WATCH", "WATCH Request Accepted")
        const bob = yield* one.joins("bob")
        yield* hears(ann, "JOINED bob")
        const eve = yield* two.connects
        precedes(
          NodeScripts.attach,
          Effect.gen(function* () {
            yield* bob.types("QUIT")
            yield* bob.isLeft
            yield* eve.types("JOIN bob")
          })
        )
        yield* isReaped(two)
        // If this takes a second, the room is unavailable, which shows nothing.
        if ((yield* eve.hears) !== "JOIN bob Request Accepted") yield* joinsAtLast(eve, "bob")
        yield* hearsOthers(ann, "LEFT bob", "JOINED bob")
      })
  )
})
