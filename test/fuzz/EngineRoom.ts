/** A room over many machines: its nodes are in this process, and Redis is asked what it holds. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { prefixOf } from "../../src/cluster/Attachment.ts"
import { lastOf } from "../../src/cluster/Entry.ts"
import { connect } from "../../src/cluster/Redis.ts"
import type { EngineError } from "../../src/cluster/Script.ts"
import { addressOf } from "../support/addressOf.ts"
import { roomAt } from "../support/roomAt.ts"
import { EngineTraffic, type Reading } from "./EngineTraffic.ts"
import { type RoomKind, turn, type World } from "./RoomKind.ts"
import { Violation } from "./Violation.ts"
import { VirtualClock } from "./VirtualClock.ts"

const textsOf = (answer: unknown): ReadonlyArray<string> => (Array.isArray(answer) ? answer.map(String) : [])

/** Names and descriptors in the order of registration, from the records of the table of users. */
const seatsOf = (records: ReadonlyArray<string>): ReadonlyArray<string> =>
  records
    .map((record) => record.split(" "))
    .sort(([one], [other]) => Number(one) - Number(other))
    .map(([, , , fd, name]) => `${name} (${fd})`)

const together = { concurrency: "unbounded" } as const

/** Keys that stay when the last node has gone. */
const kept = ["config", "seq"]

/** Redis at a quiet point. */
interface Snapshot {
  /** Commands that the nodes had sent. */
  readonly sent: number
  /** The nodes' inboxes, and how far they had been read. */
  readonly readings: ReadonlyArray<Reading>
  readonly seats: ReadonlyArray<string>
}

export const engineRoom = (port: number, nodes: number): Effect.Effect<RoomKind, EngineError, Scope.Scope> =>
  Effect.gen(function* () {
    const room = `fuzz-${crypto.randomUUID()}`
    const prefix = prefixOf(room)
    const traffic = yield* EngineTraffic.make
    const { call } = yield* connect(addressOf(port))
    let asked = 0
    let known: Snapshot | undefined

    const ask = (...[command, ...args]: Parameters<typeof call>) =>
      Effect.promise(() => {
        asked++
        return call(command, ...args)
      })
    const sent = () => traffic.sent - asked

    const isAtEnd = ({ inbox, position }: Reading) =>
      Effect.map(ask("XREVRANGE", inbox, "+", "-", "COUNT", 1), (answer) => lastOf(answer) === position)

    /** Redis, if every node waits at the end of its inbox. */
    const look = Effect.gen(function* () {
      const [before, readings] = [sent(), traffic.readings]
      const [atEnd, count, records] = yield* Effect.all(
        [Effect.forEach(readings, isAtEnd, together), ask("SCARD", `${prefix}:nodes`), ask("HVALS", `${prefix}:users`)],
        together
      )
      yield* turn
      // These were several questions: nothing must have happened between them.
      const isSame = sent() === before && JSON.stringify(traffic.readings) === JSON.stringify(readings)
      const areRead = count === readings.length && atEnd.every(Boolean)
      if (!isSame || traffic.isBusy || !areRead) return undefined
      return { sent: before, readings, seats: seatsOf(textsOf(records)) }
    })

    /**
     * When no node waits for an answer, and each waits at the end of its inbox, nothing more can happen before the clock
     * advances or a client acts: nobody but these nodes puts something into an inbox.
     */
    const quiet: Effect.Effect<void> = Effect.gen(function* () {
      for (;;) {
        yield* turn
        if (traffic.isBusy) yield* traffic.answered
        else if (known?.sent === sent()) return
        else known = yield* look
      }
    })

    /** The node's copy of the list, if it still has one. */
    const compare = ({ metrics: { engine } }: World) => {
      if (!known?.readings.some(({ inbox }) => inbox === `${prefix}:inbox:${engine?.node}`)) return
      const copy = engine?.nodes(Number.POSITIVE_INFINITY).flatMap(({ names }) => names) ?? []
      const names = known.seats.map((seat) => seat.split(" ")[0])
      if (copy.sort().join() !== names.sort().join())
        throw new Violation(`a node knows ${copy.join()}, and Redis ${names.join()}`)
    }

    return {
      nodes,
      // Time does not go by at the engine: outages and leases have tests of their own, and a busy machine must not look like one.
      layer: roomAt(addressOf(port), room, Duration.hours(1), new VirtualClock(quiet)),
      quiet,
      betweenActs: quiet,
      seats: (worlds) => {
        for (const world of worlds) compare(world)
        return known?.seats ?? []
      },
      remains: Effect.map(ask("KEYS", `${prefix}:*`), (keys) =>
        textsOf(keys).filter((key) => !kept.includes(key.slice(prefix.length + 1)))
      )
    }
  })
