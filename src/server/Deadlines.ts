/** One timer for many: who stays longer than the same duration is told once. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/**
 * Those who wait for the same duration, in the order of their deadlines. A sleeping fiber for each would cost 4 KB; this
 * costs one entry of a Map.
 */
export interface Deadlines<A> {
  /** Starts the duration for `a`, anew if it has one. Nothing happens when the duration is infinite. */
  readonly start: (a: A) => void
  readonly stop: (a: A) => void
}

/** Calls `expire` for everybody whose `duration` is over, in a fiber of the scope. */
export const make = <A>(
  duration: Duration.Duration,
  expire: (a: A) => void
): Effect.Effect<Deadlines<A>, never, Scope.Scope> =>
  Effect.gen(function* () {
    if (!Duration.isFinite(duration)) return { start: () => {}, stop: () => {} }
    const clock = yield* Effect.clock
    // The monotonic clock: setting the time of day must not hold anybody, or let anybody go.
    const now = () => Number(clock.unsafeCurrentTimeNanos() / 1000n) / 1000
    const millis = Duration.toMillis(duration)
    const deadlines = new Map<A, number>()
    let wake: (() => void) | undefined

    const untilSome = Effect.async<void>((resume) => {
      if (deadlines.size > 0) return resume(Effect.void)
      wake = () => resume(Effect.void)
    })
    const sweep = Effect.suspend(() => {
      const time = now()
      for (const [a, deadline] of deadlines) {
        if (deadline > time) return Effect.sleep(deadline - time)
        deadlines.delete(a)
        expire(a)
      }
      return untilSome
    })
    yield* Effect.forkScoped(Effect.forever(sweep))

    return {
      start: (a) => {
        // Deleted first, so that the Map's order stays that of the deadlines.
        deadlines.delete(a)
        deadlines.set(a, now() + millis)
        wake?.()
        wake = undefined
      },
      stop: (a) => {
        deadlines.delete(a)
      }
    }
  })
