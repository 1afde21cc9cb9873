/** Connections over TCP. */
import * as Dns from "node:dns/promises"
import * as Net from "node:net"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ExecutionStrategy from "effect/ExecutionStrategy"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { Connection } from "../connection/Connection.ts"
import { resetEarly } from "../connection/DisconnectReason.ts"
import { FlushQueue } from "../connection/FlushQueue.ts"
import { type Address, BindError, Listener } from "../connection/Listener.ts"
import { codeOf } from "../ErrorText.ts"
import { BACKLOG, KEEP_ALIVE, Limits, PROXY_PATIENCE } from "../Limits.ts"
import * as Peer from "../net/Peer.ts"
import type { Sighup } from "../process/Sighup.ts"
import * as Deadlines from "../server/Deadlines.ts"
import type { Metrics } from "../status/Metrics.ts"
import type { CertificateError, Files } from "./Certificate.ts"
import { peerOf } from "./NodeSocket.ts"
import { type Preliminaries, SocketConnection } from "./SocketConnection.ts"
import * as TrustedProxy from "./TrustedProxy.ts"

export interface Options {
  /** A host name (all its addresses are used) or an address; undefined for every interface, IPv6 and IPv4. */
  readonly host: string | undefined
  /** The port for plain text: 0 for any free port; undefined for TLS only. */
  readonly port: number | undefined
  /**
   * Certificate files of TLS, which is spoken on the plain port too, and the port for nothing else, if there is one. Sockets
   * that were passed for it replace `host` and that port.
   */
  readonly tls?: (Files & { readonly port: number | undefined; readonly sockets?: ReadonlyArray<number> }) | undefined
  /** Descriptors of listening sockets that were passed to the process for plain text. They replace `host` and `port`. */
  readonly sockets?: ReadonlyArray<number>
  /** Proxies by address. Their connections start with a PROXY header, which has the client's address. */
  readonly trusted?: Net.BlockList | undefined
}

const everywhere = ["0.0.0.0", "::"]

/** How many further free ports are tried if the port chosen for the first address is in use on another address. */
const FREE_PORT_TRIES = 10

const resolve = (host: string | undefined, port: number): Effect.Effect<ReadonlyArray<string>, BindError> => {
  if (host === undefined) return Effect.succeed(everywhere)
  if (Net.isIP(host) !== 0) return Effect.succeed([host])
  return Effect.tryPromise({
    try: () => Dns.lookup(host, { all: true }).then((found) => [...new Set(found.map(({ address }) => address))]),
    catch: (cause) => new BindError({ host, port, code: codeOf(cause) })
  })
}

type Server = { readonly address: Address; readonly server: Net.Server }

/** An address to listen on, or the descriptor of a socket that has one. */
type Place = Address & { readonly fd?: number }

type Bind = (place: Place) => Effect.Effect<Server, BindError, Scope.Scope>

/** Listens on a place. The callbacks are attached before the first connection can arrive. */
const bindWith =
  (onConnection: (socket: Net.Socket) => void, onError: (error: Error) => void): Bind =>
  (place) =>
    Effect.acquireRelease(
      Effect.async<Server, BindError>((resume) => {
        const server = Net.createServer(
          {
            allowHalfOpen: true,
            noDelay: true,
            keepAlive: true,
            keepAliveInitialDelay: Duration.toMillis(KEEP_ALIVE)
          },
          onConnection
        )
        const refused = (error: unknown) => resume(new BindError({ ...place, code: codeOf(error) }))
        const listening = () => {
          server.off("error", refused).on("error", onError)
          const bound = server.address()
          if (typeof bound !== "object" || bound === null) return refused(notTcp)
          const host = place.fd === undefined ? place.host : bound.address
          const secure = place.secure === undefined ? {} : { secure: place.secure }
          resume(Effect.succeed({ server, address: { ...secure, host, port: bound.port } }))
        }
        server.once("error", refused)
        try {
          server.listen({ ...place, backlog: BACKLOG, ipv6Only: true }, listening)
        } catch (error) {
          refused(error)
        }
      }),
      // Listening ends at once. The callback of `close` would wait until the last connection has closed.
      ({ server }) => Effect.sync(() => server.close())
    )

/** The error for a socket that is not a TCP socket. */
const notTcp = Object.assign(new Error(), { code: "ENOTSUP" })

/** Whether the machine does not have the address, or its family (a machine without IPv6). */
const isAbsent = ({ code }: BindError): boolean => code === "EAFNOSUPPORT" || code === "EADDRNOTAVAIL"

/** Listens on one port of every host. Hosts that the machine does not have are skipped, unless all are. */
const bindAll = (hosts: ReadonlyArray<string>, wanted: Omit<Address, "host">, bind: Bind) =>
  Effect.gen(function* () {
    const servers: Array<Server> = []
    let absent: BindError | undefined
    for (const host of hosts) {
      const bound = yield* Effect.either(bind({ ...wanted, host, port: servers[0]?.address.port ?? wanted.port }))
      if (Either.isRight(bound)) servers.push(bound.right)
      else if (isAbsent(bound.left)) absent = bound.left
      else return yield* bound.left
    }
    return servers.length === 0 && absent !== undefined ? yield* absent : servers
  }).pipe(
    transactional,
    Effect.retry({ times: FREE_PORT_TRIES, while: ({ code }) => wanted.port === 0 && code === "EADDRINUSE" })
  )

