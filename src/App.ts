/** The composition root: the only place that knows every layer that is live. */
import * as Layer from "effect/Layer"
import type * as Configuration from "./Configuration.ts"
import * as Logging from "./console/Logging.ts"
import { Limits } from "./Limits.ts"
import * as Reload from "./Reload.ts"
import { Registry } from "./room/Registry.ts"
import { Room } from "./room/Room.ts"
import type { BindError } from "./server/Listener.ts"
import * as Server from "./server/Server.ts"
import { StatusLog } from "./server/StatusLog.ts"
import * as Tcp from "./transports/Tcp.ts"

export interface Options extends Tcp.Options {
  readonly limits: Partial<(typeof Limits)["Service"]>
  readonly logFormat: Logging.Format
  /** Where limits come from that can change. */
  readonly reload: Configuration.Source | undefined
}

/** The relay, serving for as long as the layer is held. */
export const layer = (options: Options): Layer.Layer<never, BindError> => {
  const limits: Reload.Changeable = { ...Limits.defaults, ...options.limits }
  const relay = Server.layer.pipe(
    Layer.provide(Room.layer),
    Layer.provide(Registry.layer),
    Layer.provide(Tcp.layer(options)),
    Layer.provide(StatusLog.layer),
    Layer.provide(Layer.succeed(Limits, limits))
  )
  const reload = options.reload === undefined ? Layer.empty : Reload.layer(options.reload, limits)
  return Layer.merge(relay, reload).pipe(Layer.provide(Logging.layer(options.logFormat)))
}
