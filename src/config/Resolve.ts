/** Resolves each option: the command line wins over the environment, that over the file, that over the default. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Record from "effect/Record"
import type * as Attachment from "../cluster/Attachment.ts"
import type { LimitValues } from "../LimitValues.ts"
import type { Policy } from "../web/Answer.ts"
import { type ConfigFile, type ConfigFileError, read } from "./ConfigFile.ts"
import { type Environment, textOf, variable, warnings } from "./Environment.ts"
import { isReadOnce } from "./Parsers.ts"
import { mistake, type Setting, spelling, type ValueOf } from "./Setting.ts"
import { type Name, settings } from "./Settings.ts"

/** An option cannot be used as given. The message names it. */
export class OptionError extends Data.TaggedError("OptionError")<{ readonly message: string }> {}

export type Mistake = OptionError | ConfigFileError

/** The program cannot start with these options. There is at least one mistake. */
export class InvalidOptions extends Data.TaggedError("InvalidOptions")<{ readonly mistakes: ReadonlyArray<Mistake> }> {
  override get message(): string {
    return this.mistakes.map(({ message }) => message).join("; ")
  }
}

export interface Resolved<A> {
  /** The value as typed; undefined if the option is not set and has no default. */
  readonly text: string | undefined
  /** The flag, the variable or the path of the file; undefined for the default. */
  readonly from: string | undefined
  /** The default if the text is a mistake. */
  readonly value: A
  readonly mistake?: OptionError
  /** The value is the one from before: its file can be read once only. */
  readonly isKept?: true
}

export type Configuration = { readonly [Key in Name]: Resolved<ValueOf<(typeof settings)[Key]>> }

/** Texts of the flags, and of the port, that were typed. */
export type Flags = { readonly [Key in Name]?: string | undefined }

export interface Sources {
  readonly flags: Flags
  readonly environment: Environment
  readonly file?: ConfigFile | undefined
  /** The configuration so far, if the options are read again. */
  readonly before?: Configuration
}

/** Every option with its value and origin, and every mistake. */
export interface Resolution {
  readonly configuration: Configuration
  readonly mistakes: ReadonlyArray<Mistake>
}

const find = (name: Name, setting: Setting<unknown>, { environment, file, flags }: Sources) => {
  const { fallback, flag } = setting
  const candidates = [
    { text: flags[name], from: spelling(setting) },
    { text: textOf(environment, flag), from: variable(flag) },
    { text: file?.contents.get(flag), from: file?.path }
  ]
  return candidates.find(({ text }) => text !== undefined) ?? { text: fallback, from: undefined }
}

/** The file that an option is read from. */
const fileOf = (name: Name, text = ""): string | undefined =>
  name === "config" ? text : text.startsWith("@") ? text.slice(1) : undefined

const resolveOne = (name: Name, setting: Setting<unknown>, sources: Sources): Resolved<unknown> => {
  const { fallback, parse } = setting
  const { text, from } = find(name, setting, sources)
  const before = sources.before?.[name]
  const path = fileOf(name, text)
  if (before !== undefined && before.text === text && path !== undefined && isReadOnce(path)) {
    return { ...before, isKept: true }
  }
  if (text === undefined) return { text, from, value: undefined }
  return Either.match(parse(text), {
    onLeft: (must) => ({
      text,
      from,
      value: fallback === undefined ? undefined : Either.getOrUndefined(parse(fallback)),
      mistake: new OptionError({ message: mistake(setting, from ?? spelling(setting), must, text) })
    }),
    onRight: (value) => ({ text, from, value })
  })
}

/** Resolves every option. */
export const resolve = (sources: Sources): Resolution => {
  // A mapping cannot relate the type of each value to its name.
  const configuration = Record.map(settings, (setting, name) => resolveOne(name, setting, sources)) as Configuration
  const wrong = Object.values<Resolved<unknown>>(configuration).flatMap(({ mistake }) => mistake ?? [])
  return { configuration, mistakes: [...(sources.file?.mistakes ?? []), ...wrong] }
}

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

/** The engine of a room over many machines; undefined for a room in this process. */
export const clusterOf = ({ cluster, lease, room }: Configuration): Attachment.Options | undefined =>
  cluster.value === undefined ? undefined : { address: cluster.value, room: room.value, lease: lease.value }

/** Whose browsers are served; undefined for nobody's. */
export const webOf = ({ noWeb, webHost, webOrigin }: Configuration): Policy | undefined =>
  noWeb.value ? undefined : { hosts: webHost.value ?? [], origins: webOrigin.value ?? [] }

/** A configuration that can be read again. */
export interface Source {
  /** The configuration at the start. */
  readonly configuration: Configuration
  /** Reads the files again. Of one that can be read once only, what it gave before is kept. */
  readonly read: (before: Configuration) => Effect.Effect<Configuration, InvalidOptions>
}

export interface Loaded extends Resolution {
  /** Lines about what is set in the environment and not used. */
  readonly warnings: ReadonlyArray<string>
  /** Undefined when nothing is read from a file. */
  readonly reload: Source | undefined
}

/** Resolves every option, and reads the file if the command line or the environment names one. */
export const load = (flags: Flags, environment: Environment): Effect.Effect<Loaded> =>
  Effect.gen(function* () {
    // No other option yet: some read a file, and a pipe, as in --ops-token @<(pass show chat), can be read once.
    const { text } = find("config", settings.config, { flags, environment })
    const path = text === undefined ? undefined : Either.getOrUndefined(settings.config.parse(text))
    const file = path === undefined ? undefined : yield* read(path)
    const resolution = resolve({ flags, environment, file })
    const { configuration } = resolution
    const { motd, opsToken } = configuration
    const isReloadable = path !== undefined || [motd, opsToken].some(({ text }) => text?.startsWith("@"))
    const again = (before: Configuration) =>
      Effect.gen(function* () {
        const next = path === undefined || isReadOnce(path) ? file : yield* read(path)
        const { configuration, mistakes } = resolve({ flags, environment, file: next, before })
        return mistakes.length === 0 ? configuration : yield* new InvalidOptions({ mistakes })
      })
    return {
      ...resolution,
      warnings: warnings(
        environment,
        Object.values(settings).map(({ flag }) => flag)
      ),
      reload: isReloadable ? { configuration, read: again } : undefined
    }
  })
