/** How much somebody may do at once, and how fast it may go on. */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"

const SECOND = 1e9
const MILLISECOND = 1e6

/**
 * Full of `burst` tokens at first, and refilled with `rate` tokens a second. It counts in billionths of a token for each
 * nanosecond of the monotonic clock, in whole numbers: what is exact in a test is exact in life.
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

  /** Whole tokens that are there now. */
  get tokens(): number {
    const now = this.clock.unsafeCurrentTimeNanos()
    const elapsed = Number(now - this.measured)
    this.measured = now
    // Full before a product could be too large to be exact.
    const untilFull = Math.ceil((this.capacity - this.level) / this.rate)
    this.level = elapsed >= untilFull ? this.capacity : this.level + elapsed * this.rate
    return Math.floor(this.level / SECOND)
  }

  /** Takes tokens that are there. */
  take(count: number): void {
    this.level -= count * SECOND
  }

  /** Sleeps until there is a whole token. */
  readonly refilled: Effect.Effect<void> = Effect.suspend(() => {
    if (this.tokens > 0) return Effect.void
    return Effect.sleep(Math.ceil((SECOND - this.level) / this.rate / MILLISECOND))
  })
}
