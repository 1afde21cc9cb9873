/** How a session ends, whatever the reason: one leaving line, the seat given back, a farewell, the descriptor given up. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { ConnectionFailed, type DisconnectReason, farewell, leaving } from "../connection/DisconnectReason.ts"
import { Limits } from "../Limits.ts"
import { Room } from "../room/Room.ts"
import { Metrics } from "../status/Metrics.ts"
import { StatusLog } from "../status/StatusLog.ts"
import type { Admittance } from "./Admission.ts"
import type { Session } from "./Session.ts"
import type { SessionDeadlines } from "./SessionDeadlines.ts"

/** Whatever fails in a step of the end, the steps after it are taken. */
const despiteDefects = (complaint: string, step: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.catchAllCause(step, (cause) => Effect.logError(complaint, cause))

/** Makes the function that ends a session, for the reason in the cause. A defect is logged. */
export const make = Effect.fnUntraced(function* ({ closing, lingering }: SessionDeadlines) {
  const limits = yield* Limits
  const room = yield* Room
  const log = yield* StatusLog
  const metrics = yield* Metrics

  /** Writes the leaving line, and counts it. */
  const record = (session: Session, reason: DisconnectReason) =>
    Effect.sync(() => {
      const { connection, fd, member } = session
      const line = leaving(reason, {
        fd,
        peer: connection.peer,
        isRegistered: member !== undefined,
        isSilent: connection.isSilent
      })
      session.ending = line.event
      metrics.endings[line.event]++
      if (line.event === "databaseFull") metrics.refused.too_many_users++
      if (line.event === "tooManyConnections") metrics.refused.too_many_connections++
      log.record([line])
    })

  const end = Effect.fnUntraced(function* (session: Session, admittance: Admittance, reason: DisconnectReason) {
    const { connection, member } = session
    yield* despiteDefects("A leaving line was not written.", record(session, reason))
    connection.outbox.close(farewell(reason))
    if (reason._tag === "SessionReclaimed") yield* Deferred.succeed(reason.left, undefined)
    // Before the seat is given back, which may take the room a while: the client gets no more time because of that.
    closing.start(session.deadline)
    if (admittance.verdict === "cut" || Duration.toMillis(limits.current.drainTimeout) === 0) connection.destroy()
    if (member !== undefined) {
      const left = room.leave(member, reason._tag === "ServerShuttingDown")
      yield* despiteDefects("A seat was not given back.", left)
    }
    yield* connection.close(() => lingering.hasten(session.deadline))
  })

  return (session: Session, admittance: Admittance, cause: Cause.Cause<DisconnectReason>): Effect.Effect<void> =>
    Either.match(Cause.failureOrCause(cause), {
      onLeft: (reason) => end(session, admittance, reason),
      onRight: (defect) =>
        Effect.zipRight(
          Effect.logError("A session failed.", defect),
          end(session, admittance, new ConnectionFailed({ code: "DEFECT" }))
        )
    })
})
