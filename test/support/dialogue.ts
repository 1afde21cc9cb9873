import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { assert } from "vitest"
import type { Person } from "./Person.ts"

type Hearing = Pick<Person, "hears">
type Talking = Pick<Person, "hears" | "types">

/** Waits for these lines, and no other before them. */
export const hears = (person: Hearing, ...lines: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.forEach(lines, (line) => Effect.map(Effect.orDie(person.hears), (heard) => assert.strictEqual(heard, line)), {
    discard: true
  })

/** Sends a command, and waits for its answer. */
export const asks = (person: Talking, command: string, ...answer: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.zipRight(person.types(command), hears(person, ...answer))

/** Asks for a name until it is given: others may have it yet, and after a loss nobody new is admitted for a while. */
export const joinsAtLast = (person: Talking, name: string): Effect.Effect<void> =>
  Effect.zipRight(person.types(`JOIN ${name}`), Effect.orDie(person.hears)).pipe(
    Effect.repeat({
      schedule: Schedule.spaced("100 millis"),
      until: (line) => line === `JOIN ${name} Request Accepted`
    }),
    Effect.asVoid
  )

/** Waits for these lines, and no other before them but whether the room is available. */
export const hearsOthers = (person: Hearing, ...lines: ReadonlyArray<string>): Effect.Effect<void> => {
  const next = Effect.repeat(Effect.orDie(person.hears), { until: (line) => !/^Room (Una|A)vailable\.$/.test(line) })
  return Effect.forEach(lines, (line) => Effect.map(next, (heard) => assert.strictEqual(heard, line)), {
    discard: true
  })
}
