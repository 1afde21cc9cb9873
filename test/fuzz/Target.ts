/** A part of the program that can be fuzzed. The same seed always plays the same round. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Logger from "effect/Logger"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import type { Trace } from "./Round.ts"
import { Violation } from "./Violation.ts"

export interface Target {
  /** One line for --help. */
  readonly purpose: string
  /** Plays the round of this seed. Fails with the finding. */
  readonly play: (seed: number, trace: Trace) => Effect.Effect<void, Violation>
}

/** One property of a target, for the random inputs of a seed. */
export type Property = (seed: number) => Effect.Effect<void, Violation>

/** Inputs of a round, for a property of functions and for one of a server with real sockets. */
const INPUTS = 100
const LIVE_INPUTS = 20

/** Real time after which a server with one client counts as hanging. */
const HANGING = "10 seconds"

/** A target whose round tries all these properties, one after another. */
export const target = (purpose: string, ...properties: ReadonlyArray<Property>): Target => ({
  purpose,
  play: (seed) => Effect.forEach(properties, (property) => property(seed), { discard: true })
})

/** Longest line of a report: a message of 64 KiB would hide what is wrong with it. */
const REPORTED = 1500

const shortened = (report: string): string =>
  report
    .split("\n")
    .map((line) => (line.length > REPORTED ? `${line.slice(0, REPORTED / 2)} … ${line.slice(-REPORTED / 2)}` : line))
    .join("\n")

/** Tries the inputs of a seed. A finding is made as small as possible. */
const tries = <A>(
  seed: number,
  input: FastCheck.Arbitrary<A>,
  numRuns: number,
  check: (input: A) => void | Promise<void>
): Effect.Effect<void, Violation> =>
  Effect.promise(() =>
    FastCheck.check(
      FastCheck.asyncProperty(input, async (input) => {
        await check(input)
      }),
      { seed, numRuns }
    )
  ).pipe(
    Effect.filterOrFail(
      ({ failed }) => !failed,
      (details) => new Violation(shortened(FastCheck.defaultReportMessage(details) ?? ""))
    ),
    Effect.asVoid
  )

/** A property of functions: the check throws where it does not hold. */
export const property =
  <A>(input: FastCheck.Arbitrary<A>, check: (input: A) => void | Promise<void>): Property =>
  (seed) =>
    tries(seed, input, INPUTS, check)

/** A property of something that is made once a round, such as a server. Whatever it logs by Effect's logger is a finding. */
export const liveProperty =
  <W, A>(
    world: Effect.Effect<W, unknown, Scope.Scope>,
    input: FastCheck.Arbitrary<A>,
    check: (world: W, input: A) => Effect.Effect<void, Violation, Scope.Scope>,
    inputs = LIVE_INPUTS
  ): Property =>
  (seed) => {
    const said: Array<string> = []
    const listening = Logger.make(({ cause, message }) => void said.push(`${String(message)} ${Cause.pretty(cause)}`))
    return Effect.gen(function* () {
      const made = yield* Effect.orDie(world)
      const run = Runtime.runPromise(yield* Effect.runtime<never>())
      yield* tries(seed, input, inputs, async (input) => {
        const checked = Effect.timeoutFail(Effect.scoped(check(made, input)), {
          duration: HANGING,
          onTimeout: () => new Violation("it hangs")
        })
        said.splice(0)
        await run(checked)
        if (said.length > 0) throw new Violation(`the server complains: ${said.splice(0).join("\n")}`)
      })
    }).pipe(Effect.scoped, Effect.provide(Logger.replace(Logger.defaultLogger, listening)))
  }

/** Bytes cut at these places, modulo their length. */
export const cutAt = (whole: Uint8Array, places: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const ends = [...places.map((place) => place % (whole.length + 1)), whole.length].sort((a, b) => a - b)
  return ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end))
}

/** Places to cut at: near the beginning, and anywhere. */
export const places = FastCheck.array(FastCheck.oneof(FastCheck.nat(60), FastCheck.nat(20_000)), { maxLength: 8 })
