/** Behaviour of @effect/cli that this program replaces or hides, each with its reason. */
import { stripVTControlCharacters } from "node:util"
import type * as CliApp from "@effect/cli/CliApp"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as LogLevel from "effect/LogLevel"
import { didYouMean } from "../config/Nearest.ts"
import { isSwitch, optionOf, options, takesValue } from "../config/Options.ts"
import { mustBe } from "../config/Parsers.ts"
import { descriptions } from "../kit/Options.ts"
import { escaped } from "../protocol/Text.ts"

const flagOf = (word: string): string => word.replace(/=.*$/s, "")

/** An unknown option, a missing value and a repeated option all reach us as a leftover word, so the word decides. */
const optionProblem = (word: string): string => {
  const flag = flagOf(word)
  const option = optionOf(flag)
  if (option !== undefined && option.value === undefined) return `${flag} must be given once, without a value`
  if (option !== undefined) {
    return `${flag} must have one value, once, as in ${flag} ${option.fallback ?? `<${option.value}>`}`
  }
  if (flag === "--port" || flag === "-p") {
    return `unknown option "${flag}": the port is given without one, as in partyline 8001`
  }
  const known = options.flatMap(({ flags }) => flags).filter((flag) => flag.startsWith("--"))
  return `unknown option ${JSON.stringify(flag)}${didYouMean(flag, known)}`
}

const noPort = (word: string): string => mustBe("<port>", "a whole number from 0 to 65535", word)

/** The problem with a word in the place of <port>: the parser takes the first unknown word, which can be an option. */
export const portProblem = (word: string): string | undefined =>
  /^-+[a-z]/i.test(word) ? optionProblem(word) : undefined

/**
 * The parser drops an unknown word after a single dash without an error, and takes the end of `--max-users=`, or the next
 * option, for a value. Its wizard asks questions on standard output, which a service has no answer for. Its `--help=` has no
 * documented meaning.
 */
const isForeign = (word: string, index: number, words: ReadonlyArray<string>): boolean => {
  if (!/^-./.test(word) || word === "--") return false
  const option = optionOf(flagOf(word))
  if (option === undefined) return !takesValue(words[index - 1] ?? "")
  const next = words[index + 1]
  const hasValue = word.includes("=") ? !word.endsWith("=") : next !== undefined && optionOf(next) === undefined
  return option.value === undefined ? word.includes("=") : !hasValue
}

/** The problems with all words that must not reach @effect/cli, each once. */
export const foreignProblems = (words: ReadonlyArray<string>): ReadonlyArray<string> => [
  ...new Set(words.filter(isForeign).map((word) => portProblem(word) ?? noPort(word)))
]

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

const subcommands = descriptions.map(({ name }) => name)

/** The problem with two words that are no options: the first can be a host, or a misspelt subcommand. */
const operandProblem = (words: ReadonlyArray<string>, last: string): string => {
  const first = words.find((word, index) => !word.startsWith("-") && !takesValue(words[index - 1] ?? ""))
  return first === undefined || /^\d+$/.test(first)
    ? `there can be one <port>, and not also ${JSON.stringify(last)}`
    : noPort(first) + didYouMean(first, subcommands)
}

/** The message about a leftover word does not say what is wrong with it. */
const reworded = (message: string, words: ReadonlyArray<string>): string =>
  message.replace(leftover, (_, word: string) =>
    word.startsWith("-") ? optionProblem(word) : operandProblem(words, word)
  )

/** Messages have colours even in a pipe, some are printed twice, and none names the program. */
const plainConsole = (console: Console.Console, words: ReadonlyArray<string>): Console.Console => {
  const plain = (text: unknown): string => stripVTControlCharacters(String(text)).trimEnd()
  let last = ""
  return {
    ...console,
    log: (text: unknown) => console.log(plain(text)),
    error: (text: unknown) => {
      const message = reworded(plain(text), words)
      if (message === last) return Effect.void
      last = message
      return console.error(`partyline: ${escaped(message)}`)
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
        Effect.withConsole(plainConsole(console, args.slice(2)))
      )
    )
