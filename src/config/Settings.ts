/** The options that people can set: their names, words and defaults, and what a value of each may be. */
import type { BlockList } from "node:net"
import type * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as LogLevel from "effect/LogLevel"
import { Limits } from "../Limits.ts"
import type { Format } from "../process/Logging.ts"
import { duration, networks, port, wholeNumber, written } from "./Parsers.ts"

/** An option: read from `--<flag>`, else from the environment, else the default. */
export interface Setting<A> {
  readonly flag: string
  /** What stands for the value in the help. */
  readonly value: string
  readonly description: string
  /** As a person would write it; absent where the description says what holds without it. */
  readonly fallback: string | undefined
  /** The value, or what it must be. */
  readonly parse: (text: string) => Either.Either<A, string>
  /** All that it can be, where that can be told. */
  readonly choices?: ReadonlyArray<string>
  /** For whom a change while the program runs counts, if it does. */
  readonly reload?: "everybody" | "newcomers"
}

/** An option as help, manual and completions show it. */
export interface Option {
  /** All ways to type it. */
  readonly flags: ReadonlyArray<string>
  /** What stands for the value, if it takes one. */
  readonly value?: string
  readonly description: string
  readonly fallback?: string | undefined
  readonly choices?: ReadonlyArray<string>
}

/** The variable that sets an option in the environment. */
export const variable = (flag: string): string => `PARTYLINE_${flag.toUpperCase().replaceAll("-", "_")}`

/** What a value can be when it is one of these names. */
const oneOf = <A>(values: { readonly [name: string]: A }): Pick<Setting<A>, "choices" | "parse"> => {
  const choices = Object.keys(values)
  return {
    choices,
    parse: (text) => {
      const value = Object.entries(values).find(([name]) => name === text)
      return value === undefined ? Either.left(`one of ${choices.join(", ")}`) : Either.right(value[1])
    }
  }
}

const number = (flag: string, description: string, fallback: number, most: number): Setting<number> => ({
  flag,
  value: "number",
  description,
  fallback: String(fallback),
  parse: (text) => wholeNumber(text, 1, most)
})

/** A number of which 0 is infinite: the limit is off. */
const numberOrOff = (flag: string, description: string, fallback: number, most: number): Setting<number> => ({
  ...number(flag, description, fallback, most),
  parse: (text) => Either.map(wholeNumber(text, 0, most), (value) => (value === 0 ? Number.POSITIVE_INFINITY : value))
})

const time = (flag: string, description: string, fallback: Duration.Duration): Setting<Duration.Duration> => ({
  flag,
  value: "duration",
  description,
  fallback: written(fallback),
  parse: duration
})

const file = (flag: string, description: string): Setting<string> => ({
  flag,
  value: "file",
  description,
  fallback: undefined,
  parse: (text) => (text === "" ? Either.left("the name of a file") : Either.right(text))
})

const { defaults } = Limits

