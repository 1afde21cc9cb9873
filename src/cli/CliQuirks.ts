/** Behaviour of @effect/cli that this program replaces or hides, each with its reason. */
import { stripVTControlCharacters } from "node:util"
import type * as CliApp from "@effect/cli/CliApp"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FiberRef from "effect/FiberRef"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import { mustBe, port } from "../config/Parsers.ts"
import { isSwitch, takesValue } from "../config/Settings.ts"

/** An unknown option, a missing value and a repeated option all reach us as a leftover word, so the word decides. */
const optionProblem = (word: string): string => {
  const option = word.replace(/=.*$/, "")
  if (isSwitch(option)) return `${option} must be given once`
  return takesValue(option) ? `${option} must have one value, once` : `unknown option ${JSON.stringify(option)}`
}

/** Reads <port>. The parser takes the first unknown word for the argument, and that can be an unknown option. */
export const portArgument = (word: string): Either.Either<number, string> =>
  /^-+[a-z]/i.test(word)
    ? Either.left(optionProblem(word))
    : Either.mapLeft(port(word), (must) => mustBe("<port>", must, word))

/**
 * The parser drops an unknown word after a single dash without an error. Its wizard asks questions on standard output,
 * which a service has no answer for. Its `--help=` and `--version=` have no documented meaning.
 */
const isForeign = (word: string, index: number, words: ReadonlyArray<string>): boolean =>
  /^--(wizard|help=.*|version=.*)$/.test(word) ||
  (/^-[^-]/.test(word) && word !== "-h" && !takesValue(words[index - 1] ?? ""))

/** The problem with the first word that must not reach @effect/cli, if there is one. */
export const foreignProblem = (words: ReadonlyArray<string>): string | undefined =>
  Option.getOrUndefined(
    Option.flatMap(Option.fromNullable(words.find(isForeign)), (word) => Either.getLeft(portArgument(word)))
  )

/** A switch takes a following 0 or 1 for its own value, and that word is the port. */
const withExplicitValue = (word: string): string => (isSwitch(word) ? `${word}=true` : word)

/**
 * @effect/cli has a --log-level of its own. Depending on its place, the flag reaches the command, or only sets the minimum
 * log level. This copy of the default, compared by identity, marks a command line without the flag.
 */
const notGiven: LogLevel.LogLevel = { ...LogLevel.Info }

/** The text of a --log-level that did not reach the command; undefined if there was none. */
export const logLevelText: Effect.Effect<string | undefined> = Effect.map(
  FiberRef.get(FiberRef.currentMinimumLogLevel),
  (level) => (level === notGiven ? undefined : level._tag.toLowerCase())
)

const leftover = /^Received unknown argument: '(.*)'$/

/** The message about a leftover word does not say what is wrong with it. */
const reworded = (message: string): string =>
  message.replace(leftover, (_, word: string) =>
    word.startsWith("-") ? optionProblem(word) : `there can be one <port>, and not also ${JSON.stringify(word)}`
  )

/** Messages have colours even in a pipe, some are printed twice, and none names the program. */
const plainConsole = (console: Console.Console): Console.Console => {
  const plain = (text: unknown): string => stripVTControlCharacters(String(text)).trimEnd()
  let last = ""
  return {
    ...console,
    log: (text: unknown) => console.log(plain(text)),
    error: (text: unknown) => {
      const message = reworded(plain(text))
      if (message === last) return Effect.void
      last = message
      return console.error(`partyline: ${message}`)
    }
  }
}

/** Runs the command. The console above is for @effect/cli alone: the handler gets the console of the caller. */
export const run =
  <Name extends string, R, E, A>(
    command: Command.Command<Name, R, E, A>,
    config: Omit<CliApp.CliApp.ConstructorArgs<never>, "command">
  ) =>
  (args: ReadonlyArray<string>) =>
    Console.consoleWith((console) =>
      Command.transformHandler(command, (handler) => Effect.withConsole(handler, console)).pipe(
        Command.run(config),
        (parse) => parse(args.map(withExplicitValue)),
        Effect.locally(FiberRef.currentMinimumLogLevel, notGiven),
        // Without this, --Max-Users would be an option.
        Effect.provide(CliConfig.layer({ isCaseSensitive: true })),
        Effect.withConsole(plainConsole(console))
      )
    )
