/** The secret that lets the operator act on the room over HTTP. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Ref from "effect/Ref"

/** Undefined while there is none: then nobody can act. SIGHUP can change it: read it for each request. */
export class OperatorToken extends Context.Tag("partyline/OperatorToken")<
  OperatorToken,
  Ref.Ref<Redacted.Redacted | undefined>
>() {
  static readonly layer = (token: Redacted.Redacted | undefined): Layer.Layer<OperatorToken> =>
    Layer.effect(OperatorToken, Effect.map(Ref.make(token), OperatorToken.of))
}
