import * as Effect from "effect/Effect"
import { type Ear, NothingMore, type Person } from "./Person.ts"

const hears = (ear: Ear): Effect.Effect<string, NothingMore> =>
  Effect.suspend(() => {
    const line = ear.next()
    if (line === undefined) return Effect.zipRight(ear.news, hears(ear))
    return line instanceof NothingMore ? line : Effect.succeed(line)
  })

/** The receiving half of a test client. */
export const hearing = (ear: Ear): Pick<Person, "hears" | "isLeft"> => {
  const rest = (lines: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<string>> =>
    hears(ear).pipe(
      Effect.flatMap((line) => rest([...lines, line])),
      Effect.catchAll(() => Effect.succeed(lines))
    )
  return { hears: hears(ear), isLeft: Effect.suspend(() => rest([])) }
}
