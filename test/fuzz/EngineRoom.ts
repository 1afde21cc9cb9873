/** A room over many machines, with one node, and a Redis that is asked what it holds. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { prefixOf } from "../../src/cluster/Attachment.ts"
import { lastOf } from "../../src/cluster/Entry.ts"
import { connect } from "../../src/cluster/Redis.ts"
import type { EngineError } from "../../src/cluster/Script.ts"
import { addressOf } from "../support/addressOf.ts"
import { roomAt } from "../support/roomAt.ts"
import { EngineTraffic } from "./EngineTraffic.ts"
import { type RoomKind, turn } from "./RoomKind.ts"
import { Violation } from "./Violation.ts"
import { VirtualClock } from "./VirtualClock.ts"

const textsOf = (answer: unknown): ReadonlyArray<string> => (Array.isArray(answer) ? answer.map(String) : [])

/** Names and descriptors in the order of registration, from the records of the table of users. */
const seatsOf = (records: ReadonlyArray<string>): ReadonlyArray<string> =>
  records
    .map((record) => record.split(" "))
    .sort(([one], [other]) => Number(one) - Number(other))
    .map(([, , , fd, name]) => `${name} (${fd})`)

/** Keys that stay when the last node has gone. */
const kept = ["config", "seq"]

export const engineRoom = (port: number): Effect.Effect<RoomKind, EngineError, Scope.Scope> =>
  Effect.gen(function* () {
    const room = `fuzz-${crypto.randomUUID()}`
    const prefix = prefixOf(room)
    const traffic = yield* EngineTraffic.make
    const { call } = yield* connect(addressOf(port))
    let asked = 0
    /** Redis at the last quiet point: how many commands the node had sent, and the seats. */
    let known: { readonly sent: number; readonly seats: ReadonlyArray<string>; readonly isReading: boolean } = {
      sent: 0,
      seats: [],
      isReading: false
    }

    const ask = (...[command, ...args]: Parameters<typeof call>) =>
      Effect.promise(() => {
        asked++
        return call(command, ...args)
      })
    const sent = () => traffic.sent - asked

    /**
     * Nothing can happen any more when the node waits for no answer, and waits at the end of its inbox: only its own commands put
     * something there. It must not have done anything while Redis was asked where that end is.
     */
    const quiet: Effect.Effect<void> = Effect.gen(function* () {
      for (;;) {
        yield* turn
        if (traffic.isBusy) {
          yield* traffic.answered
          continue
        }
        const before = sent()
        const { reading } = traffic
        if (before === known.sent) return
        const last =
          reading === undefined ? undefined : lastOf(yield* ask("XREVRANGE", reading.inbox, "+", "-", "COUNT", 1))
        const records = yield* ask("HVALS", `${prefix}:users`)
        yield* turn
        if (traffic.isBusy || sent() !== before || traffic.reading?.position !== reading?.position) continue
        if (reading?.position !== last) continue
        known = { sent: before, seats: seatsOf(textsOf(records)), isReading: reading !== undefined }
        return
      }
    })

    return {
      // Time does not go by for the room: outages and leases have tests of their own, and a busy machine must not look like one.
      layer: roomAt(addressOf(port), room, Duration.seconds(8), new VirtualClock(quiet)),
      quiet,
      betweenActs: quiet,
      seats: ({ metrics }) => {
        const names = metrics.engine?.nodes(Number.POSITIVE_INFINITY).flatMap((node) => node.names) ?? []
        const there = known.seats.map((seat) => seat.split(" ")[0])
        if (known.isReading && names.join() !== there.join())
          throw new Violation(`the node knows ${names.join()}, Redis ${there.join()}`)
        return known.seats
      },
      remains: Effect.map(ask("KEYS", `${prefix}:*`), (keys) =>
        textsOf(keys).filter((key) => !kept.includes(key.slice(prefix.length + 1)))
      )
    }
  })
