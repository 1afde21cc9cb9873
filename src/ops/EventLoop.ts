/** How late the event loop is: what everybody who is connected feels when the process is too busy. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Distribution } from "./Prometheus.ts"

/**
 * Between two looks. A delay is measured as up to so much shorter than it was. Twenty looks a second cost an otherwise idle
 * process 5 ms of CPU in that second, fifty 13.
 */
const INTERVAL = Duration.millis(50)

/** Seconds. A timer alone is up to one millisecond late. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export interface EventLoop {
  /** Delays in seconds since the start. */
  readonly delays: Distribution
  /** The longest delay since this was last asked. */
  readonly takeWorst: () => number
}

/** Watches for as long as the scope lasts. */
export const watch: Effect.Effect<EventLoop, never, Scope.Scope> = Effect.gen(function* () {
  const clock = yield* Effect.clock
  const counts = [...BOUNDS, Number.POSITIVE_INFINITY].map(() => 0)
  const delays = { bounds: BOUNDS, counts, sum: 0 }
  let worst = 0

  const record = (began: bigint) => {
    const late = Number(clock.unsafeCurrentTimeNanos() - began) / 1e9 - Duration.toSeconds(INTERVAL)
    const delay = Math.max(0, late)
    const bucket = BOUNDS.findIndex((bound) => delay <= bound)
    const index = bucket < 0 ? BOUNDS.length : bucket
    counts[index] = (counts[index] ?? 0) + 1
    delays.sum += delay
    worst = Math.max(worst, delay)
  }
  const look = Effect.suspend(() => {
    const began = clock.unsafeCurrentTimeNanos()
    return Effect.map(Effect.sleep(INTERVAL), () => record(began))
  })
  yield* Effect.forkScoped(Effect.forever(look))

  return {
    delays,
    takeWorst: () => {
      const taken = worst
      worst = 0
      return taken
    }
  }
})
