/** TLS on sockets that were accepted, with a certificate that can be replaced while it is in use. */
import type * as Net from "node:net"
import * as NodeTls from "node:tls"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { ConnectionFailed, closed } from "../connection/DisconnectReason.ts"
import { HANDSHAKE_PATIENCE } from "../Limits.ts"
import type { Sighup } from "../process/Sighup.ts"
import { type Certificate, type CertificateError, type Files, load, reloaded } from "./Certificate.ts"
import { descriptorOf } from "./NodeSocket.ts"

/** Speaks TLS on a socket: succeeds with another that has the plain text, when the handshake is done. */
export type Handshake = (socket: Net.Socket) => Effect.Effect<Net.Socket, ConnectionFailed>

const secureOptions = ({ ca, cert, key }: Certificate): NodeTls.SecureContextOptions => ({
  cert,
  key,
  minVersion: "TLSv1.2",
  ...(ca === undefined ? {} : { ca })
})

const ignore = () => {}

/** Reads the certificate now, and again at each SIGHUP until the scope ends. */
export const make = (files: Files): Effect.Effect<Handshake, CertificateError, Scope.Scope | Sighup> =>
  Effect.gen(function* () {
    const certificate = yield* load(files)
    const isPrivate = files.clientCa !== undefined
    // It never listens: sockets are handed to it, as its documentation allows, so that a PROXY header can come first.
    const server = NodeTls.createServer({
      ...secureOptions(certificate),
      handshakeTimeout: Duration.toMillis(HANDSHAKE_PATIENCE),
      requestCert: isPrivate,
      // Not left to us: Node takes a session that is resumed without a certificate for authorized.
      rejectUnauthorized: isPrivate
    })
    /** Handshakes by descriptor, which is all that the socket it makes has in common with the one it was given. */
    const pending = new Map<number, (result: Effect.Effect<Net.Socket, ConnectionFailed>) => void>()
    server.on("secureConnection", (socket) => {
      // Until its connection listens to it, it must not bring down the program.
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
    yield* reloaded(files, (certificate) => server.setSecureContext(secureOptions(certificate)))

    return (socket) =>
      Effect.async((resume) => {
        const fd = descriptorOf(socket)
        if (fd < 0) return resume(closed)
        const settle = (result: Effect.Effect<Net.Socket, ConnectionFailed>) => {
          forget()
          resume(result)
        }
        // By then the descriptor may be another's.
        const forget = () => {
          if (pending.get(fd) === settle) pending.delete(fd)
        }
        pending.set(fd, settle)
        // Nobody can end a handshake by half: who hangs up during it is gone at once, not when it is too late.
        socket.allowHalfOpen = false
        server.emit("connection", socket)
        return Effect.sync(forget)
      })
  })