/** Releases the effect's resources at once if it fails, otherwise with the scope. */
const transactional = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | Scope.Scope> =>
  Effect.flatMap(Effect.scope, (scope) =>
    Effect.flatMap(Scope.fork(scope, ExecutionStrategy.sequential), (child) =>
      effect.pipe(
        Scope.extend(child),
        Effect.onError((cause) => Scope.close(child, Exit.failCause(cause)))
      )
    )
  )

/** Ends a connection without a peer address unread: a trusted proxy's header could have to come first. */
const withoutPeer: Preliminaries = { proxyHeader: resetEarly, handshake: undefined }

/** The TLS handshake, and the function that gives the preliminaries (PROXY header, handshake) of a connection, if it has any. */
const preparing = ({ tls, trusted }: Options) =>
  Effect.gen(function* () {
    const headers: TrustedProxy.HeaderDeadlines = yield* Deadlines.make<() => void>(PROXY_PATIENCE, (fail) => fail())
    const { handshake, names } = tls === undefined ? noTls : yield* Effect.flatMap(loadTls, ({ make }) => make(tls))
    const prepare = (socket: Net.Socket, peer: Peer.Peer | undefined, secure: boolean): Preliminaries | undefined => {
      if (peer === undefined) return withoutPeer
      const isProxy = trusted !== undefined && TrustedProxy.isTrusted(trusted, peer)
      const proxyHeader = isProxy ? TrustedProxy.read(socket, peer, headers) : undefined
      return isProxy || secure ? { proxyHeader, handshake: secure ? handshake : undefined } : undefined
    }
    return { prepare, handshake, names }
  })

/** Attached to a socket until it has a connection: an error that nobody hears would end the process. */
const ignored = () => {}

const noTls = { handshake: undefined, names: undefined }

/** Imported on demand, which keeps the start of the program fast. */
const loadTls = Effect.promise(() => import("./Tls.ts"))

/** Options for plain text only. */
export type PlainOptions = Omit<Options, "tls"> & { readonly tls?: undefined }

/** A listener for TCP, and for TLS if `tls` is set. TLS reloads its certificate at SIGHUP. */
export function layer(options: PlainOptions): Layer.Layer<Listener, BindError, Limits>
export function layer(options: Options): Layer.Layer<Listener, BindError | CertificateError, Limits | Metrics | Sighup>
export function layer(
  options: Options
): Layer.Layer<Listener, BindError | CertificateError, Limits | Metrics | Sighup> {
  return Layer.scoped(
    Listener,
    Effect.gen(function* () {
      const limits = yield* Limits
      const log = yield* FiberSet.makeRuntime<never>()
      const { handshake, names, prepare } = yield* preparing(options)
      const shared = { limits, flushQueue: new FlushQueue(), handshake }
      const early: Array<readonly [Net.Socket, boolean]> = []
      let handler: ((connection: Connection) => void) | undefined
      const accept = (socket: Net.Socket, secure: boolean) => {
        if (handler === undefined) {
          socket.on("error", ignored)
          early.push([socket, secure])
          return
        }
        const peer = peerOf(socket)
        const preliminaries = prepare(socket, peer, secure)
        handler(new SocketConnection(socket, peer ?? Peer.unknown, shared, preliminaries))
      }
      const bind = (secure: boolean) =>
        bindWith(
          (socket) => accept(socket, secure),
          (error) => log(Effect.logWarning(`Accepting Failed (${codeOf(error)})`))
        )
      const listen = (port: number | undefined, sockets: ReadonlyArray<number>, secure: boolean) => {
        const kind = secure ? { secure } : {}
        if (sockets.length > 0) return Effect.forEach(sockets, (fd) => bind(secure)({ ...kind, host: "", port: 0, fd }))
        if (port === undefined) return Effect.succeed([])
        return Effect.flatMap(resolve(options.host, port), (hosts) => bindAll(hosts, { ...kind, port }, bind(secure)))
      }
      const { port, sockets = [], tls } = options
      const plain = yield* listen(port, sockets, false)
      const secure = yield* listen(tls?.port, tls?.sockets ?? [], true)
      if (sockets.length > 0 || (tls?.sockets ?? []).length > 0) {
        yield* Effect.logInfo("Serving on Sockets that were Passed; Port and Host are Theirs")
      }
      const servers = [...plain, ...secure]
      const start = (f: (connection: Connection) => void) => {
        handler = f
        for (const [socket, secure] of early.splice(0)) accept(socket, secure)
      }
      yield* Effect.addFinalizer(() =>
        Effect.sync(() => {
          for (const [socket] of early) socket.destroy()
        })
      )
      const stop = () => {
        for (const { server } of servers) server.close()
      }
      return Listener.of({
        addresses: servers.map(({ address }) => address),
        certificateNames: names,
        accept: (handler) =>
          Effect.acquireRelease(
            Effect.sync(() => start(handler)),
            () => Effect.sync(stop)
          )
      })
    })
  )
}
