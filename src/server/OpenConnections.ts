/** The sessions that are open. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { removedByOperator } from "../connection/DisconnectReason.ts"
import { LinkedList } from "../LinkedList.ts"
import { isUsername, key } from "../protocol/Username.ts"
import type { Session } from "./Session.ts"

/** A connection by the name of its member, in any case, by its descriptor, or by both, which then have to be of one. */
export interface Who {
  readonly name?: string | undefined
  readonly fd?: number | undefined
}

/** There is no such connection, or it is ending already. */
export class NotConnected extends Data.TaggedError("NotConnected")<{ readonly who: Who }> {
  override get message(): string {
    const { fd, name } = this.who
    const named = name === undefined ? [] : [`the name ${name}`]
    return `there is no connection with ${[...named, ...(fd === undefined ? [] : [`descriptor ${fd}`])].join(" and ")}`
  }
}

const isWho = ({ fd, member }: Session, who: Who): boolean => {
  const { name } = who
  if (who.fd !== undefined && who.fd !== fd) return false
  if (name === undefined) return who.fd !== undefined
  return member !== undefined && isUsername(name) && key(name) === key(member.name)
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
    /** Ends a connection in the operator's name. Its client is told so. */
    readonly disconnect: (who: Who) => Effect.Effect<void, NotConnected>
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
      disconnect: (who) =>
        Effect.suspend(() => {
          const session = [...sessions].find((session) => !session.isLeaving && isWho(session, who))
          if (session === undefined) return new NotConnected({ who })
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
