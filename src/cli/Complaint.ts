/** The answer to a person who asked for something that the program cannot do. */
import * as Console from "effect/Console"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { type Mistake, OptionError } from "../config/Resolve.ts"
import * as PrintFailure from "../PrintFailure.ts"
import { escaped } from "../protocol/Text.ts"
import * as Help from "./Help.ts"

/** The program cannot do what was asked. The operator has been told why. */
export class Refused extends Data.TaggedError("Refused")<{}> {}

/** One line on standard error. A name or a value in it can hold anything. */
export const complain = (message: string): Effect.Effect<void> => Console.error(`partyline: ${escaped(message)}`)

/** Prints on standard output what was asked for. */
export const print = (text: string): Effect.Effect<void> =>
  Effect.zipRight(Effect.sync(PrintFailure.report), Console.log(text))

export const printUsage: Effect.Effect<void> = Console.error(`${Help.usage}\nTry partyline --help for more.`)

/** The usage statement is of help with a mistake on the command line or in a variable, and not with one in a file. */
export const printUsageFor = (mistakes: ReadonlyArray<Mistake>): Effect.Effect<void> =>
  mistakes.some(({ _tag }) => _tag === "OptionError") ? printUsage : Effect.void

/** Says what is wrong, and what else may explain it. */
export const refuse = (
  mistakes: ReadonlyArray<Mistake>,
  warnings: ReadonlyArray<string> = []
): Effect.Effect<never, Refused> =>
  Effect.gen(function* () {
    for (const { message } of mistakes) yield* complain(message)
    for (const warning of warnings) yield* complain(warning)
    yield* printUsageFor(mistakes)
    return yield* new Refused()
  })

/** Says what is wrong with the words on the command line. */
export const refuseWords = (problems: ReadonlyArray<string>): Effect.Effect<never, Refused> =>
  refuse(problems.map((message) => new OptionError({ message })))
