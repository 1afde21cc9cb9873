/** Whoever follows the lives of connections from elsewhere. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Session } from "./Session.ts"

export class Tracing extends Context.Tag("partyline/Tracing")<
  Tracing,
  {
    /** What to run in place of a session's life. Called once per connection, never for what happens in it. */
    readonly follow: (session: Session, life: Effect.Effect<void>) => Effect.Effect<void>
  }
>() {
  /** Nobody: a life is run as it is. */
  static readonly layerNone: Layer.Layer<Tracing> = Layer.succeed(Tracing, { follow: (_, life) => life })
}
