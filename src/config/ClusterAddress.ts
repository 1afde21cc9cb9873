/** Parser of the address of a room over many machines. */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import type { Address } from "../cluster/Redis.ts"

const PORT = 6379
const SENTINEL_PORT = 26379

const must =
  "redis://host:6379, rediss://host:6379 (TLS) or redis-sentinel://host1,host2,host3/name, with user:password@ before the host if needed"

/** `host`, `host:port`, `[::1]:port`. */
const hostOf = (text: string, fallback: number): Address["hosts"][number] | undefined => {
  const [, bracketed, plain, port = String(fallback)] =
    /^(?:\[([0-9a-fA-F:.]+)\]|([^:@/,[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  return host === undefined || Number(port) < 1 || Number(port) > 65535 ? undefined : { host, port: Number(port) }
}

/** A user or password; undefined if there is none. */
const decoded = (text = ""): Either.Either<string | undefined, string> =>
  text === ""
    ? Either.right(undefined)
    : Either.mapLeft(Encoding.decodeUriComponent(text), () => `${must}, and a % in them is written %25`)

export const clusterAddress = (text: string): Either.Either<Address, string> => {
  const [, scheme, username, password, where = "", path = ""] =
    /^(rediss?|redis-sentinel):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/]+)(?:\/([^/]*))?$/.exec(text) ?? []
  if (scheme === undefined) return Either.left(must)
  const isSentinel = scheme === "redis-sentinel"
  const names = isSentinel ? where.split(",") : [where]
  const hosts = names.flatMap((name) => hostOf(name, isSentinel ? SENTINEL_PORT : PORT) ?? [])
  const isPath = isSentinel ? /^[\w.-]+$/.test(path) : /^\d{0,5}$/.test(path)
  if (hosts.length < names.length || !isPath) return Either.left(must)
  return Either.map(Either.all([decoded(username), decoded(password)]), ([username, password]) => ({
    hosts,
    master: isSentinel ? path : undefined,
    secure: scheme === "rediss",
    username,
    password,
    database: isSentinel ? 0 : Number(path),
    shown: `${scheme}://${where}${path === "" ? "" : `/${path}`}`
  }))
}
