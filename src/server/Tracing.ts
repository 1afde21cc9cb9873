/** A hook around the life of each connection, for traces. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Session } from "./Session.ts"

export class Tracing extends Context.Tag("partyline/Tracing")<
  Tracing,
  {
    /** Wraps the life of a session, in a span for example. Called once per connection, never per line. */
    readonly follow: (session: Session, life: Effect.Effect<void>) => Effect.Effect<void>
  }
>() {
  /** Runs each life unchanged. */
  static readonly layerNone: Layer.Layer<Tracing> = Layer.succeed(Tracing, { follow: (_, life) => life })
}
