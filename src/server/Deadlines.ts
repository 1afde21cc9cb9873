/** One timer for many deadlines of the same duration. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { Link, LinkedList } from "../LinkedList.ts"

/** The deadline of one owner. It is in one `Deadlines` at a time; `unlink` stops it. */
export class Deadline<A> extends Link {
  readonly owner: A
  /** @internal Milliseconds of the monotonic clock. */
  at = 0

  constructor(owner: A) {
    super()
    this.owner = owner
  }
}

export interface Deadlines<A> {
  /**
   * Starts the duration, anew if the deadline had been started here or elsewhere. Does nothing but stop it if the duration
   * is infinite.
   */
  readonly start: (deadline: Deadline<A>) => void
  /** Starts the duration unless the deadline, started here or elsewhere, expires sooner. */
  readonly hasten: (deadline: Deadline<A>) => void
}

/**
 * Calls `expire` for each owner whose `duration` is over, in a fiber of the scope. The deadlines are a list in the order in
 * which they expire; a sleeping fiber for each would cost 4 KB.
 */
export const make = <A>(
  duration: Duration.Duration,
  expire: (owner: A) => void
): Effect.Effect<Deadlines<A>, never, Scope.Scope> =>
  Effect.gen(function* () {
    if (!Duration.isFinite(duration)) return { start: (deadline) => deadline.unlink(), hasten: () => {} }
    const clock = yield* Effect.clock
    // The monotonic clock: setting the time of day must neither keep nor disconnect anybody.
    const now = () => Number(clock.unsafeCurrentTimeNanos() / 1000n) / 1000
    const millis = Duration.toMillis(duration)
    const deadlines = new LinkedList<Deadline<A>>()
    let wake: (() => void) | undefined

    const untilSome = Effect.async<void>((resume) => {
      if (deadlines.first !== undefined) return resume(Effect.void)
      wake = () => resume(Effect.void)
    })
    const sweep = Effect.suspend(() => {
      const time = now()
      for (let deadline = deadlines.first; deadline !== undefined; deadline = deadlines.first) {
        if (deadline.at > time) return Effect.sleep(deadline.at - time)
        deadline.unlink()
        expire(deadline.owner)
      }
      return untilSome
    })
    yield* Effect.forkScoped(Effect.forever(sweep))

    const start = (deadline: Deadline<A>) => {
      deadline.at = now() + millis
      deadlines.add(deadline)
      wake?.()
      wake = undefined
    }
    return {
      start,
      hasten: (deadline) => {
        if (!deadline.isLinked || deadline.at > now() + millis) start(deadline)
      }
    }
  })
