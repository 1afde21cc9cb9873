/** Options that depend on each other: ports, TLS files and sockets from systemd. */
import * as Either from "effect/Either"
import type * as Attachment from "../cluster/Attachment.ts"
import type * as Ops from "../ops/Ops.ts"
import type * as Tcp from "../transports/Tcp.ts"
import { type Configuration, OptionError } from "./Resolve.ts"

export interface ListenOptions extends Tcp.Options {
  readonly ops: Ops.Options | undefined
}

const conflict = (message: string) => Either.left(new OptionError({ message }))

const tlsOf = (configuration: Configuration): Either.Either<Tcp.Options["tls"], OptionError> => {
  const { tlsCert, tlsClientCa, tlsKey, tlsPort } = configuration
  const [port, cert, key, clientCa] = [tlsPort.value, tlsCert.value, tlsKey.value, tlsClientCa.value]
  if (port === undefined) {
    const isUnused = (cert ?? key ?? clientCa) !== undefined
    return isUnused ? conflict("--tls-cert, --tls-key and --tls-client-ca need --tls-port") : Either.right(undefined)
  }
  if (cert === undefined || key === undefined) return conflict("--tls-port needs --tls-cert and --tls-key")
  return Either.right({ port, cert, key, clientCa })
}

/** Two options for one port, of which neither is "any free port". */
const isSame = (one: number | undefined, other: number | undefined): boolean =>
  one !== undefined && one !== 0 && one === other

/** The engine of a room over many machines; undefined for a room in this process. */
export const cluster = ({ cluster, lease, room }: Configuration): Attachment.Options | undefined =>
  cluster.value === undefined ? undefined : { address: cluster.value, room: room.value, lease: lease.value }

/** Combines <port>, the configuration and the descriptors of passed sockets, or says which option is missing or unused. */
export const of = (
  port: number | undefined,
  configuration: Configuration,
  sockets: ReadonlyArray<number>
): Either.Either<ListenOptions, OptionError> =>
  Either.flatMap(tlsOf(configuration), (tls) => {
    const { host, opsHost, opsPort, trustProxy } = configuration
    const ops = opsPort.value === undefined ? undefined : { host: opsHost.value, port: opsPort.value }
    if (port === undefined && tls === undefined && sockets.length === 0) return conflict("Missing argument <port>")
    if (isSame(tls?.port, port)) return conflict("<port> and --tls-port must be two ports")
    if (isSame(ops?.port, port) || isSame(ops?.port, tls?.port)) {
      return conflict("--ops-port must be another port than <port> and --tls-port")
    }
    return Either.right({ port, host: host.value, trusted: trustProxy.value, sockets, tls, ops })
  })
