/** The options that people can set: their names, words and defaults, and what a value of each may be. */
import { BlockList } from "node:net"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as LogLevel from "effect/LogLevel"
import type { Format } from "./console/Logging.ts"
import { Limits } from "./Limits.ts"
import * as IpAddress from "./protocol/IpAddress.ts"

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
}

/** The variable that sets an option in the environment. */
export const variable = (flag: string): string => `PARTYLINE_${flag.toUpperCase().replaceAll("-", "_")}`

const wholeNumber = (text: string, least: number, most: number): Either.Either<number, string> =>
  /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most
    ? Either.right(Number(text))
    : Either.left(`a whole number from ${least} to ${most}`)

export const port = (text: string): Either.Either<number, string> => wholeNumber(text, 0, 65535)

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Timers cannot be set for longer than 2^31 milliseconds. */
const LONGEST_HOURS = 596

/** `500ms`, `5s`, `2m`, `1h`; a plain number is seconds; 0 is infinite: the limit is off. */
export const duration = (text: string): Either.Either<Duration.Duration, string> => {
  const match = /^(\d{1,10}(?:\.\d{1,3})?)(ms|s|m|h)?$/.exec(text)
  const millis = match === null ? Number.NaN : Number(match[1]) * units[(match[2] ?? "s") as keyof typeof units]
  if (millis === 0) return Either.right(Duration.infinity)
  return millis <= LONGEST_HOURS * units.h
    ? Either.right(Duration.millis(millis))
    : Either.left(`a duration like 500ms, 5s, 2m or 1h (at most ${LONGEST_HOURS}h), or 0 for off`)
}

/** A duration as `duration` reads it. */
export const written = (value: Duration.Duration): string => {
  if (!Duration.isFinite(value)) return "0"
  const millis = Duration.toMillis(value)
  const unit = (["h", "m", "s"] as const).find((unit) => millis % units[unit] === 0) ?? "ms"
  return `${millis / units[unit]}${unit}`
}

const oneOf =
  <A>(choices: { readonly [name: string]: A }) =>
  (text: string): Either.Either<A, string> => {
    const choice = Object.entries(choices).find(([name]) => name === text)
    return choice === undefined ? Either.left(`one of ${Object.keys(choices).join(", ")}`) : Either.right(choice[1])
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

/** Addresses and networks (`10.0.0.0/8`), separated by commas. */
const networks = (text: string): Either.Either<BlockList, string> => {
  const list = new BlockList()
  for (const item of text.split(",")) {
    const [, address = "", prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(item) ?? []
    const bytes = IpAddress.parse(address)
    const bits = prefix === undefined ? 8 * (bytes?.length ?? 0) : Number(prefix)
    if (bytes === undefined || bits > 8 * bytes.length) {
      return Either.left("addresses or networks like 10.0.0.0/8, separated by commas")
    }
    list.addSubnet(address, bits, bytes.length === 4 ? "ipv4" : "ipv6")
  }
  return Either.right(list)
}

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
  maxUsers: number("max-users", "How many can be registered", defaults.maxUsers, 1_000_000),
  maxLine: number("max-line", "Bytes in a line; longer ones are discarded", defaults.maxLine, 64 * 1024 * 1024),
  outbox: number("outbox", "Bytes that can wait for one client", defaults.outbox, 256 * 1024 * 1024),
  patience: time(
    "patience",
    "How long a sender waits for a slow recipient before it is disconnected",
    defaults.patience
  ),
  joinTimeout: time("join-timeout", "How long a client may stay without registering", defaults.joinTimeout),
  idleTimeout: time("idle-timeout", "How long a registered client may be silent", defaults.idleTimeout),
  drainTimeout: time("drain-timeout", "How long closing a connection, or all of them, may take", defaults.drainTimeout),
  maxConnections: numberOrOff(
    "max-connections",
    "How many can be connected, registered or not",
    defaults.maxConnections,
    1_000_000
  ),
  maxPerAddress: numberOrOff(
    "max-per-address",
    "The same from one address, this machine's own excepted",
    defaults.maxPerAddress,
    1_000_000
  ),
  rate: numberOrOff(
    "rate",
    "Lines a second from one client; more are read later, this machine's own at once",
    defaults.rate,
    1_000_000
  ),
  burst: numberOrOff("burst", "Lines that it may send at once before that", defaults.burst, 1_000_000),
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
  tlsCert: file("tls-cert", "The certificate for that (PEM), read again at SIGHUP"),
  tlsKey: file("tls-key", "Its key (PEM, without a passphrase)"),
  tlsClientCa: file("tls-client-ca", "Let only those in who have a certificate from this authority"),
  logLevel: {
    flag: "log-level",
    value: "level",
    description: "debug, info, warning (trouble only), error or none",
    fallback: "info",
    parse: oneOf<LogLevel.LogLevel>({
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
    parse: oneOf<Format>({ text: "text", json: "json" })
  } satisfies Setting<Format>
}

export const isFlag = (text: string): boolean => Object.values(settings).some(({ flag }) => text === `--${flag}`)

export const usage = "usage: partyline [options] <port>"

const COLUMNS = 80
const INDENT = 27

/** The words in lines of at most `COLUMNS`, all but the first indented. */
const wrap = (words: string): string => {
  const lines = [""]
  for (const word of words.split(" ")) {
    const last = lines[lines.length - 1] as string
    if (INDENT + last.length + 1 + word.length > COLUMNS) lines.push(word)
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`
  }
  return lines.join(`\n${" ".repeat(INDENT)}`)
}

const row = (term: string, words: string): string => `  ${term.padEnd(INDENT - 3)} ${wrap(words)}\n`

/** What `--help` prints: plain text, 80 columns. */
export const help = (version: string): string => {
  const options = Object.values(settings).map(({ flag, value, description, fallback }) =>
    row(`--${flag} ${value}`, fallback === undefined ? description : `${description} [${fallback}]`)
  )
  return [
    `partyline ${version}: a small chat relay for telnet and nc\n\n`,
    `${usage}\n\n`,
    row("<port>", "TCP port to listen on, 0 to 65535; 0 takes a free one. May be left out with --tls-port"),
    "\nOptions [and their defaults]\n",
    ...options,
    row("--check", "Say whether it would serve with these options, and end"),
    row("-h, --help", "Show this help"),
    row("--version", "Show the version"),
    row("--completions shell", "Print a completion script for bash, fish or zsh"),
    "\nDurations are written 500ms, 5s, 2m or 1h; a plain number is seconds, 0 is off;\nso is a 0 for the limits of connections, the rate and the burst.\n",
    `Each option has an environment variable: --max-users is ${variable("max-users")}.\n`,
    "\nTry it: partyline 8001, then in another terminal: telnet localhost 8001\n"
  ].join("")
}
