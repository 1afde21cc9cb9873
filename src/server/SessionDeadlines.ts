/** The deadlines of sessions: one list for each duration, shared by all of them. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Connection } from "../connection/Connection.ts"
import { idleTooLong, registrationTimedOut } from "../connection/DisconnectReason.ts"
import { LINGER, Limits, MOTD_DELAY } from "../Limits.ts"
import * as Deadlines from "./Deadlines.ts"

type List = Deadlines.Deadlines<Connection>

export interface SessionDeadlines {
  /** To register. */
  readonly registering: List
  /** To complete a command, for a member. */
  readonly idling: List
  /** To take what is left, and close. */
  readonly closing: List
  /** To close, once everything was taken; no later than `closing`. */
  readonly lingering: List
  /** For the message of the day to wait for a first line. */
  readonly greeting: List
}

export const make: Effect.Effect<SessionDeadlines, never, Limits | Scope.Scope> = Effect.gen(function* () {
  const { drainTimeout, idleTimeout, joinTimeout } = (yield* Limits).current
  const destroy = (connection: Connection) => connection.destroy()
  return {
    registering: yield* Deadlines.make<Connection>(joinTimeout, (connection) =>
      connection.disconnect(registrationTimedOut)
    ),
    idling: yield* Deadlines.make<Connection>(idleTimeout, (connection) => connection.disconnect(idleTooLong)),
    closing: yield* Deadlines.make<Connection>(drainTimeout, destroy),
    lingering: yield* Deadlines.make<Connection>(Duration.min(LINGER, drainTimeout), destroy),
    greeting: yield* Deadlines.make<Connection>(MOTD_DELAY, (connection) => connection.nudge())
  }
})
