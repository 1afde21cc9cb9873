/** A token bucket: allows a burst, then a steady rate. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

const SECOND = 1e9
const MILLISECOND = 1e6

/**
 * Starts with `burst` tokens and gains `rate` tokens a second. The level is a whole number of billionths of a token,
 * and the monotonic clock counts whole nanoseconds: no rounding error adds up.
 */
export class TokenBucket {
  private readonly rate: number
  private readonly capacity: number
  private readonly clock: Clock.Clock
  private level: number
  private measured: bigint

  constructor(rate: number, burst: number, clock: Clock.Clock) {
    this.rate = rate
    this.capacity = burst * SECOND
    this.clock = clock
    this.level = this.capacity
    this.measured = clock.unsafeCurrentTimeNanos()
  }

  /** Whole tokens that are available now. */
  get tokens(): number {
    const now = this.clock.unsafeCurrentTimeNanos()
    const elapsed = Number(now - this.measured)
    this.measured = now
    // Compared first, so that the product below stays small enough to be exact.
    const untilFull = Math.ceil((this.capacity - this.level) / this.rate)
    this.level = elapsed >= untilFull ? this.capacity : this.level + elapsed * this.rate
    return Math.floor(this.level / SECOND)
  }

  /** Takes tokens that are available. */
  take(count: number): void {
    this.level -= count * SECOND
  }

  /** Sleeps until a whole token is available. */
  readonly refilled: Effect.Effect<void> = Effect.suspend(() => {
    if (this.tokens > 0) return Effect.void
    return Effect.sleep(Math.ceil((SECOND - this.level) / this.rate / MILLISECOND))
  })
}
