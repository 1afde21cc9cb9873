import * as Effect from "effect/Effect"
import { assert } from "vitest"
import type { Person } from "./Person.ts"
import { InVain, looks } from "./waiting.ts"

type Hearing = Pick<Person, "hears">
type Talking = Pick<Person, "hears" | "types">

/** Whether the line says that the room is available, or not. */
export const isNews = (line: string): boolean => /^Room (Una|A)vailable\.$/.test(line)

/** Waits for these lines, as `next` gives them, and no other before them. */
const hearsBy = (next: Effect.Effect<string>, lines: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.forEach(
    lines,
    (line) =>
      next.pipe(
        Effect.catchAllDefect((defect) =>
          Effect.die(defect instanceof InVain ? defect.waitingFor(JSON.stringify(line)) : defect)
        ),
        Effect.map((heard) => assert.strictEqual(heard, line))
      ),
    { discard: true }
  )

/** Waits for these lines, and no other before them. */
export const hears = (person: Hearing, ...lines: ReadonlyArray<string>): Effect.Effect<void> =>
  hearsBy(Effect.orDie(person.hears), lines)

/** Sends a command, and waits for its answer. */
export const asks = (person: Talking, command: string, ...answer: ReadonlyArray<string>): Effect.Effect<void> =>
  Effect.zipRight(person.types(command), hears(person, ...answer))

/** Asks for a name until it is given: others may have it yet, and after a loss nobody new is admitted for a while. */
export const joinsAtLast = (person: Talking, name: string): Effect.Effect<void> => {
  const command = `JOIN ${name}`
  const accepted = `${command} Request Accepted`
  const asked = Effect.zipRight(person.types(command), Effect.orDie(person.hears))
  const isAccepted = (line: string) => line === accepted
  return Effect.asVoid(
    looks(
      accepted,
      Effect.tap(asked, (line) => (isAccepted(line) ? Effect.void : Effect.sleep("100 millis"))),
      isAccepted
    )
  )
}

/** The next line that does not say whether the room is available. */
export const hearsSomebody = ({ hears }: Hearing): Effect.Effect<string> =>
  Effect.repeat(Effect.orDie(hears), { until: (line) => !isNews(line) })

/** Waits for these lines, and no other before them but whether the room is available. */
export const hearsOthers = (person: Hearing, ...lines: ReadonlyArray<string>): Effect.Effect<void> =>
  hearsBy(hearsSomebody(person), lines)
