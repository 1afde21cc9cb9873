/** One point a second over the last minutes, for the charts of the status page. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { HISTORY_SECONDS } from "../Limits.ts"
import type { EventLoop } from "./EventLoop.ts"
import type { Sources } from "./Gauges.ts"

export interface Point {
  readonly connections: number
  /** Messages delivered per second since the previous point. */
  readonly messages: number
  /** Longest delay of the event loop since the previous point, in milliseconds. */
  readonly delay: number
}

/** Adds a point a second until the scope closes. The array holds at most `HISTORY_SECONDS` points, oldest first. */
export const record = (
  { connections, metrics }: Sources,
  eventLoop: Pick<EventLoop, "takeWorst">
): Effect.Effect<ReadonlyArray<Point>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const points: Array<Point> = []
    let time = clock.unsafeCurrentTimeNanos()
    let { deliveries } = metrics.lines
    const add = Effect.sync(() => {
      const now = clock.unsafeCurrentTimeNanos()
      const seconds = Number(now - time) / 1e9
      const messages = (metrics.lines.deliveries - deliveries) / seconds
      time = now
      deliveries = metrics.lines.deliveries
      const delay = Math.round(eventLoop.takeWorst() * 10_000) / 10
      points.push({ connections: connections.size, messages: Math.round(messages), delay })
      if (points.length > HISTORY_SECONDS) points.shift()
    })
    yield* Effect.forkScoped(Effect.forever(Effect.delay(add, "1 seconds")))
    return points
  })