/** In the order of the help. */
export const settings = {
  host: {
    flag: "host",
    value: "address",
    description: "Listen on this address or name only (else on every interface, IPv6 and IPv4)",
    fallback: undefined,
    parse: (text) => (text === "" ? Either.left("an address or a name") : Either.right(text))
  } satisfies Setting<string>,
  maxUsers: {
    ...number("max-users", "How many can be registered", defaults.maxUsers, 1_000_000),
    reload: "everybody"
  },
  maxLine: {
    ...number("max-line", "Bytes in a line; longer ones are discarded", defaults.maxLine, 64 * 1024 * 1024),
    reload: "newcomers"
  },
  outbox: {
    ...number("outbox", "Bytes that can wait for one client", defaults.outbox, 256 * 1024 * 1024),
    reload: "everybody"
  },
  patience: {
    ...time("patience", "How long a sender waits for a slow recipient before it is disconnected", defaults.patience),
    reload: "everybody"
  },
  joinTimeout: time("join-timeout", "How long a client may stay without registering", defaults.joinTimeout),
  idleTimeout: time("idle-timeout", "How long a registered client may be silent; 0 is for ever", defaults.idleTimeout),
  drainTimeout: time("drain-timeout", "How long closing a connection, or all of them, may take", defaults.drainTimeout),
  maxConnections: {
    ...numberOrOff(
      "max-connections",
      "How many can be connected, registered or not",
      defaults.maxConnections,
      1_000_000
    ),
    reload: "everybody"
  },
  maxPerAddress: {
    ...numberOrOff(
      "max-per-address",
      "How many can be connected from one address; this machine's own do not count",
      defaults.maxPerAddress,
      1_000_000
    ),
    reload: "everybody"
  },
  rate: {
    ...numberOrOff(
      "rate",
      "Lines a second that are read from one client; what is more is read later",
      defaults.rate,
      1_000_000
    ),
    reload: "newcomers"
  },
  burst: {
    ...numberOrOff("burst", "Lines that a client may send at once before --rate counts", defaults.burst, 1_000_000),
    reload: "newcomers"
  },
  trustProxy: {
    flag: "trust-proxy",
    value: "cidr,...",
    description: "From these addresses a PROXY header says who the client is",
    fallback: undefined,
    parse: networks
  } satisfies Setting<BlockList>,
  tlsPort: {
    flag: "tls-port",
    value: "port",
    description: "Speak TLS on this port; <port> may then be left out",
    fallback: undefined,
    parse: port
  } satisfies Setting<number>,
  tlsCert: file("tls-cert", "The certificate for --tls-port (PEM), read again at SIGHUP"),
  tlsKey: file("tls-key", "The key of --tls-cert (PEM, without a passphrase)"),
  tlsClientCa: file("tls-client-ca", "Over TLS, let only those in who have a certificate from this authority (PEM)"),
  opsPort: {
    flag: "ops-port",
    value: "port",
    description: "Serve metrics, health and a status page over HTTP on this port (else not at all)",
    fallback: undefined,
    parse: port
  } satisfies Setting<number>,
  opsHost: {
    flag: "ops-host",
    value: "address",
    description: "Listen on this address for --ops-port",
    fallback: "127.0.0.1",
    parse: (text) => (text === "" ? Either.left("an address or a name") : Either.right(text))
  } satisfies Setting<string>,
  logLevel: {
    flag: "log-level",
    value: "level",
    description: "debug, info, warning (trouble only), error or none",
    fallback: "info",
    ...oneOf<LogLevel.LogLevel>({
      debug: LogLevel.Debug,
      info: LogLevel.Info,
      warning: LogLevel.Warning,
      error: LogLevel.Error,
      none: LogLevel.None
    })
  } satisfies Setting<LogLevel.LogLevel>,
  logFormat: {
    flag: "log-format",
    value: "format",
    description: "text, or json: one object a line",
    fallback: "text",
    ...oneOf<Format>({ text: "text", json: "json" })
  } satisfies Setting<Format>,
  config: file("config", "Read options from this TOML file, and again on SIGHUP")
} as const

/** Options that make the program do something else than serve. */
export const actions: ReadonlyArray<Option> = [
  { flags: ["-h", "--help"], description: "Show this help" },
  { flags: ["--version"], description: "Show the version" },
  { flags: ["--check"], description: "Say whether it would serve with these options, and end" },
  {
    flags: ["--print-config"],
    description: "Print what each option is, and where that comes from, as a file for --config"
  },
  {
    flags: ["--completions"],
    value: "shell",
    description: "Print a completion script for bash, fish or zsh",
    choices: ["bash", "fish", "zsh"]
  }
]

/** Every option, in the order of the help. */
export const options: ReadonlyArray<Option> = [
  ...Object.values<Omit<Setting<unknown>, "parse">>(settings).map(({ flag, ...option }) => ({
    flags: [`--${flag}`],
    ...option
  })),
  ...actions
]

/** Whether an option that takes a value is typed like that. */
export const isFlag = (text: string): boolean =>
  options.some(({ flags, value }) => value !== undefined && flags.includes(text))
