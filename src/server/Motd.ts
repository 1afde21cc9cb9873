/** The message of the day: the first lines that a client is sent. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

interface Message {
  /** Whole lines, clean; empty when there is no message. It can change: read it for each connection. */
  readonly current: string
  readonly change: (text: string) => Effect.Effect<void>
}

/** Without a layer there is no message. */
export class Motd extends Context.Reference<Motd>()("partyline/Motd", {
  defaultValue: (): Message => ({ current: "", change: () => Effect.void })
}) {
  static readonly layer = (text: string): Layer.Layer<Motd> =>
    Layer.sync(Motd, () => {
      const motd = {
        current: text,
        change: (changed: string) =>
          Effect.sync(() => {
            motd.current = changed
          })
      }
      return motd
    })
}
