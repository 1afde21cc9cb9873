/** The options: names, descriptions, defaults and parsers. */
import type { BlockList } from "node:net"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as LogLevel from "effect/LogLevel"
import * as Record from "effect/Record"
import type { Address } from "../cluster/Redis.ts"
import { Limits, SHORTEST_LEASE } from "../Limits.ts"
import type { Format } from "../process/LogFormat.ts"
import { clusterAddress } from "./ClusterAddress.ts"
import { duration, motd, networks, port, wholeNumber, written } from "./Parsers.ts"

/** An option that has a value. */
export interface Setting<A> {
  readonly flag: string
  /** The name of the value in the help. */
  readonly value: string
  readonly description: string
  /** The default as typed; undefined if the option may stay unset. */
  readonly fallback: string | undefined
  /** Gives the value, or words for what it must be. */
  readonly parse: (text: string) => Either.Either<A, string>
  /** All possible values, if there are only a few. */
  readonly choices?: ReadonlyArray<string>
  /** SIGHUP can change the option, for every connection or for new ones. */
  readonly reload?: "everybody" | "newcomers"
}

interface SettingWithDefault<A> extends Setting<A> {
  readonly fallback: string
}

/** The type of a setting's value. Only a setting without a default can be undefined. */
export type ValueOf<S> = S extends SettingWithDefault<infer A> ? A : S extends Setting<infer A> ? A | undefined : never

/** An option in help, manual and completions. */
export interface Option {
  /** All spellings. */
  readonly flags: ReadonlyArray<string>
  /** The name of the value; absent for a switch. */
  readonly value?: string
  readonly description: string
  readonly fallback?: string | undefined
  readonly choices?: ReadonlyArray<string>
}

/** Choices and parser of a value with a fixed set of names. */
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

const number = (flag: string, description: string, fallback: number, most: number): SettingWithDefault<number> => ({
  flag,
  value: "number",
  description,
  fallback: String(fallback),
  parse: (text) => wholeNumber(text, 1, most)
})

/** A number that turns its limit off with 0. */
const numberOrOff = (
  flag: string,
  description: string,
  fallback: number,
  most: number
): SettingWithDefault<number> => ({
  ...number(flag, description, fallback, most),
  parse: (text) => Either.map(wholeNumber(text, 0, most), (value) => (value === 0 ? Number.POSITIVE_INFINITY : value))
})

