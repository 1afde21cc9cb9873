/** Everybody who is connected, counted at one moment. */
import type * as Context from "effect/Context"
import type { Connections } from "../server/Connections.ts"
import type { Counters } from "../status/Metrics.ts"
import type { Session } from "../server/Session.ts"

export interface Census {
  readonly connections: number
  /** Sessions that have a seat, in the order of connecting. */
  readonly members: ReadonlyArray<Session>
  /** Bytes in all outboxes, and in the fullest. */
  readonly queued: number
  readonly mostQueued: number
  /** Bytes that sockets have taken since the start, those that are gone included. */
  readonly bytesOut: number
}

export const take = ({ sessions, size }: Context.Tag.Service<Connections>, { bytesOut }: Counters): Census => {
  const members: Array<Session> = []
  let queued = 0
  let mostQueued = 0
  let sent = bytesOut
  for (const session of sessions) {
    const { outbox } = session
    if (session.member !== undefined && session.ending === undefined) members.push(session)
    queued += outbox.size
    mostQueued = Math.max(mostQueued, outbox.size)
    sent += outbox.sent
  }
  return { connections: size, members, queued, mostQueued, bytesOut: sent }
}
