/** Finds peers that vanished while something was being sent to them. The kernel alone would take 15 minutes. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { ConnectionFailed } from "../connection/DisconnectReason.ts"
import { LOST_PEER_PATIENCE, LOST_PEER_SWEEP } from "../Limits.ts"
import { OpenConnections } from "./OpenConnections.ts"
import type { Session } from "./Session.ts"

/** The sockets whose peer acknowledges nothing just now. */
export class Retransmissions extends Context.Tag("partyline/Retransmissions")<
  Retransmissions,
  {
    /** Descriptors of sockets whose retransmission timer runs and that have retransmitted. Empty where the system does not say. */
    readonly descriptors: Effect.Effect<ReadonlySet<number>>
  }
>() {}

/**
 * Looks at all connections every `period`, and ends those that every look of the last `patience` found retransmitting. A
 * peer that is stopped but lives acknowledges what its kernel takes, so it is never among them.
 */
export const watch = (period: Duration.Duration, patience: Duration.Duration) =>
  Effect.gen(function* () {
    const connections = yield* OpenConnections
    const retransmissions = yield* Retransmissions
    const clock = yield* Effect.clock
    let since: ReadonlyMap<Session, bigint> = new Map()
    const look = Effect.gen(function* () {
      const descriptors = connections.size === 0 ? new Set<number>() : yield* retransmissions.descriptors
      const now = clock.unsafeCurrentTimeNanos()
      const stuck = descriptors.size === 0 ? [] : [...connections.sessions].filter(({ fd }) => descriptors.has(fd))
      since = new Map(stuck.map((session) => [session, since.get(session) ?? now]))
      for (const [{ connection }, began] of since) {
        if (now - began < BigInt(Duration.toMillis(patience)) * 1_000_000n) continue
        connection.disconnect(new ConnectionFailed({ code: "ETIMEDOUT" }))
        connection.destroy()
      }
    })
    yield* Effect.forkScoped(Effect.repeat(look, Schedule.spaced(period)))
  })

/** Watches for as long as the layer is held. */
export const layer: Layer.Layer<never, never, OpenConnections | Retransmissions> = Layer.scopedDiscard(
  watch(LOST_PEER_SWEEP, LOST_PEER_PATIENCE)
)
