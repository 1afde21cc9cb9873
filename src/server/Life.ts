/** The life of one connection, as a fiber: it enters, talks with its client, and ends in one place. */
import * as Effect from "effect/Effect"
import { Limits } from "../Limits.ts"
import { Metrics } from "../status/Metrics.ts"
import { StatusLog } from "../status/StatusLog.ts"
import { Admission, type Admittance } from "./Admission.ts"
import * as Conversation from "./Conversation.ts"
import * as Ending from "./Ending.ts"
import * as Entrance from "./Entrance.ts"
import type { Session } from "./Session.ts"
import * as SessionDeadlines from "./SessionDeadlines.ts"

/**
 * Makes the life of sessions, which share their deadlines for as long as the scope lasts. A life succeeds when the
 * descriptor has been given up, and calls `ended` then; a defect in it ends that session and no other.
 */
export const make = Effect.fnUntraced(function* (ended: (session: Session) => void) {
  const metrics = yield* Metrics
  const admission = new Admission(yield* Limits, yield* StatusLog)
  const deadlines = yield* SessionDeadlines.make
  const enter = yield* Entrance.make(admission, deadlines)
  const converse = yield* Conversation.make(deadlines)
  const end = yield* Ending.make(deadlines)

  /** The session is over, and counts no more. */
  const forget = (session: Session, admittance: Admittance) =>
    Effect.sync(() => {
      session.deadline.unlink()
      admission.leave(admittance)
      metrics.bytesOut += session.outbox.sent
      ended(session)
    })

  return (session: Session): Effect.Effect<void> =>
    Effect.suspend(() => {
      metrics.accepted++
      const admittance: Admittance = { verdict: "cut", network: undefined }
      // A client that is silent waits in `read`, and costs no generator.
      return Effect.flatMap(enter(session, admittance), () => session.connection.read).pipe(
        Effect.flatMap((first) => converse(session, first)),
        Effect.catchAllCause((cause) => Effect.ensuring(end(session, admittance, cause), forget(session, admittance)))
      )
    })
})
