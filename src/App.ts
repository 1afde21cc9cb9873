/** The composition root: the only file that knows every live layer. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import manifest from "../package.json" with { type: "json" }
import type * as Attachment from "./cluster/Attachment.ts"
import type { EngineError } from "./cluster/Script.ts"
import type * as Resolve from "./config/Resolve.ts"
import type { BindError } from "./connection/Listener.ts"
import { Limits } from "./Limits.ts"
import type { LimitValues } from "./LimitValues.ts"
import { OperatorToken } from "./ops/OperatorToken.ts"
import type * as Ops from "./ops/Ops.ts"
import type { Format } from "./process/LogFormat.ts"
import * as Logging from "./process/Logging.ts"
import * as Retransmissions from "./process/Retransmissions.ts"
import { Sighup } from "./process/Sighup.ts"
import * as Reload from "./Reload.ts"
import { Registry } from "./room/Registry.ts"
import { Room } from "./room/Room.ts"
import * as LostPeers from "./server/LostPeers.ts"
import { Motd } from "./server/Motd.ts"
import { OpenConnections } from "./server/OpenConnections.ts"
import * as Server from "./server/Server.ts"
import { Tracing } from "./server/Tracing.ts"
import { Web } from "./server/Web.ts"
import { Metrics } from "./status/Metrics.ts"
import { report, StatusLog } from "./status/StatusLog.ts"
import type * as Otlp from "./tracing/Otlp.ts"
import type { CertificateError } from "./transports/Certificate.ts"
import * as Tcp from "./transports/Tcp.ts"
import type { Policy } from "./web/Answer.ts"

export interface Options extends Tcp.Options {
  readonly limits: LimitValues
  /** Warnings for the operator about options that can be used. */
  readonly warnings: ReadonlyArray<string>
  /** The message of the day, whole lines; empty for none. */
  readonly motd: string
  /** Whose browsers are served the chat page and WebSocket; undefined for nobody's. */
  readonly web: Policy | undefined
  readonly logFormat: Format
  /** The configuration to read again on SIGHUP; undefined without a file. */
  readonly reload: Resolve.Source | undefined
  /** The address of metrics and status page; undefined for none. */
  readonly ops: Ops.Options | undefined
  /** Lets the operator act on the room over HTTP; undefined for nobody. */
  readonly opsToken: Redacted.Redacted | undefined
  /** The engine of a room over many machines; undefined for a room in this process. */
  readonly cluster: Attachment.Options | undefined
  /** The collector of traces; undefined for none. */
  readonly tracing: Otlp.Options | undefined
}

/** The layer of a file that is imported on use: when it is off, it costs nothing at start-up. */
const imported = <Module, A, E, R>(
  load: () => Promise<Module>,
  layer: (module: Module) => Layer.Layer<A, E, R>
): Layer.Layer<A, E, R> => Layer.unwrapEffect(Effect.map(Effect.promise(load), layer))

const ops = (options: Ops.Options) =>
  imported(
    () => import("./ops/Ops.ts"),
    ({ layer }) => layer(options)
  )

const cluster = (options: Attachment.Options) =>
  imported(
    () => import("./cluster/ClusterRoom.ts"),
    ({ layer }) => layer(options)
  )

const otlp = (options: Otlp.Options) =>
  imported(
    () => import("./tracing/Otlp.ts"),
    ({ layer }) => layer(options)
  )

/** SIGHUP has a reaction in each case: TLS subscribes by itself. */
const reload = ({ reload, tls }: Options) => {
  if (reload !== undefined) return Reload.layer(reload)
  return tls === undefined ? Reload.layerNothing : Layer.empty
}

/** Present only where systemd waits to be told (Type=notify). */
const serviceManager = () =>
  process.env["NOTIFY_SOCKET"] === undefined
    ? Layer.empty
    : imported(
        () => import("./process/ServiceManager.ts"),
        ({ layer }) => layer
      )

/** This wing is imported when the server listens already. */
const web = (policy: Policy) =>
  Web.layer(
    Effect.flatMap(
      Effect.promise(() => import("./web/WebServer.ts")),
      ({ make }) => make(policy)
    )
  )

/** The first lines of the log, before anything is bound, and the last. */
const announcement = (warnings: ReadonlyArray<string>) =>
  Layer.scopedDiscard(
    Effect.zipRight(
      Effect.acquireRelease(report({ event: "starting", version: manifest.version, pid: process.pid }), () =>
        report({ event: "stopped" })
      ),
      Effect.forEach(warnings, (warning) => Effect.logWarning(`Configuration: ${warning}`), { discard: true })
    )
  )

const ownRoom = Layer.provide(Room.layer, Registry.layer)

/** The relay. It serves for as long as the layer is held. */
export const layer = (options: Options): Layer.Layer<never, BindError | CertificateError | EngineError> => {
  const relay = serviceManager().pipe(
    // Above the server, so that it is built when that serves and released before that drains.
    Layer.provideMerge(Server.layer),
    Layer.merge(LostPeers.layer(Retransmissions.sockets)),
    Layer.provide(options.web === undefined ? Layer.empty : web(options.web)),
    Layer.provide(Tcp.layer(options)),
    // Tracing and ops outlive the server: they report its drain, and the last spans are sent.
    Layer.provide(options.tracing === undefined ? Tracing.layerNone : otlp(options.tracing)),
    Layer.provide(options.ops === undefined ? Layer.empty : ops(options.ops)),
    Layer.provide(options.cluster === undefined ? ownRoom : cluster(options.cluster)),
    Layer.provide(StatusLog.layerReports)
  )
  return relay.pipe(
    Layer.provide(reload(options)),
    Layer.provide(announcement(options.warnings)),
    Layer.provide(Logging.layer(options.logFormat, options.web !== undefined)),
    Layer.provide([
      OpenConnections.layer,
      Metrics.layer,
      Sighup.layer,
      Motd.layer(options.motd),
      OperatorToken.layer(options.opsToken),
      // Options have been checked when they were resolved.
      Layer.orDie(Limits.layer(options.limits))
    ])
  )
}
