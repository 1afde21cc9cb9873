/** Metrics, health and the status page over HTTP, on a port of their own. */
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
import { Presence } from "../server/Connections.ts"
import { Metrics } from "../server/Metrics.ts"
import * as EventLoop from "./EventLoop.ts"
import * as History from "./History.ts"
import * as Measurements from "./Measurements.ts"
import * as ProcessUsage from "./ProcessUsage.ts"
import * as Exposition from "./Prometheus.ts"
import * as Status from "./StatusJson.ts"
import * as Page from "./StatusPage.ts"
import type { Watched } from "./Watched.ts"

export interface Options {
  readonly host: string
  /** 0 for any free port. */
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
 * Whether a browser may have been led here: a page from elsewhere can have its own name point at this machine, and would
 * then read as its own what was meant for those on this machine. Such a name is none of a machine's own.
 */
const isForeign = (host: string): boolean => {
  const name = host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "")
  return name !== "" && name !== "localhost" && Net.isIP(name) === 0
}

/** Answers what is read, and nothing else. */
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

const routes = (watched: Watched, history: ReadonlyArray<History.Moment>, page: Page.Page) => {
  const metrics = Effect.map(ProcessUsage.families, (usage) =>
    HttpServerResponse.text(Exposition.render([...Measurements.take(watched), ...usage]), {
      contentType: "text/plain; version=0.0.4; charset=utf-8",
      headers
    })
  )
  const status = Effect.map(Effect.clock, (clock) =>
    HttpServerResponse.unsafeJson(Status.take(watched, history, clock.unsafeCurrentTimeMillis()), { headers })
  )
  const html = HttpServerResponse.text(page.html, {
    contentType: "text/html; charset=utf-8",
    headers: { ...headers, "content-security-policy": page.policy }
  })
  return HttpRouter.empty.pipe(
    HttpRouter.get("/metrics", metrics),
    HttpRouter.get("/healthz", Effect.succeed(text("ok\n"))),
    HttpRouter.get(
      "/readyz",
      Effect.sync(() => (watched.presence.isOpen ? text("ready\n") : text("not accepting connections\n", 503)))
    ),
    HttpRouter.get("/status.json", status),
    HttpRouter.get("/", Effect.succeed(html)),
    Effect.catchTag("RouteNotFound", () => Effect.succeed(text("There is nothing here.\n", 404)))
  )
}

/** Listens on the address. When the scope ends, all connections are closed at once: nobody's page holds up the end. */
const listen = ({ host, port }: Options) =>
  Effect.gen(function* () {
    const node = Http.createServer({ headersTimeout: 5000, requestTimeout: 5000, connectionsCheckingInterval: 1000 })
    node.maxConnections = OPS_CONNECTIONS
    // When a connection cannot be accepted (no descriptor is left, say), its client notices. It is not worth the relay.
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
    const page = yield* Page.load
    const server = yield* listen(options)
    const watched: Watched = {
      limits: yield* Limits,
      metrics: yield* Metrics,
      presence: yield* Presence,
      eventLoop: yield* EventLoop.watch
    }
    const app = routes(watched, yield* History.keep(watched), page)
    yield* Effect.provideService(HttpServer.serveEffect(app, guard(options)), HttpServer.HttpServer, server)
    const host = Net.isIPv6(options.host) ? `[${options.host}]` : options.host
    const port = server.address._tag === "TcpAddress" ? server.address.port : options.port
    yield* Effect.logInfo(`Metrics and Status Page on http://${host}:${port}`)
  })

export const layer = (options: Options): Layer.Layer<never, BindError, Limits | Metrics | Presence> =>
  Layer.scopedDiscard(serve(options))
