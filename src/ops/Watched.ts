/** What those who watch the server look at. */
import type * as Context from "effect/Context"
import type { Limits } from "../Limits.ts"
import type { Presence } from "../server/Connections.ts"
import type { Counters } from "../server/Metrics.ts"
import type { EventLoop } from "./EventLoop.ts"

export interface Watched {
  readonly limits: Context.Tag.Service<Limits>
  readonly metrics: Counters
  readonly presence: Context.Tag.Service<Presence>
  readonly eventLoop: EventLoop
}
