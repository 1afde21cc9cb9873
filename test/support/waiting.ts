/** Waits of a test that end before the test's time does, to say what did not come. */
import * as Effect from "effect/Effect"
import { getCurrentTest } from "vitest/suite"

/** The part of a test's time in which it waits. The rest is for what it has to close. */
const PART = 0.75

/** Something that a test has waited for did not come. */
export class InVain extends Error {
  readonly came: string

  constructor(what: string, came: string) {
    super(`waited in vain for ${what}; ${came}`)
    this.came = came
  }

  /** The same, by somebody who knows better what was waited for. */
  waitingFor(what: string): InVain {
    return new InVain(what, this.came)
  }
}

/** Milliseconds that the running test may still wait; undefined outside tests. */
const timeLeft = (): number | undefined => {
  const test = getCurrentTest()
  if (test === undefined) return undefined
  const now = Date.now()
  return Math.max(0, (test.result?.startTime ?? now) + PART * test.timeout - now)
}

/**
 * Waits until `onNews` calls back. If that takes too long it is a defect that says what was waited for, and what came
 * instead. This goes by real time: a test's own clock stands still while the test waits.
 */
export const news = (onNews: (f: () => void) => void, what: string, came: () => string): Effect.Effect<void> =>
  Effect.async((resume) => {
    const left = timeLeft()
    const giveUp = () => resume(Effect.die(new InVain(what, came())))
    const timer = left === undefined ? undefined : setTimeout(giveUp, left)
    onNews(() => {
      clearTimeout(timer)
      resume(Effect.void)
    })
    return Effect.sync(() => clearTimeout(timer))
  })

/** Looks again and again, until it finds what is waited for. Takes too long as `news` does. */
export const looks = <A, E, R>(
  what: string,
  look: Effect.Effect<A, E, R>,
  isIt: (found: A) => boolean
): Effect.Effect<A, E, R> =>
  Effect.repeat(
    Effect.tap(look, (found) => {
      if (!isIt(found) && timeLeft() === 0) throw new InVain(what, `the last was ${JSON.stringify(found)}`)
    }),
    { until: isIt }
  )
