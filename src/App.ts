/** The composition root: the only place that knows every layer that is live. */
import * as Layer from "effect/Layer"
import * as Logging from "./console/Logging.ts"
import { Limits } from "./Limits.ts"
import { Registry } from "./room/Registry.ts"
import { Room } from "./room/Room.ts"
import type { BindError } from "./server/Listener.ts"
import * as Server from "./server/Server.ts"
import { StatusLog } from "./server/StatusLog.ts"
import * as OpenFiles from "./system/OpenFiles.ts"
import type { CertificateError } from "./transports/Certificate.ts"
import * as Tcp from "./transports/Tcp.ts"

export interface Options extends Tcp.Options {
  readonly limits: Partial<(typeof Limits)["Service"]>
  readonly logFormat: Logging.Format
}

/** The relay, serving for as long as the layer is held. */
export const layer = (options: Options): Layer.Layer<never, BindError | CertificateError> =>
  Server.layer.pipe(
    Layer.provide(Room.layer),
    Layer.provide(Registry.layer),
    Layer.provide(Tcp.layer(options)),
    Layer.provide(StatusLog.layer),
    Layer.provide(Limits.layer({ openFiles: OpenFiles.limit(), ...options.limits })),
    Layer.provide(Logging.layer(options.logFormat))
  )
