/** What all sessions of a server share. */
import type * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import type { Connection } from "../connection/Connection.ts"
import type { Limits } from "../Limits.ts"
import type { Room } from "../room/Room.ts"
import type { StatusLog } from "../status/StatusLog.ts"
import type { Admission } from "./Admission.ts"
import type { Deadlines } from "./Deadlines.ts"
import type { Counters } from "./Metrics.ts"
import type { Pace } from "./RateLimit.ts"

export interface Setting {
  readonly limits: Context.Tag.Service<Limits>
  readonly room: Context.Tag.Service<Room>
  readonly log: Context.Tag.Service<StatusLog>
  readonly metrics: Counters
  readonly clock: Clock.Clock
  readonly admission: Admission
  /** A pace for one client from elsewhere; undefined when nobody is paced. */
  readonly pace: () => Pace | undefined
  /** When strangers have to be registered. */
  readonly joining: Deadlines<Connection>
  /** When members have to have completed a command. */
  readonly idling: Deadlines<Connection>
  /** When connections that are being closed have to be gone. */
  readonly closing: Deadlines<Connection>
}
