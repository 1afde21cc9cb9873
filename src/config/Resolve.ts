/** What each option is, and who said so: the command line, else the environment, else the file, else the default. */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { type ConfigFileError, type Contents, read } from "./ConfigFile.ts"
import { type Setting, settings, variable } from "./Settings.ts"

/** A value as a person would write it; undefined where it is not set and there is no default. */
export interface Value {
  readonly text: string | undefined
  /** Where it comes from; undefined for the default. */
  readonly from: string | undefined
}

/** By the names of `settings`. */
export type Configuration = { readonly [Key in keyof typeof settings]: Value }

type Environment = { readonly [name: string]: string | undefined }

/** What a flag is given on a command line that is known to be well formed. */
const flagged = (args: ReadonlyArray<string>, flag: string): string | undefined => {
  const joined = args.find((arg) => arg.startsWith(`--${flag}=`))
  if (joined !== undefined) return joined.slice(flag.length + 3)
  const index = args.indexOf(`--${flag}`)
  return index === -1 ? undefined : args[index + 1]
}

/** What holds, given all that was said. */
export const resolve = (
  args: ReadonlyArray<string>,
  env: Environment,
  file: { readonly path: string; readonly contents: Contents } | undefined
): Configuration => {
  const value = ({ fallback, flag }: Pick<Setting<unknown>, "fallback" | "flag">): Value => {
    const onLine = flagged(args, flag)
    if (onLine !== undefined) return { text: onLine, from: `--${flag}` }
    const inEnvironment = env[variable(flag)]
    if (inEnvironment !== undefined) return { text: inEnvironment, from: variable(flag) }
    const inFile = file?.contents.get(flag)
    return inFile === undefined ? { text: fallback, from: undefined } : { text: inFile, from: file?.path }
  }
  return Object.fromEntries(
    Object.entries(settings).map(([key, setting]) => [key, value(setting)])
  ) as unknown as Configuration
}

/** A configuration that can change. */
export interface Source {
  /** What holds at the start. */
  readonly configuration: Configuration
  /** What would hold now. */
  readonly read: Effect.Effect<Configuration, ConfigFileError>
}

/** What is known before the command line is parsed. */
export interface Loaded {
  readonly configuration: Configuration
  /** The environment, in which the file stands in for what is not there. */
  readonly provider: ConfigProvider.ConfigProvider
  /** Absent without a file. */
  readonly reload: Source | undefined
}

/** Reads the file that the command line, or else the environment, names. */
export const load = (args: ReadonlyArray<string>, env: Environment): Effect.Effect<Loaded, ConfigFileError> => {
  const provider = ConfigProvider.fromEnv()
  const path = flagged(args, settings.config.flag) ?? env[variable(settings.config.flag)]
  // That a name is missing or empty is for the command line to say.
  if (path === undefined || path === "") {
    return Effect.succeed({ configuration: resolve(args, env, undefined), provider, reload: undefined })
  }
  return Effect.map(read(path), (contents) => {
    const configuration = resolve(args, env, { path, contents })
    const variables = new Map([...contents].map(([flag, text]) => [variable(flag), text] as const))
    const again = Effect.map(read(path), (contents) => resolve(args, env, { path, contents }))
    return {
      configuration,
      provider: ConfigProvider.orElse(provider, () => ConfigProvider.fromMap(variables)),
      reload: { configuration, read: again }
    }
  })
}

const written = (text: string): string => (/^\d+$/.test(text) && !/^0\d/.test(text) ? text : JSON.stringify(text))

const COLUMN = 32

const entry = (setting: Pick<Setting<unknown>, "description" | "flag" | "reload" | "value">, { text, from }: Value) => {
  const line = `${from === undefined ? "#" : ""}${setting.flag} = ${written(text ?? setting.value)}`
  const origin = from === undefined ? (text === undefined ? "not set" : "the default") : `from ${from}`
  const heading = setting.reload === undefined ? "" : " Can be changed while the program runs."
  return `\n# ${setting.description}.${heading}\n${line.padEnd(COLUMN)} # ${origin}\n`
}

/**
 * What holds as a file of options that says the same, with defaults commented out, and where each comes from. Reading it
 * as `--config` changes nothing.
 */
export const toml = (version: string, configuration: Configuration): string =>
  [
    `# What holds for partyline ${version}, and where each value comes from. To have it in a file:\n`,
    "#     partyline --print-config > partyline.toml && partyline --config partyline.toml 8001\n",
    "# The command line wins over the environment, that over the file, and that over the defaults.\n",
    ...Object.entries(settings).flatMap(([key, setting]) =>
      setting === settings.config ? [] : [entry(setting, configuration[key as keyof Configuration])]
    )
  ].join("")
