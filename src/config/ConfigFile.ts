/** The configuration file: TOML, each option under the name of its flag. */
import * as Fs from "node:fs/promises"
import { separate } from "effect/Array"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { codeOf, readReason } from "../ErrorText.ts"
import { didYouMean } from "./Nearest.ts"
import { mustBe } from "./Parsers.ts"
import type { Setting } from "./Setting.ts"
import { settings } from "./Settings.ts"

/** A mistake in the file, or the reason why it cannot be read. `problem` is one line of words. */
export class ConfigFileError extends Data.TaggedError("ConfigFileError")<{
  readonly path: string
  readonly problem: string
}> {
  override get message(): string {
    return `${this.path}: ${this.problem}`
  }
}

export interface ConfigFile {
  readonly path: string
  /** Texts by flag, as typed on a command line. */
  readonly contents: ReadonlyMap<string, string>
  /** Every mistake in the file. Its option is not in the contents. */
  readonly mistakes: ReadonlyArray<ConfigFileError>
}

type Parse = (text: string) => { readonly [key: string]: unknown }

/** A file cannot name another file. */
const allowed = Object.values<Setting<unknown>>(settings).filter(({ flag }) => flag !== settings.config.flag)

const readText = (path: string) =>
  Effect.tryPromise({
    try: () => Fs.readFile(path, "utf8"),
    catch: (error) => new ConfigFileError({ path, problem: readReason(codeOf(error)) })
  })

/** The TOML parser is imported on use: it is slow to load. */
const toml = Effect.promise(() => import("smol-toml"))

/** The text of a value. Other TOML types are mistakes: a host `true` is one. */
const textOf = (value: unknown, { isList, value: kind }: Setting<unknown>): string | undefined => {
  if (typeof value === "string" || typeof value === "number") return String(value)
  if (typeof value === "boolean" && kind === undefined) return String(value)
  const isListOfTexts = isList === true && Array.isArray(value) && value.every((item) => typeof item === "string")
  return isListOfTexts ? value.join(",") : undefined
}

/** The text of one option of the file, or what is wrong with it. */
const check = (key: string, value: unknown): Either.Either<string, string> => {
  const setting = allowed.find(({ flag }) => flag === key)
  if (setting === undefined) {
    const flags = allowed.map(({ flag }) => flag)
    return Either.left(`there is no option ${JSON.stringify(key)}${didYouMean(key, flags)}`)
  }
  const text = textOf(value, setting)
  const parsed = setting.parse(text ?? "")
  if (text !== undefined && Either.isRight(parsed)) return Either.right(text)
  return Either.left(mustBe(key, Either.isLeft(parsed) ? parsed.left : "a text", value))
}

/** The line on which each key of the top level is first set, found by parsing statement after statement. */
const lineNumbers = (text: string, parse: Parse): ReadonlyMap<string, number> => {
  const found = new Map<string, number>()
  let statement = ""
  let begin = 1
  let isInTable = false
  for (const [index, line] of text.split("\n").entries()) {
    statement += `${line}\n`
    const keys = Either.try(() => Object.keys(parse(statement)))
    // A value of several lines has not ended.
    if (Either.isLeft(keys)) continue
    const isHeader = /^\s*\[/.test(statement)
    isInTable ||= isHeader
    for (const key of keys.right) if ((isHeader || !isInTable) && !found.has(key)) found.set(key, begin)
    statement = ""
    begin = index + 2
  }
  return found
}

/** Parses the text, or says on which line it is no TOML. */
const parsed = (path: string, text: string) =>
  Effect.flatMap(toml, ({ parse, TomlError }) =>
    Effect.try({
      try: () => ({ values: Object.entries(parse(text)), lines: () => lineNumbers(text, parse) }),
      catch: (error) => {
        const where = error instanceof TomlError ? `line ${error.line}: ` : ""
        const [first = ""] = String(error instanceof Error ? error.message : error).split("\n")
        return new ConfigFileError({ path, problem: `${where}${first}` })
      }
    })
  )

/** Reads the file and checks every option in it. Of a file that cannot be read or parsed, nothing is used. */
export const read = (path: string): Effect.Effect<ConfigFile> =>
  Effect.gen(function* () {
    const { lines, values } = yield* Effect.flatMap(readText(path), (text) => parsed(path, text))
    const [wrong, right] = separate(
      values.map(([key, value]) =>
        Either.mapBoth(check(key, value), {
          onLeft: (problem) => ({ key, problem }),
          onRight: (text) => [key, text] as const
        })
      )
    )
    const numbers = wrong.length === 0 ? new Map<string, number>() : lines()
    const mistakes = wrong.map(
      ({ key, problem }) => new ConfigFileError({ path, problem: `line ${numbers.get(key)}: ${problem}` })
    )
    return { path, contents: new Map(right), mistakes }
  }).pipe(Effect.catchAll((mistake) => Effect.succeed({ path, contents: new Map(), mistakes: [mistake] })))
