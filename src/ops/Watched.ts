/** What those who watch the server look at. */
import type * as Context from "effect/Context"
import type { Limits } from "../Limits.ts"
import type { Connections } from "../server/Connections.ts"
import type { Counters } from "../status/Metrics.ts"
import type { EventLoop } from "./EventLoop.ts"

export interface Watched {
  readonly limits: Context.Tag.Service<Limits>
  readonly metrics: Counters
  readonly presence: Context.Tag.Service<Connections>
  readonly eventLoop: EventLoop
}
