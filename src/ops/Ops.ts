/** The operations port over HTTP: metrics, health checks, the status page, and what the operator does to the room. */
import * as Http from "node:http"
import * as Net from "node:net"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import { BindError } from "../connection/Listener.ts"
import { codeOf } from "../ErrorText.ts"
import { Limits, OPS_CONNECTIONS } from "../Limits.ts"
import { canonical } from "../net/IpAddress.ts"
import { Room } from "../room/Room.ts"
import { OpenConnections } from "../server/OpenConnections.ts"
import { Metrics } from "../status/Metrics.ts"
import { limitConnections } from "./ConnectionLimit.ts"
import * as EventLoop from "./EventLoop.ts"
import * as History from "./History.ts"
import * as Measurements from "./Measurements.ts"
import * as Operations from "./Operations.ts"
import { OperatorToken } from "./OperatorToken.ts"
import * as ProcessUsage from "./ProcessUsage.ts"
import * as Prometheus from "./Prometheus.ts"
import { guard, headers, text } from "./RequestGuard.ts"
import * as StatusJson from "./StatusJson.ts"
import * as StatusPage from "./StatusPage.ts"

export interface Options {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
  /** Descriptors of listening sockets that were passed to the process. They replace `host` and `port`. */
  readonly sockets?: ReadonlyArray<number>
}

/** An address to listen on, or the descriptor of a socket that has one. */
interface Place extends Omit<Options, "sockets"> {
  readonly fd?: number
}

const readable = (services: Measurements.Sources, history: ReadonlyArray<History.Point>, page: StatusPage.Page) => {
  const metrics = Effect.map(ProcessUsage.families, (usage) =>
    HttpServerResponse.text(Prometheus.render([...Measurements.families(services), ...usage]), {
      contentType: "text/plain; version=0.0.4; charset=utf-8",
      headers
    })
  )
  const status = Effect.gen(function* () {
    const isOperable = (yield* Effect.flatMap(OperatorToken, Ref.get)) !== undefined
    const snapshot = StatusJson.snapshot(services, history, yield* Clock.currentTimeMillis, isOperable)
    return HttpServerResponse.unsafeJson(snapshot, { headers })
  })
  const html = HttpServerResponse.text(page.html, {
    contentType: "text/html; charset=utf-8",
    headers: { ...headers, "content-security-policy": page.contentSecurityPolicy }
  })
  return HttpRouter.empty.pipe(
    HttpRouter.get("/metrics", metrics),
    HttpRouter.get("/healthz", Effect.succeed(text("ok"))),
    HttpRouter.get(
      "/readyz",
      Effect.sync(() => {
        if (!services.connections.isAccepting) return text("not accepting connections", 503)
        return services.metrics.engine?.isUp === false ? text("the room is unavailable", 503) : text("ready")
      })
    ),
    HttpRouter.get("/status.json", status),
    HttpRouter.get("/", Effect.succeed(html))
  )
}

/** The error for a socket that is not a TCP socket. */
const notTcp = "ENOTSUP"

/** Listens on the place. Closing the scope closes all connections at once, so that an open page cannot delay shutdown. */
const listenOn = (place: Place) =>
  Effect.gen(function* () {
    const node = Http.createServer({ headersTimeout: 5000, requestTimeout: 5000, connectionsCheckingInterval: 1000 })
    limitConnections(node, OPS_CONNECTIONS)
    // An error of accept (no descriptor left, say) fails one HTTP client; without a listener it would end the relay.
    node.on("error", () => {})
    const server = yield* NodeHttpServer.make(() => node, place).pipe(
      // Node throws at a descriptor that is no socket.
      Effect.catchAllDefect((cause) => Effect.fail({ cause })),
      Effect.mapError(({ cause }) => new BindError({ ...place, code: codeOf(cause) }))
    )
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        node.close()
        node.closeAllConnections()
      })
    )
    const { address } = server
    if (address._tag !== "TcpAddress") return yield* new BindError({ ...place, code: notTcp })
    const bound = canonical(address.hostname)
    return { node, server, bound, host: place.fd === undefined ? place.host : bound, port: address.port }
  })

/** Listens on the sockets that were passed, or else on the address, until the scope closes. */
export const listen = ({ host, port, sockets = [] }: Options) =>
  Effect.forEach(sockets.length > 0 ? sockets.map((fd) => ({ host, port, fd })) : [{ host, port }], listenOn)

const serve = (options: Options) =>
  Effect.gen(function* () {
    const page = yield* StatusPage.load
    const servers = yield* listen(options)
    const services = {
      room: yield* Room,
      limits: yield* Limits,
      metrics: yield* Metrics,
      connections: yield* OpenConnections,
      eventLoop: yield* EventLoop.watch
    }
    const history = yield* History.record(services, services.eventLoop)
    const app = HttpRouter.concat(readable(services, history, page), yield* Operations.routes(services)).pipe(
      Effect.catchTag("RouteNotFound", () => Effect.succeed(text("There is nothing here.", 404)))
    )
    for (const { bound, host, node, port, server } of servers) {
      const guarded = guard({ host: bound, operations: Operations.paths })
      yield* Effect.provideService(HttpServer.serveEffect(app, guarded), HttpServer.HttpServer, server)
      // A listener for upgrades gets the socket of such a request without a deadline, and nobody hears its errors: a reset would
      // end the relay. Without a listener, Node answers the request like any other.
      node.removeAllListeners("upgrade")
      yield* Effect.logInfo(`Metrics and Status Page on http://${Net.isIPv6(host) ? `[${host}]` : host}:${port}`)
    }
  })

/** Serves until the layer is released. Fails with BindError if the address cannot be bound. */
export const layer = (
  options: Options
): Layer.Layer<never, BindError, Limits | Metrics | OpenConnections | OperatorToken | Room> =>
  Layer.scopedDiscard(serve(options))
