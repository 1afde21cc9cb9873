/** Delay of the event loop: the latency that a busy process adds to every client. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Histogram } from "./Prometheus.ts"

/**
 * Time between two samples. A measured delay can be too short by up to this interval. In an otherwise idle process, 20
 * samples a second cost 5 ms of CPU a second, 50 cost 13 ms.
 */
const INTERVAL = Duration.millis(50)

/** Upper bounds of the histogram's buckets, in seconds. A timer of an idle process is up to 1 ms late. */
const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

export interface EventLoop {
  /** Delays since the start, in seconds. */
  readonly delays: Histogram
  /** Returns the longest delay since the previous call, in seconds. */
  readonly takeWorst: () => number
}

/** Samples the delay until the scope closes. */
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
  const sample = Effect.suspend(() => {
    const began = clock.unsafeCurrentTimeNanos()
    return Effect.map(Effect.sleep(INTERVAL), () => record(began))
  })
  yield* Effect.forkScoped(Effect.forever(sample))

  return {
    delays,
    takeWorst: () => {
      const longest = worst
      worst = 0
      return longest
    }
  }
})
