/** Where the program is to listen, and for whom: what several options say together. */
import type { BlockList } from "node:net"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type * as Tcp from "../transports/Tcp.ts"

/** The options that say where to listen. */
interface Given {
  readonly port: Option.Option<number>
  readonly host: Option.Option<string>
  readonly trusted: Option.Option<BlockList>
  readonly tlsPort: Option.Option<number>
  readonly cert: Option.Option<string>
  readonly key: Option.Option<string>
  readonly clientCa: Option.Option<string>
}

/** Where it is to listen, the sockets that were passed among it, or what is missing or has no use. */
export const of = (given: Given, sockets: ReadonlyArray<number>): Either.Either<Tcp.Options, string> => {
  const port = Option.getOrUndefined(given.port)
  const tlsPort = Option.getOrUndefined(given.tlsPort)
  const cert = Option.getOrUndefined(given.cert)
  const key = Option.getOrUndefined(given.key)
  const clientCa = Option.getOrUndefined(given.clientCa)
  const plain = {
    port,
    host: Option.getOrUndefined(given.host),
    trusted: Option.getOrUndefined(given.trusted),
    sockets
  }
  if (tlsPort === undefined) {
    if ((cert ?? key ?? clientCa) !== undefined)
      return Either.left("--tls-cert, --tls-key and --tls-client-ca need --tls-port")
    return port === undefined && sockets.length === 0 ? Either.left("Missing argument <port>") : Either.right(plain)
  }
  if (cert === undefined || key === undefined) return Either.left("--tls-port needs --tls-cert and --tls-key")
  if (port === tlsPort && port !== 0) return Either.left("<port> and --tls-port must be two ports")
  return Either.right({ ...plain, tls: { port: tlsPort, cert, key, clientCa } })
}
