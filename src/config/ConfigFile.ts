/** A file of options in TOML, each under the name of its flag. */
import * as Fs from "node:fs/promises"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { codeOf, readReason } from "../ErrorText.ts"
import { settings } from "./Settings.ts"

/** The file cannot be used; `problem` is what to say of it, in one line. */
export class ConfigFileError extends Data.TaggedError("ConfigFileError")<{
  readonly path: string
  readonly problem: string
}> {
  override get message(): string {
    return `${this.path}: ${this.problem}`
  }
}

/** What it says, as a person would have typed it after the flag. */
export type Contents = ReadonlyMap<string, string>

/** A file cannot name the next one. */
const allowed = Object.values(settings).filter(({ flag }) => flag !== settings.config.flag)

const readText = (path: string) =>
  Effect.tryPromise({
    try: () => Fs.readFile(path, "utf8"),
    catch: (error) => new ConfigFileError({ path, problem: readReason(codeOf(error)) })
  })

/** The parser is loaded when there is something to parse. */
const parse = (path: string, text: string) =>
  Effect.flatMap(
    Effect.promise(() => import("smol-toml")),
    ({ TomlError, parse }) =>
      Effect.try({
        try: () => Object.entries(parse(text)),
        catch: (error) => {
          const where = error instanceof TomlError ? `line ${error.line}: ` : ""
          const [first = ""] = String(error instanceof Error ? error.message : error).split("\n")
          return new ConfigFileError({ path, problem: `${where}${first}` })
        }
      })
  )

/** One option of the file, or what is wrong with it. */
const check = (key: string, value: unknown): Either.Either<readonly [string, string], string> => {
  const setting = allowed.find(({ flag }) => flag === key)
  if (setting === undefined) return Either.left(`there is no option ${JSON.stringify(key)}`)
  // Nobody means a host "true".
  const text = typeof value === "string" || typeof value === "number" ? String(value) : ""
  return Either.mapBoth(setting.parse(text) as Either.Either<unknown, string>, {
    onLeft: (must) => `${key} must be ${must}, not ${JSON.stringify(value)}`,
    onRight: () => [key, text]
  })
}

/** Reads the file and checks every option in it. */
export const read = (path: string): Effect.Effect<Contents, ConfigFileError> =>
  Effect.gen(function* () {
    const entries = yield* Effect.flatMap(readText(path), (text) => parse(path, text))
    const checked = Either.all(entries.map(([key, value]) => check(key, value)))
    return yield* Either.mapBoth(checked, {
      onLeft: (problem) => new ConfigFileError({ path, problem }),
      onRight: (options) => new Map(options)
    })
  })
