/** One point a second over the last minutes, for the charts of the status page. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { HISTORY_SECONDS } from "../Limits.ts"
import * as LineCounts from "../status/LineCounts.ts"
import type { EventLoop } from "./EventLoop.ts"
import type { Sources } from "./Gauges.ts"

export interface Point {
  /** Milliseconds since 1970. */
  readonly time: number
  readonly connections: number
  /** Messages from clients, per second since the previous point. */
  readonly messages: number
  /** Deliveries of messages, one for each recipient, per second since the previous point. */
  readonly deliveries: number
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
    const read = () => ({
      time: clock.unsafeCurrentTimeNanos(),
      messages: LineCounts.messages(metrics.lines),
      deliveries: metrics.lines.deliveries
    })
    let before = read()
    const add = Effect.sync(() => {
      const now = read()
      const seconds = Number(now.time - before.time) / 1e9
      points.push({
        time: clock.unsafeCurrentTimeMillis(),
        connections: connections.size,
        messages: Math.round((now.messages - before.messages) / seconds),
        deliveries: Math.round((now.deliveries - before.deliveries) / seconds),
        delay: Math.round(eventLoop.takeWorst() * 10_000) / 10
      })
      before = now
      if (points.length > HISTORY_SECONDS) points.shift()
    })
    yield* Effect.forkScoped(Effect.forever(Effect.delay(add, "1 seconds")))
    return points
  })