const time = (
  flag: string,
  description: string,
  fallback: Duration.Duration,
  zero: "refused" | "off" | "none"
): SettingWithDefault<Duration.Duration> => ({
  flag,
  value: "duration",
  description,
  fallback: written(fallback),
  parse: (text) => duration(text, zero)
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
    description: "Listen on this address or name only; the default is every interface, IPv6 and IPv4",
    fallback: undefined,
    parse: (text) => (text === "" ? Either.left("an address or a name") : Either.right(text))
  } satisfies Setting<string>,
  maxUsers: {
    ...number("max-users", "Maximum number of registered users", defaults.maxUsers, 1_000_000),
    reload: "everybody"
  },
  maxLine: {
    ...number("max-line", "Maximum bytes in a line; longer lines are discarded", defaults.maxLine, 64 * 1024 * 1024),
    reload: "newcomers"
  },
  outbox: {
    ...number("outbox", "Maximum bytes queued for one client", defaults.outbox, 256 * 1024 * 1024),
    reload: "everybody"
  },
  patience: {
    ...time(
      "patience",
      "How long a sender waits for a slow recipient before the recipient is disconnected",
      defaults.patience,
      "refused"
    ),
    reload: "everybody"
  },
  joinTimeout: time(
    "join-timeout",
    "How long a client may stay without registering; 0 is no limit",
    defaults.joinTimeout,
    "off"
  ),
  idleTimeout: time(
    "idle-timeout",
    "How long a registered client may be silent; 0 is no limit",
    defaults.idleTimeout,
    "off"
  ),
  drainTimeout: time(
    "drain-timeout",
    "How long closing a connection, or all of them, may take",
    defaults.drainTimeout,
    "none"
  ),
  maxConnections: {
    ...numberOrOff(
      "max-connections",
      "Maximum number of connections, registered or not",
      defaults.maxConnections,
      1_000_000
    ),
    reload: "everybody"
  },
  maxPerAddress: {
    ...numberOrOff(
      "max-per-address",
      "Maximum number of connections from one address; loopback addresses are exempt",
      defaults.maxPerAddress,
      1_000_000
    ),
    reload: "everybody"
  },
  rate: {
    ...numberOrOff(
      "rate",
      "Lines a second read from one client; further lines are read later",
      defaults.rate,
      1_000_000
    ),
    reload: "newcomers"
  },
  burst: {
    ...number("burst", "Lines that a client may send at once before --rate applies", defaults.burst, 1_000_000),
    reload: "newcomers"
  },
  motd: {
    flag: "motd",
    value: "text",
    description: "Message that each client is sent first: a text, or @ and the name of a file",
    fallback: undefined,
    parse: motd,
    reload: "newcomers"
  } satisfies Setting<string>,
  trustProxy: {
    flag: "trust-proxy",
    value: "cidr,...",
    description: "Read the client's address from a PROXY header on connections from these addresses",
    fallback: undefined,
    parse: networks
  } satisfies Setting<BlockList>,
  cluster: {
    flag: "cluster",
    value: "url",
    description:
      "Be one room with other nodes, by this Redis: redis://host:6379, rediss:// or redis-sentinel://; off by default",
    fallback: undefined,
    parse: clusterAddress
  } satisfies Setting<Address>,
  room: {
    flag: "room",
    value: "name",
    description: "Name of the room for --cluster",
    fallback: "main",
    parse: (text: string) =>
      /^[A-Za-z0-9-]{1,32}$/.test(text) ? Either.right(text) : Either.left("1 to 32 letters, digits and hyphens")
  } satisfies Setting<string>,
  lease: {
    ...time("lease", "How long a node of --cluster that is lost keeps its names", Duration.seconds(8), "refused"),
    parse: (text: string) =>
      Either.filterOrLeft(
        duration(text, "refused"),
        (lease) => Duration.greaterThanOrEqualTo(lease, SHORTEST_LEASE),
        () => `a duration of ${written(SHORTEST_LEASE)} or more, like 8s`
      )
  },
  tlsPort: {
    flag: "tls-port",
    value: "port",
    description: "Accept TLS on this port; <port> is then optional",
    fallback: undefined,
    parse: port
  } satisfies Setting<number>,
  tlsCert: file("tls-cert", "Certificate for --tls-port (PEM); SIGHUP reloads it"),
  tlsKey: file("tls-key", "Private key of --tls-cert (PEM, without a passphrase)"),
  tlsClientCa: file("tls-client-ca", "Accept only TLS clients with a certificate from this authority (PEM)"),
  opsPort: {
    flag: "ops-port",
    value: "port",
    description: "Serve metrics, health and a status page over HTTP on this port; off by default",
    fallback: undefined,
    parse: port
  } satisfies Setting<number>,
  opsHost: {
    flag: "ops-host",
    value: "address",
    description: "Address to listen on for --ops-port",
    fallback: "127.0.0.1",
    parse: (text) => (text === "" ? Either.left("an address or a name") : Either.right(text))
  } satisfies Setting<string>,
  logLevel: {
    flag: "log-level",
    value: "level",
    description: "debug, info, warning (problems only), error or none",
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
    description: "text, or json (one object a line)",
    fallback: "text",
    ...oneOf<Format>({ text: "text", json: "json" })
  } satisfies Setting<Format>,
  config: file("config", "Read options from this TOML file; SIGHUP reloads it")
} as const

export type Name = keyof typeof settings

/** The settings by name, in the order of the help. */
export const entries: ReadonlyArray<readonly [Name, Setting<unknown>]> = Record.toEntries(settings)

/** Options that print something instead of serving. */
export const actions: ReadonlyArray<Option> = [
  { flags: ["-h", "--help"], description: "Show this help" },
  { flags: ["--version"], description: "Show the version" },
  { flags: ["--check"], description: "Check whether the program can start with these options, then exit" },
  {
    flags: ["--print-config"],
    description: "Print each option with its value and origin, as a file for --config, then exit"
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

/** Whether the word is an option that takes a value. */
export const takesValue = (word: string): boolean =>
  options.some(({ flags, value }) => value !== undefined && flags.includes(word))

/** Whether the word is an option without a value that @effect/cli parses. */
export const isSwitch = (word: string): boolean => word === "--check" || word === "--print-config"
