/** Options that depend on each other: ports, TLS files and sockets from systemd. */
import * as Either from "effect/Either"
import type * as Attachment from "../cluster/Attachment.ts"
import type * as Ops from "../ops/Ops.ts"
import { type PassedSocket, portOf as portOfSocket, type Sockets } from "../transports/PassedSockets.ts"
import type * as Tcp from "../transports/Tcp.ts"
import { type Configuration, OptionError } from "./Resolve.ts"

export interface ListenOptions extends Tcp.Options {
  readonly ops: Ops.Options | undefined
}

const conflict = (message: string) => Either.left(new OptionError({ message }))

const tlsOf = (
  configuration: Configuration,
  sockets: ReadonlyArray<number>
): Either.Either<Tcp.Options["tls"], OptionError> => {
  const { tlsCert, tlsClientCa, tlsKey, tlsPort } = configuration
  const [cert, key, clientCa] = [tlsCert.value, tlsKey.value, tlsClientCa.value]
  const isPassed = sockets.length > 0
  const port = tlsPort.value ?? (isPassed ? 0 : undefined)
  if (port === undefined) {
    const isUnused = (cert ?? key ?? clientCa) !== undefined
    return isUnused ? conflict("--tls-cert, --tls-key and --tls-client-ca need --tls-port") : Either.right(undefined)
  }
  if (cert === undefined || key === undefined) {
    return conflict(`${isPassed ? "the socket that was passed for TLS" : "--tls-port"} needs --tls-cert and --tls-key`)
  }
  return Either.right({ port, sockets, cert, key, clientCa })
}

/** Two options for one port, of which neither is "any free port". */
const isSame = (one: number | undefined, other: number | undefined): boolean =>
  one !== undefined && one !== 0 && one === other

/** The engine of a room over many machines; undefined for a room in this process. */
export const cluster = ({ cluster, lease, room }: Configuration): Attachment.Options | undefined =>
  cluster.value === undefined ? undefined : { address: cluster.value, room: room.value, lease: lease.value }

/** The passed sockets by role. One without the name of a role has the role of the option that names its port. */
const rolesOf = (
  sockets: ReadonlyArray<PassedSocket>,
  { opsPort, tlsPort }: Configuration,
  portOf: (fd: number) => number | undefined
): Either.Either<Sockets, OptionError> => {
  const byRole = { chat: [] as number[], tls: [] as number[], ops: [] as number[] }
  const isForChatOnly = tlsPort.value === undefined && opsPort.value === undefined
  for (const { fd, role } of sockets) {
    if (role !== undefined || isForChatOnly) {
      byRole[role ?? "chat"].push(fd)
      continue
    }
    const port = portOf(fd)
    if (port === undefined) {
      return conflict(`the port of the passed socket ${fd} is unknown: name it chat, tls or ops (FileDescriptorName=)`)
    }
    byRole[port === tlsPort.value ? "tls" : port === opsPort.value ? "ops" : "chat"].push(fd)
  }
  return Either.right(byRole)
}

/**
 * Combines <port>, the configuration and the sockets that were passed, or says which option is missing or unused. A passed
 * socket takes the place of what would be bound for its role.
 */
export const of = (
  port: number | undefined,
  configuration: Configuration,
  passed: ReadonlyArray<PassedSocket>,
  portOf: (fd: number) => number | undefined = portOfSocket
): Either.Either<ListenOptions, OptionError> =>
  Either.gen(function* () {
    const sockets = yield* rolesOf(passed, configuration, portOf)
    const tls = yield* tlsOf(configuration, sockets.tls)
    const { host, opsHost, opsPort, trustProxy } = configuration
    const isWatched = opsPort.value !== undefined || sockets.ops.length > 0
    const ops = isWatched ? { host: opsHost.value, port: opsPort.value ?? 0, sockets: sockets.ops } : undefined
    if (port === undefined && tls === undefined && sockets.chat.length === 0) {
      return yield* conflict("Missing argument <port>")
    }
    if (isSame(tls?.port, port)) return yield* conflict("<port> and --tls-port must be two ports")
    if (isSame(ops?.port, port) || isSame(ops?.port, tls?.port)) {
      return yield* conflict("--ops-port must be another port than <port> and --tls-port")
    }
    return { port, host: host.value, trusted: trustProxy.value, sockets: sockets.chat, tls, ops }
  })
