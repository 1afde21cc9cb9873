import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { Limits } from "../src/Limits.ts"
import type { InvalidLimits, LimitValues } from "../src/LimitValues.ts"

/** Limits as a program without types may give them. */
const given = (limits: object): Partial<LimitValues> => ({ ...limits })

const layered = (limits: object) => Effect.provide(Limits, Limits.layer(given(limits)))

const problems = <A>(effect: Effect.Effect<A, InvalidLimits>) =>
  Effect.map(Effect.either(effect), Either.match({ onLeft: ({ message }) => message, onRight: () => "none" }))

const invalid: ReadonlyArray<readonly [limits: object, message: string]> = [
  [{ maxUsers: 0 }, "maxUsers must be a whole number of at least 1, or Infinity, not 0"],
  [{ maxUsers: -1 }, "maxUsers must be a whole number of at least 1, or Infinity, not -1"],
  [{ maxUsers: 1.5 }, "maxUsers must be a whole number of at least 1, or Infinity, not 1.5"],
  [{ maxLine: Number.NaN }, "maxLine must be a whole number of at least 1, or Infinity, not NaN"],
  [{ outbox: "64k" }, 'outbox must be a whole number of at least 1, or Infinity, not "64k"'],
  [{ burst: undefined }, "burst must be a whole number of at least 1, or Infinity, not undefined"],
  [{ rate: 0 }, "rate must be a number above 0, or Infinity, not 0"],
  [{ patience: 5 }, "patience must be a Duration above 0 and of at most 596 hours, or Duration.infinity, not 5"],
  [
    { patience: Duration.zero },
    "patience must be a Duration above 0 and of at most 596 hours, or Duration.infinity, not 0"
  ],
  [
    { idleTimeout: "10m" },
    'idleTimeout must be a Duration above 0 and of at most 596 hours, or Duration.infinity, not "10m"'
  ],
  [{ drainTimeout: 0 }, "drainTimeout must be a Duration of at most 596 hours, or Duration.infinity, not 0"],
  // A timer for so long would never fire.
  [
    { idleTimeout: Duration.days(30) },
    "idleTimeout must be a Duration above 0 and of at most 596 hours, or Duration.infinity, not 30d"
  ],
  [
    { drainTimeout: Duration.days(30) },
    "drainTimeout must be a Duration of at most 596 hours, or Duration.infinity, not 30d"
  ],
  [{ maxUser: 5 }, `there is no limit maxUser: the limits are ${Object.keys(Limits.defaults).join(", ")}`],
  [
    { maxPerAddress: null, rate: -1 },
    "maxPerAddress must be a whole number of at least 1, or Infinity, not null; rate must be a number above 0, or Infinity, not -1"
  ]
]

describe("limits", () => {
  it.effect.each(invalid)("cannot be %j", ([limits, message]) =>
    Effect.gen(function* () {
      assert.strictEqual(yield* problems(layered(limits)), message)
      const running = yield* layered({ maxUsers: 3 })
      const before = running.current
      assert.strictEqual(yield* problems(running.change(given({ maxLine: 80, ...limits }))), message)
      assert.strictEqual(running.current, before, "of an invalid change nothing counts")
    })
  )

  it.effect("can be whatever is not nonsense", () =>
    Effect.gen(function* () {
      const limits = {
        maxUsers: 1,
        rate: 0.5,
        patience: Duration.infinity,
        joinTimeout: Duration.hours(596),
        drainTimeout: Duration.zero,
        burst: Infinity
      }
      assert.deepStrictEqual((yield* layered(limits)).current, { ...Limits.defaults, ...limits })
      assert.deepStrictEqual((yield* layered(Limits.defaults)).current, Limits.defaults)
    })
  )

  it.effect("remember the most seats that there have been", () =>
    Effect.gen(function* () {
      const limits = yield* layered({ maxUsers: 3 })
      yield* limits.change({ maxUsers: 8 })
      yield* limits.change({ maxUsers: 2 })
      assert.deepInclude(limits, { mostUsers: 8 })
      assert.strictEqual(limits.current.maxUsers, 2)
    })
  )
})
