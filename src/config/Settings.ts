/** The options: names, descriptions, defaults and parsers. */
import type { BlockList } from "node:net"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as LogLevel from "effect/LogLevel"
import * as Record from "effect/Record"
import type * as Redacted from "effect/Redacted"
import type { Address } from "../cluster/Redis.ts"
import { Limits, SHORTEST_LEASE } from "../Limits.ts"
import * as Authority from "../net/Authority.ts"
import type { Format } from "../process/LogFormat.ts"
import { clusterAddress } from "./ClusterAddress.ts"
import { duration, motd, networks, port, token, written } from "./Parsers.ts"
import { bytes, file, list, number, numberOrOff, oneOf, type Setting, time, toggle } from "./Setting.ts"

const { defaults } = Limits

/** In the order of the help. */
export const settings = {
  port: {
    flag: "port",
    value: "port",
    description: "TCP port to listen on, 0 to 65535; 0 takes a free one. May be left out with --tls-port",
    fallback: undefined,
    isOperand: true,
    parse: port
  } satisfies Setting<number>,
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
    ...bytes("max-line", "Maximum bytes in a line; longer lines are discarded", defaults.maxLine, 64 * 1024 * 1024),
    reload: "newcomers"
  },
  outbox: {
    ...bytes("outbox", "Maximum bytes queued for one client", defaults.outbox, 256 * 1024 * 1024),
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
  noWeb: toggle("no-web", "Serve no chat page and no WebSocket on the ports for lines"),
  webHost: list(
    "web-host",
    "name,...",
    "Further names of this server that a browser may ask for; localhost, addresses and its own names are known",
    "names of hosts, separated by commas",
    (item) => /^(?=.*[a-z])[a-z0-9_]([\w.-]*[a-z0-9_.])?$/i.test(item)
  ),
  webOrigin: list(
    "web-origin",
    "origin,...",
    "Further origins whose pages may connect, like https://example.org; the server's own page may",
    "origins like https://example.org, separated by commas",
    (item) => Authority.origin(item) !== undefined
  ),
  trustProxy: {
    flag: "trust-proxy",
    value: "cidr,...",
    description: "Read the client's address from a PROXY header on connections from these addresses",
    fallback: undefined,
    isList: true,
    parse: networks
  } satisfies Setting<BlockList>,
  cluster: {
    flag: "cluster",
    value: "url",
    description:
      "Be one room with other nodes, by this Redis: redis://host:6379, rediss:// or redis-sentinel://; off by default",
    fallback: undefined,
    isSecret: true,
    parse: clusterAddress
  } satisfies Setting<Address>,
  room: {
    flag: "room",
    value: "name",
    description: "Name of the room for --cluster",
    fallback: "main",
    parse: (text: string) =>
      /^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(text)
        ? Either.right(text)
        : Either.left("a letter and at most 31 letters, digits and hyphens")
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
    description: "Accept only TLS on this port; <port> is then optional",
    fallback: undefined,
    parse: port
  } satisfies Setting<number>,
  tlsCert: file(
    "tls-cert",
    "Certificate for TLS (PEM), which is then spoken on --tls-port, and on <port> beside lines; SIGHUP reloads it"
  ),
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
  opsToken: {
    flag: "ops-token",
    value: "@file",
    description: "Let whoever has the token in this file speak to everybody and end connections over --ops-port",
    fallback: undefined,
    isSecret: true,
    parse: token,
    reload: "everybody"
  } satisfies Setting<Redacted.Redacted>,
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
