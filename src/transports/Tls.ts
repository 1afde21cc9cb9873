/** TLS on sockets that were accepted, with a certificate that can be replaced while it is in use. */
import type * as Net from "node:net"
import * as NodeTls from "node:tls"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import type * as Scope from "effect/Scope"
import { ConnectionFailed, closed } from "../connection/DisconnectReason.ts"
import { HANDSHAKE_PATIENCE } from "../Limits.ts"
import { type Certificate, CertificateError, type Files, load } from "./Certificate.ts"
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

/** Reads the certificate again at every SIGHUP. One that cannot be used changes nothing. */
const reloading = (server: NodeTls.Server, files: Files): Effect.Effect<void, never, Scope.Scope> =>
  Effect.gen(function* () {
    const run = yield* FiberSet.makeRuntime<never>()
    const lock = yield* Effect.makeSemaphore(1)
    const reload = Effect.gen(function* () {
      const certificate = yield* load(files)
      if (certificate.validTo <= (yield* Clock.currentTimeMillis)) {
        return yield* new CertificateError({ file: files.cert, reason: "it has expired" })
      }
      server.setSecureContext(secureOptions(certificate))
      yield* Effect.logInfo("TLS Certificate Reloaded.")
    }).pipe(
      Effect.catchAll(({ file, reason }) =>
        Effect.logWarning(`TLS Certificate Not Reloaded, Keeping the Old One (${file}: ${reason}).`)
      ),
      lock.withPermits(1)
    )
    const onHangup = () => {
      run(reload)
    }
    yield* Effect.acquireRelease(
      Effect.sync(() => process.on("SIGHUP", onHangup)),
      () => Effect.sync(() => process.off("SIGHUP", onHangup))
    )
  })

/** Reads the certificate, and again at every SIGHUP until the scope ends. */
export const make = (files: Files): Effect.Effect<Handshake, CertificateError, Scope.Scope> =>
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
      if (settle === undefined) socket.destroy()
      else settle(Effect.succeed(socket))
    })
    server.on("tlsClientError", (error: NodeJS.ErrnoException, socket) => {
      socket.on("error", ignore)
      pending.get(descriptorOf(socket))?.(Effect.fail(new ConnectionFailed({ code: error.code ?? "UNKNOWN" })))
    })
    yield* reloading(server, files)

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
