/** Options that depend on each other: ports, TLS files and sockets from systemd. */
import { canonical, isLoopback } from "../net/IpAddress.ts"
import type * as Ops from "../ops/Ops.ts"
import { type PassedSocket, portOf as portOfSocket, type Sockets } from "../transports/PassedSockets.ts"
import type * as Tcp from "../transports/Tcp.ts"
import { type Configuration, OptionError } from "./Resolve.ts"

export interface ListenOptions extends Tcp.Options {
  readonly ops: Ops.Options | undefined
}

/** Two options for one port, of which neither is "any free port". */
const isSame = (one: number | undefined, other: number | undefined): boolean =>
  one !== undefined && one !== 0 && one === other

/** The passed sockets by role, and those that have none. */
interface Roles extends Sockets {
  readonly unknown: ReadonlyArray<number>
}

/** A socket without the name of a role has the role of the option that names its port. */
const rolesOf = (
  sockets: ReadonlyArray<PassedSocket>,
  { opsPort, tlsPort }: Configuration,
  portOf: (fd: number) => number | undefined
): Roles => {
  const isForChatOnly = tlsPort.value === undefined && opsPort.value === undefined
  const roleOf = ({ fd, role }: PassedSocket): keyof Roles => {
    if (role !== undefined || isForChatOnly) return role ?? "chat"
    const port = portOf(fd)
    if (port === undefined) return "unknown"
    return port === tlsPort.value ? "tls" : port === opsPort.value ? "ops" : "chat"
  }
  const byRole: { [Role in keyof Roles]: Array<number> } = { chat: [], tls: [], ops: [], unknown: [] }
  for (const socket of sockets) byRole[roleOf(socket)].push(socket.fd)
  return byRole
}

/** Every option that is missing, unused or in the way of another. */
const conflicts = (
  { opsPort, opsToken, port, tlsCert, tlsClientCa, tlsKey, tlsPort }: Configuration,
  sockets: Roles
): ReadonlyArray<string> => {
  const isTlsPassed = sockets.tls.length > 0
  const hasTlsPort = tlsPort.text !== undefined || isTlsPassed
  const hasTls = hasTlsPort || (tlsCert.text ?? tlsKey.text ?? tlsClientCa.text) !== undefined
  const isNowhere = port.text === undefined && !hasTlsPort && sockets.chat.length === 0
  const isKeyless = hasTls && (tlsCert.text === undefined || tlsKey.text === undefined)
  const keyed = isTlsPassed ? "the socket that was passed for TLS" : hasTlsPort ? "--tls-port" : "TLS"
  const isTokenUnused = opsToken.text !== undefined && opsPort.text === undefined && sockets.ops.length === 0
  const isOpsTaken = isSame(opsPort.value, port.value) || isSame(opsPort.value, tlsPort.value)
  const found: ReadonlyArray<readonly [is: boolean, message: string]> = [
    [isNowhere, "<port> is missing, and so are PARTYLINE_PORT and --tls-port"],
    [isKeyless, `${keyed} needs --tls-cert and --tls-key`],
    [isTokenUnused, "--ops-token needs --ops-port"],
    [isSame(tlsPort.value, port.value), "<port> and --tls-port must be two ports"],
    [isOpsTaken, "--ops-port must be another port than <port> and --tls-port"]
  ]
  const unknown = sockets.unknown.map(
    (fd) => `the port of the passed socket ${fd} is unknown: name it chat, tls or ops (FileDescriptorName=)`
  )
  return [...unknown, ...found.filter(([is]) => is).map(([, message]) => message)]
}

/**
 * Combines the configuration and the sockets that were passed, and tells what in them contradicts itself. A passed socket
 * takes the place of what would be bound for its role.
 */
export const of = (
  configuration: Configuration,
  passed: ReadonlyArray<PassedSocket>,
  portOf: (fd: number) => number | undefined = portOfSocket
): {
  readonly options: ListenOptions
  readonly mistakes: ReadonlyArray<OptionError>
  readonly warnings: ReadonlyArray<string>
} => {
  const { host, opsHost, opsPort, opsToken, port, tlsCert, tlsClientCa, tlsKey, tlsPort, trustProxy } = configuration
  const sockets = rolesOf(passed, configuration, portOf)
  const [cert, key, clientCa] = [tlsCert.value, tlsKey.value, tlsClientCa.value]
  const ownTlsPort = tlsPort.value ?? (sockets.tls.length > 0 ? 0 : undefined)
  const hasTls = cert !== undefined && key !== undefined
  const isWatched = opsPort.value !== undefined || sockets.ops.length > 0
  return {
    options: {
      port: port.value,
      host: host.value,
      trusted: trustProxy.value,
      sockets: sockets.chat,
      tls: hasTls ? { port: ownTlsPort, sockets: sockets.tls, cert, key, clientCa } : undefined,
      ops: isWatched ? { host: opsHost.value, port: opsPort.value ?? 0, sockets: sockets.ops } : undefined
    },
    mistakes: conflicts(configuration, sockets).map((message) => new OptionError({ message })),
    warnings:
      opsToken.value === undefined || isLoopback(canonical(opsHost.value))
        ? []
        : [`--ops-token is sent unencrypted, and other machines can reach --ops-host ${opsHost.value}`]
  }
}
