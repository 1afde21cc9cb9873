/** The sessions that are open. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { removedByOperator } from "../connection/DisconnectReason.ts"
import { LinkedList } from "../LinkedList.ts"
import type { Session } from "./Session.ts"

/** There is no connection with this number any more, or it is ending already. */
export class NotConnected extends Data.TaggedError("NotConnected")<{ readonly id: number }> {
  override get message(): string {
    return `there is no connection ${this.id}`
  }
}

export class OpenConnections extends Context.Tag("partyline/OpenConnections")<
  OpenConnections,
  {
    /** In the order of connecting, until the descriptor is given up. */
    readonly sessions: Iterable<Session>
    readonly size: number
    /** Whether new connections are accepted: not before the server listens, and not while it drains. */
    readonly isAccepting: boolean
    readonly accepting: (isAccepting: boolean) => void
    readonly add: (session: Session) => void
    readonly remove: (session: Session) => void
    /** Ends the connection with this number in the operator's name. Its client is told so. */
    readonly disconnect: (id: number) => Effect.Effect<void, NotConnected>
    /** Waits until there are none. */
    readonly emptied: Effect.Effect<void>
  }
>() {
  static readonly make = (): OpenConnections["Type"] => {
    const sessions = new LinkedList<Session>()
    let size = 0
    let isAccepting = false
    let onEmpty: (() => void) | undefined
    return {
      sessions,
      get size() {
        return size
      },
      get isAccepting() {
        return isAccepting
      },
      accepting: (is) => {
        isAccepting = is
      },
      add: (session) => {
        sessions.add(session)
        size++
      },
      remove: (session) => {
        session.unlink()
        size--
        if (size === 0) onEmpty?.()
      },
      disconnect: (id) =>
        Effect.suspend(() => {
          const session = [...sessions].find((session) => session.id === id)
          if (session === undefined || session.isLeaving) return new NotConnected({ id })
          return Effect.sync(() => session.disconnect(removedByOperator))
        }),
      emptied: Effect.async<void>((resume) => {
        if (size === 0) resume(Effect.void)
        else onEmpty = () => resume(Effect.void)
      })
    }
  }

  static readonly layer: Layer.Layer<OpenConnections> = Layer.sync(OpenConnections, OpenConnections.make)
}
