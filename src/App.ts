/** The composition root: the only place that knows every layer that is live. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Configuration from "./config/Resolve.ts"
import type { BindError } from "./connection/Listener.ts"
import { Limits, type LimitValues } from "./Limits.ts"
import type * as Ops from "./ops/Ops.ts"
import * as Logging from "./process/Logging.ts"
import * as OpenFiles from "./process/OpenFiles.ts"
import * as Reload from "./Reload.ts"
import { Registry } from "./room/Registry.ts"
import { Room } from "./room/Room.ts"
import { Connections } from "./server/Connections.ts"
import * as Server from "./server/Server.ts"
import { Tracing } from "./server/Tracing.ts"
import { Metrics } from "./status/Metrics.ts"
import { StatusLog } from "./status/StatusLog.ts"
import type * as Otlp from "./tracing/Otlp.ts"
import type { CertificateError } from "./transports/Certificate.ts"
import * as Tcp from "./transports/Tcp.ts"

export interface Options extends Tcp.Options {
  readonly limits: Partial<LimitValues>
  readonly logFormat: Logging.Format
  /** Where limits come from that can change. */
  readonly reload: Configuration.Source | undefined
  /** Where operators can watch the server; undefined for nowhere. */
  readonly ops: Ops.Options | undefined
  /** Where connections are traced; undefined for nowhere. */
  readonly tracing: Otlp.Options | undefined
}

// These wings are loaded when they are wanted: a start without them is as quick as if they were not there.
const ops = (options: Ops.Options) =>
  Layer.unwrapEffect(
    Effect.map(
      Effect.promise(() => import("./ops/Ops.ts")),
      ({ layer }) => layer(options)
    )
  )

const otlp = (options: Otlp.Options) =>
  Layer.unwrapEffect(
    Effect.map(
      Effect.promise(() => import("./tracing/Otlp.ts")),
      ({ layer }) => layer(options)
    )
  )

/** The relay, serving for as long as the layer is held. */
export const layer = (options: Options): Layer.Layer<never, BindError | CertificateError> => {
  const limits = Limits.make({ openFiles: OpenFiles.limit(), ...options.limits })
  const relay = Server.layer.pipe(
    Layer.provide(Room.layer),
    Layer.provide(Registry.layer),
    Layer.provide(Tcp.layer(options)),
    // These are further out than the server: it can be watched while it drains, and its last spans are sent.
    Layer.provide(options.tracing === undefined ? Tracing.layerNone : otlp(options.tracing)),
    Layer.provide(options.ops === undefined ? Layer.empty : ops(options.ops)),
    Layer.provide(StatusLog.layer),
    Layer.provide(Layer.succeed(Limits, limits))
  )
  const reload = options.reload === undefined ? Layer.empty : Reload.layer(options.reload, limits)
  // Beneath the relay, so that a SIGHUP while it drains is still heard.
  return relay.pipe(
    Layer.provide(reload),
    Layer.provide(Logging.layer(options.logFormat)),
    Layer.provide(Connections.layer),
    Layer.provide(Metrics.layer)
  )
}
