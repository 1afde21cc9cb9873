/** The operations port: metrics, health checks and the status page over HTTP. */
import * as Http from "node:http"
import * as Net from "node:net"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServer from "@effect/platform/HttpServer"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { BindError } from "../connection/Listener.ts"
import { codeOf } from "../ErrorText.ts"
import { Limits, OPS_CONNECTIONS } from "../Limits.ts"
import { isLoopback } from "../net/IpAddress.ts"
import { OpenConnections } from "../server/OpenConnections.ts"
import { Metrics } from "../status/Metrics.ts"
import * as EventLoop from "./EventLoop.ts"
import * as History from "./History.ts"
import * as Measurements from "./Measurements.ts"
import * as ProcessUsage from "./ProcessUsage.ts"
import * as Prometheus from "./Prometheus.ts"
import * as StatusJson from "./StatusJson.ts"
import * as StatusPage from "./StatusPage.ts"

export interface Options {
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
}

const headers = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin"
}

const text = (body: string, status = 200) => HttpServerResponse.text(body, { status, headers })

const notAllowed = HttpServerResponse.text("Only GET and HEAD.\n", {
  status: 405,
  headers: { ...headers, allow: "GET, HEAD" }
})

/**
 * Whether a Host header names another machine. This stops DNS rebinding: a web page can point its own domain at a loopback
 * address, and a browser on this machine would then let the page read the status.
 */
const isForeign = (host: string): boolean => {
  const name = host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "")
  return name !== "" && name !== "localhost" && Net.isIP(name) === 0
}

/** Allows only GET and HEAD, and on a loopback address only requests for this machine. */
const guard =
  (options: Options) =>
  <E, R>(app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ headers, method }) => {
      if (method !== "GET" && method !== "HEAD") return Effect.succeed(notAllowed)
      if (isLoopback(options.host) && isForeign(headers["host"] ?? "")) {
        return Effect.succeed(text("This is not the host that you asked for.\n", 421))
      }
      return app
    })

const routes = (sources: Measurements.Sources, history: ReadonlyArray<History.Point>, page: StatusPage.Page) => {
  const metrics = Effect.map(ProcessUsage.families, (usage) =>
    HttpServerResponse.text(Prometheus.render([...Measurements.families(sources), ...usage]), {
      contentType: "text/plain; version=0.0.4; charset=utf-8",
      headers
    })
  )
  const status = Effect.map(Effect.clock, (clock) =>
    HttpServerResponse.unsafeJson(StatusJson.snapshot(sources, history, clock.unsafeCurrentTimeMillis()), { headers })
  )
  const html = HttpServerResponse.text(page.html, {
    contentType: "text/html; charset=utf-8",
    headers: { ...headers, "content-security-policy": page.contentSecurityPolicy }
  })
  return HttpRouter.empty.pipe(
    HttpRouter.get("/metrics", metrics),
    HttpRouter.get("/healthz", Effect.succeed(text("ok\n"))),
    HttpRouter.get(
      "/readyz",
      Effect.sync(() => {
        if (!sources.connections.isAccepting) return text("not accepting connections\n", 503)
        return sources.metrics.engine?.isUp === false ? text("the room is unavailable\n", 503) : text("ready\n")
      })
    ),
    HttpRouter.get("/status.json", status),
    HttpRouter.get("/", Effect.succeed(html)),
    Effect.catchTag("RouteNotFound", () => Effect.succeed(text("There is nothing here.\n", 404)))
  )
}

/** Listens on the address. Closing the scope closes all connections at once, so that an open page cannot delay shutdown. */
const listen = ({ host, port }: Options) =>
  Effect.gen(function* () {
    const node = Http.createServer({ headersTimeout: 5000, requestTimeout: 5000, connectionsCheckingInterval: 1000 })
    node.maxConnections = OPS_CONNECTIONS
    // An error of accept (no descriptor left, say) fails one HTTP client; without a listener it would end the relay.
    node.on("error", () => {})
    const server = yield* Effect.mapError(
      NodeHttpServer.make(() => node, { host, port }),
      ({ cause }) => new BindError({ host, port, code: codeOf(cause) })
    )
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        node.close()
        node.closeAllConnections()
      })
    )
    return server
  })

const serve = (options: Options) =>
  Effect.gen(function* () {
    const page = yield* StatusPage.load
    const server = yield* listen(options)
    const sources: Measurements.Sources = {
      limits: yield* Limits,
      metrics: yield* Metrics,
      connections: yield* OpenConnections,
      eventLoop: yield* EventLoop.watch
    }
    const app = routes(sources, yield* History.record(sources, sources.eventLoop), page)
    yield* Effect.provideService(HttpServer.serveEffect(app, guard(options)), HttpServer.HttpServer, server)
    const host = Net.isIPv6(options.host) ? `[${options.host}]` : options.host
    const port = server.address._tag === "TcpAddress" ? server.address.port : options.port
    yield* Effect.logInfo(`Metrics and Status Page on http://${host}:${port}`)
  })

/** Serves until the layer is released. Fails with BindError if the address cannot be bound. */
export const layer = (options: Options): Layer.Layer<never, BindError, Limits | Metrics | OpenConnections> =>
  Layer.scopedDiscard(serve(options))
