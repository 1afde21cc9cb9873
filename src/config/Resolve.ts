/** Resolves each option: the command line wins over the environment, that over the file, that over the default. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Record from "effect/Record"
import type { LimitValues } from "../Limits.ts"
import { type ConfigFileError, type Contents, read } from "./ConfigFile.ts"
import { type Environment, textOf, variable } from "./Environment.ts"
import { mustBe } from "./Parsers.ts"
import { type Name, type Setting, settings, type ValueOf } from "./Settings.ts"

/** An option cannot be used as given. The message names it. */
export class OptionError extends Data.TaggedError("OptionError")<{ readonly message: string }> {}

export interface Resolved<A> {
  /** The value as typed; undefined if the option is not set and has no default. */
  readonly text: string | undefined
  /** The flag, the variable or the path of the file; undefined for the default. */
  readonly from: string | undefined
  readonly value: A
}

export type Configuration = { readonly [Key in Name]: Resolved<ValueOf<(typeof settings)[Key]>> }

/** Texts of the flags that were typed. */
export type Flags = { readonly [Key in Name]?: string | undefined }

export interface Sources {
  readonly flags: Flags
  readonly environment: Environment
  readonly file?: { readonly path: string; readonly contents: Contents }
}

const find = (name: Name, { fallback, flag }: Setting<unknown>, sources: Sources) => {
  const { environment, file, flags } = sources
  const candidates = [
    { text: flags[name], from: `--${flag}` },
    { text: textOf(environment, flag), from: variable(flag) },
    { text: file?.contents.get(flag), from: file?.path }
  ]
  return candidates.find(({ text }) => text !== undefined) ?? { text: fallback, from: undefined }
}

const resolveOne = (name: Name, setting: Setting<unknown>, sources: Sources) => {
  const { text, from } = find(name, setting, sources)
  if (text === undefined) return Either.right({ text, from, value: undefined })
  const { flag, parse } = setting
  return Either.mapBoth(parse(text), {
    onLeft: (must) => new OptionError({ message: mustBe(`--${flag} (or ${variable(flag)})`, must, text) }),
    onRight: (value): Resolved<unknown> => ({ text, from, value })
  })
}

/** Every option with its value and origin, or the first error in the order of the settings. */
export const resolve = (sources: Sources): Either.Either<Configuration, OptionError> =>
  // A mapping cannot relate the type of each value to its name.
  Either.map(
    Either.all(Record.map(settings, (setting, name) => resolveOne(name, setting, sources))),
    (resolved) => resolved as Configuration
  )

/** The limits of a configuration. The limit of open files is the system's. */
export const limitsOf = (configuration: Configuration): Omit<LimitValues, "openFiles"> => ({
  maxUsers: configuration.maxUsers.value,
  maxLine: configuration.maxLine.value,
  outbox: configuration.outbox.value,
  patience: configuration.patience.value,
  joinTimeout: configuration.joinTimeout.value,
  idleTimeout: configuration.idleTimeout.value,
  drainTimeout: configuration.drainTimeout.value,
  maxConnections: configuration.maxConnections.value,
  maxPerAddress: configuration.maxPerAddress.value,
  rate: configuration.rate.value,
  burst: configuration.burst.value
})

/** A configuration that can be read again. */
export interface Source {
  /** The configuration at the start. */
  readonly configuration: Configuration
  /** Reads the file again. */
  readonly read: Effect.Effect<Configuration, OptionError | ConfigFileError>
}

export interface Loaded {
  readonly configuration: Configuration
  /** Undefined when nothing is read from a file. */
  readonly reload: Source | undefined
}

/** Resolves every option, and reads the file if the command line or the environment names one. */
export const load = (flags: Flags, environment: Environment): Effect.Effect<Loaded, OptionError | ConfigFileError> =>
  Effect.gen(function* () {
    const configuration = yield* resolve({ flags, environment })
    const path = configuration.config.value
    const again =
      path === undefined
        ? Effect.suspend(() => resolve({ flags, environment }))
        : Effect.flatMap(read(path), (contents) => resolve({ flags, environment, file: { path, contents } }))
    const isReloadable = path !== undefined || configuration.motd.text?.startsWith("@") === true
    if (!isReloadable) return { configuration, reload: undefined }
    const source = { configuration: yield* again, read: again }
    return { configuration: source.configuration, reload: source }
  })
