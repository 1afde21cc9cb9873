/** The configuration file: TOML, each option under the name of its flag. */
import * as Fs from "node:fs/promises"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { codeOf, readReason } from "../ErrorText.ts"
import { mustBe } from "./Parsers.ts"
import { type Setting, settings } from "./Settings.ts"

/** The file cannot be used. `problem` is one line of words. */
export class ConfigFileError extends Data.TaggedError("ConfigFileError")<{
  readonly path: string
  readonly problem: string
}> {
  override get message(): string {
    return `${this.path}: ${this.problem}`
  }
}

/** Texts by flag, as typed on a command line. */
export type Contents = ReadonlyMap<string, string>

/** A file cannot name another file. */
const allowed = Object.values<Setting<unknown>>(settings).filter(({ flag }) => flag !== settings.config.flag)

const readText = (path: string) =>
  Effect.tryPromise({
    try: () => Fs.readFile(path, "utf8"),
    catch: (error) => new ConfigFileError({ path, problem: readReason(codeOf(error)) })
  })

/** The TOML parser is imported on use: it is slow to load. */
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

/** Checks one option of the file. */
const check = (key: string, value: unknown): Either.Either<readonly [string, string], string> => {
  const setting = allowed.find(({ flag }) => flag === key)
  if (setting === undefined) return Either.left(`there is no option ${JSON.stringify(key)}`)
  // Other TOML types are errors: a host `true` is a mistake.
  const text = typeof value === "string" || typeof value === "number" ? String(value) : ""
  return Either.mapBoth(setting.parse(text), {
    onLeft: (must) => mustBe(key, must, value),
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
