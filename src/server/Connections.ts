/** Who is connected just now, for those who watch the server. */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import type { Session } from "./Session.ts"

export class Presence extends Context.Tag("partyline/Presence")<
  Presence,
  {
    /** In the order of connecting, until the descriptor is given up. */
    readonly sessions: Set<Session>
    /** Whether newcomers are let in: not before the server listens, and not while it drains. */
    isOpen: boolean
  }
>() {
  static readonly layer: Layer.Layer<Presence> = Layer.sync(Presence, () => ({
    sessions: new Set<Session>(),
    isOpen: false
  }))
}
