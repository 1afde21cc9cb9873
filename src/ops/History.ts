/** The last minutes, a moment a second, for the charts of the status page. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { HISTORY_SECONDS } from "../Limits.ts"
import type { Watched } from "./Watched.ts"

export interface Moment {
  readonly connections: number
  /** Messages delivered a second since the last moment. */
  readonly messages: number
  /** The longest delay of the event loop since then, in milliseconds. */
  readonly delay: number
}

/** Keeps at most `HISTORY_SECONDS` moments, the oldest first, for as long as the scope lasts. */
export const keep = ({
  eventLoop,
  metrics,
  presence
}: Watched): Effect.Effect<ReadonlyArray<Moment>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const moments: Array<Moment> = []
    let time = clock.unsafeCurrentTimeNanos()
    let { deliveries } = metrics.lines
    const look = Effect.sync(() => {
      const now = clock.unsafeCurrentTimeNanos()
      const seconds = Number(now - time) / 1e9
      const messages = (metrics.lines.deliveries - deliveries) / seconds
      time = now
      deliveries = metrics.lines.deliveries
      const delay = Math.round(eventLoop.takeWorst() * 10_000) / 10
      moments.push({ connections: presence.size, messages: Math.round(messages), delay })
      if (moments.length > HISTORY_SECONDS) moments.shift()
    })
    yield* Effect.forkScoped(Effect.forever(Effect.delay(look, "1 seconds")))
    return moments
  })
