import type * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

interface Sleeper {
  readonly at: number
  readonly wake: () => void
}

/** A clock that advances by calls of `passes`. TestClock waits in real time too, which would take most of a run. */
export class VirtualClock implements Clock.Clock {
  declare readonly [Clock.ClockTypeId]: Clock.ClockTypeId
  private readonly quiet: Effect.Effect<void>
  private readonly sleepers = new Set<Sleeper>()
  /** Milliseconds since the start. */
  now = 0

  /** `quiet` waits until nothing more can happen before the clock advances. */
  constructor(quiet: Effect.Effect<void>) {
    this.quiet = quiet
  }

  unsafeCurrentTimeMillis(): number {
    return this.now
  }

  unsafeCurrentTimeNanos(): bigint {
    return BigInt(Math.round(this.now * 1_000_000))
  }

  readonly currentTimeMillis = Effect.sync(() => this.unsafeCurrentTimeMillis())
  readonly currentTimeNanos = Effect.sync(() => this.unsafeCurrentTimeNanos())

  sleep(duration: Duration.Duration): Effect.Effect<void> {
    return Effect.async((resume) => {
      const sleeper = {
        at: this.now + Duration.toMillis(duration),
        wake: () => {
          this.sleepers.delete(sleeper)
          resume(Effect.void)
        }
      }
      this.sleepers.add(sleeper)
      return Effect.sync(() => this.sleepers.delete(sleeper))
    })
  }

  /** Advances by `millis`. Wakes the sleepers in order, and calls `look` after all of each moment and at the end. */
  passes(millis: number, look: () => void): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      const end = this.now + millis
      for (let next = this.next(end); next !== undefined; next = this.next(end)) {
        this.now = Math.max(this.now, next.at)
        next.wake()
        yield* this.quiet
        if (this.next(this.now) === undefined) look()
      }
      this.now = end
      yield* this.quiet
      look()
    })
  }

  private next(end: number): Sleeper | undefined {
    let first: Sleeper | undefined
    for (const sleeper of this.sleepers) {
      if (sleeper.at <= end && (first === undefined || sleeper.at < first.at)) first = sleeper
    }
    return first
  }
}
