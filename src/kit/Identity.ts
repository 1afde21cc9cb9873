/** Whom a client program is in the room. */
import { userInfo } from "node:os"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import { NameRefused } from "../client/Ending.ts"

/** The name of the user who runs the program; some have none. */
const login = (): string => {
  try {
    return userInfo().username
  } catch {
    return ""
  }
}

/** Longest part of the login name: a name has at most 32 letters and digits. */
const LETTERS = 28

/** The letters and digits of a login name, and four random digits. */
export const invented = (user: string): Effect.Effect<string> =>
  Effect.map(Random.nextIntBetween(0, 10_000), (number) => {
    const letters = user.replace(/[^A-Za-z0-9]/g, "").slice(0, LETTERS)
    return `${letters === "" ? "user" : letters}${String(number).padStart(4, "0")}`
  })

const isTaken = (error: unknown): boolean => error instanceof NameRefused && error.answer.reason === "UsernameTaken"

/** How often another name is invented when somebody has it. */
const ATTEMPTS = 5

/** Connects by the given name, or else by an invented one. */
export const as = <A, E, R>(
  name: string | undefined,
  connect: (name: string) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R> =>
  name === undefined
    ? Effect.retry(Effect.flatMap(invented(login()), connect), { times: ATTEMPTS, while: isTaken })
    : connect(name)
