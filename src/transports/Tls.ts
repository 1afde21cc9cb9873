/** TLS on accepted sockets, with a certificate that can be replaced while the server runs. */
import { constants } from "node:crypto"
import type * as Net from "node:net"
import * as NodeTls from "node:tls"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { ConnectionFailed, closed } from "../connection/DisconnectReason.ts"
import { HANDSHAKE_PATIENCE } from "../Limits.ts"
import type { Sighup } from "../process/Sighup.ts"
import { Metrics } from "../status/Metrics.ts"
import { type Certificate, type CertificateError, type Files, load, reloaded, warn } from "./Certificate.ts"
import { descriptorOf } from "./NodeSocket.ts"

/** Does the handshake on a socket. Succeeds with a TLS socket, which has the plain text. */
export type Handshake = (socket: Net.Socket) => Effect.Effect<Net.Socket, ConnectionFailed>

/** TLS with the certificate in force. */
export interface Tls {
  readonly handshake: Handshake
  /** The names on the certificate. */
  readonly names: () => ReadonlyArray<string>
}

const { SSL_OP_NO_RENEGOTIATION, SSL_OP_NO_TICKET } = constants

/**
 * A resumed session is not asked for its certificate again, which may have expired, or be of an authority that is not
 * trusted any more: where clients need one, no session can be resumed.
 */
const secureOptions = ({ ca, cert, key }: Certificate): NodeTls.SecureContextOptions => ({
  cert,
  key,
  minVersion: "TLSv1.2",
  secureOptions: SSL_OP_NO_RENEGOTIATION | (ca === undefined ? 0 : SSL_OP_NO_TICKET),
  ...(ca === undefined ? {} : { ca })
})

const ignore = () => {}

/** Reads the certificate now, and again at each SIGHUP until the scope ends. */
export const make = (files: Files): Effect.Effect<Tls, CertificateError, Metrics | Scope.Scope | Sighup> =>
  Effect.gen(function* () {
    const metrics = yield* Metrics
    let certificate = yield* load(files)
    metrics.certificateExpiry = certificate.validTo / 1000
    yield* warn(files.cert, certificate)
    const isPrivate = files.clientCa !== undefined
    // This server does not listen. It gets accepted sockets (documented by Node), whose PROXY header has been read.
    const server = NodeTls.createServer({
      ...secureOptions(certificate),
      handshakeTimeout: Duration.toMillis(HANDSHAKE_PATIENCE),
      requestCert: isPrivate,
      // Rejection is left to Node, because `authorized` is also true for a session resumed without a certificate.
      rejectUnauthorized: isPrivate
    })
    /** Handshakes by descriptor, the only property that the TLS socket shares with the accepted one. */
    const pending = new Map<number, (result: Effect.Effect<Net.Socket, ConnectionFailed>) => void>()
    server.on("secureConnection", (socket) => {
      // An error before the connection attaches its own listener must not end the program.
      socket.on("error", ignore)
      socket.allowHalfOpen = true
      const settle = pending.get(descriptorOf(socket))
      // OpenSSL has not returned from the handshake yet: an end of output would be sent without close_notify now.
      if (settle !== undefined) setImmediate(() => settle(socket.destroyed ? closed : Effect.succeed(socket)))
      else socket.destroy()
    })
    server.on("tlsClientError", (error: NodeJS.ErrnoException, socket) => {
      socket.on("error", ignore)
      pending.get(descriptorOf(socket))?.(Effect.fail(new ConnectionFailed({ code: error.code ?? "UNKNOWN" })))
    })
    yield* reloaded(files, certificate, (changed) => {
      server.setSecureContext(secureOptions(changed))
      certificate = changed
      metrics.certificateExpiry = changed.validTo / 1000
    })

    const handshake: Handshake = (socket) =>
      Effect.async((resume) => {
        const fd = descriptorOf(socket)
        if (fd < 0) return resume(closed)
        const settle = (result: Effect.Effect<Net.Socket, ConnectionFailed>) => {
          forget()
          resume(result)
        }
        // The descriptor may belong to another socket by now.
        const forget = () => {
          if (pending.get(fd) === settle) pending.delete(fd)
        }
        pending.set(fd, settle)
        // A half-closed socket cannot finish a handshake. Without this, it would stay until the handshake timeout.
        socket.allowHalfOpen = false
        server.emit("connection", socket)
        return Effect.sync(forget)
      })
    return { handshake, names: () => certificate.names }
  })
