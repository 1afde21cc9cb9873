/** Options that depend on each other: ports, TLS files and sockets from systemd. */
import type * as Ops from "../ops/Ops.ts"
import type * as Tcp from "../transports/Tcp.ts"
import { type Configuration, OptionError } from "./Resolve.ts"

export interface ListenOptions extends Tcp.Options {
  readonly ops: Ops.Options | undefined
}

/** Two options for one port, of which neither is "any free port". */
const isSame = (one: number | undefined, other: number | undefined): boolean =>
  one !== undefined && one !== 0 && one === other

/** Every option that is missing, unused or in the way of another. */
const conflicts = (
  { opsPort, port, tlsCert, tlsClientCa, tlsKey, tlsPort }: Configuration,
  sockets: ReadonlyArray<number>
): ReadonlyArray<string> => {
  const hasTls = tlsPort.text !== undefined
  const isNowhere = port.text === undefined && !hasTls && sockets.length === 0
  const isUnused = !hasTls && (tlsCert.text ?? tlsKey.text ?? tlsClientCa.text) !== undefined
  const isKeyless = hasTls && (tlsCert.text === undefined || tlsKey.text === undefined)
  const isOpsTaken = isSame(opsPort.value, port.value) || isSame(opsPort.value, tlsPort.value)
  const found: ReadonlyArray<readonly [is: boolean, message: string]> = [
    [isNowhere, "<port> is missing, and so are PARTYLINE_PORT and --tls-port"],
    [isUnused, "--tls-cert, --tls-key and --tls-client-ca need --tls-port"],
    [isKeyless, "--tls-port needs --tls-cert and --tls-key"],
    [isSame(tlsPort.value, port.value), "<port> and --tls-port must be two ports"],
    [isOpsTaken, "--ops-port must be another port than <port> and --tls-port"]
  ]
  return found.filter(([is]) => is).map(([, message]) => message)
}

/** Combines the configuration and the descriptors of passed sockets, and tells what in them contradicts itself. */
export const of = (
  configuration: Configuration,
  sockets: ReadonlyArray<number>
): { readonly options: ListenOptions; readonly mistakes: ReadonlyArray<OptionError> } => {
  const { host, opsHost, opsPort, port, tlsCert, tlsClientCa, tlsKey, tlsPort, trustProxy } = configuration
  const [cert, key] = [tlsCert.value, tlsKey.value]
  const hasTls = tlsPort.value !== undefined && cert !== undefined && key !== undefined
  return {
    options: {
      port: port.value,
      host: host.value,
      trusted: trustProxy.value,
      sockets,
      tls: hasTls ? { port: tlsPort.value, cert, key, clientCa: tlsClientCa.value } : undefined,
      ops: opsPort.value === undefined ? undefined : { host: opsHost.value, port: opsPort.value }
    },
    mistakes: conflicts(configuration, sockets).map((message) => new OptionError({ message }))
  }
}
