/** Gauges of the open connections, read at one moment. */
import type * as Context from "effect/Context"
import type { OpenConnections } from "../server/OpenConnections.ts"
import type { Session } from "../server/Session.ts"
import type { Counters } from "../status/Metrics.ts"

export interface Sources {
  readonly connections: Context.Tag.Service<OpenConnections>
  readonly metrics: Counters
}

export interface Gauges {
  readonly connections: number
  /** Sessions that are registered and not ending, in the order of connecting. */
  readonly members: ReadonlyArray<Session>
  /** Sessions that are neither registered nor ending. */
  readonly unregistered: ReadonlyArray<Session>
  /** Bytes in all outboxes. */
  readonly queued: number
  /** Bytes in the fullest outbox. */
  readonly mostQueued: number
  /** Bytes that sockets have accepted since the start, closed connections included. */
  readonly bytesOut: number
}

export const read = ({ connections: { sessions, size }, metrics }: Sources): Gauges => {
  const members: Array<Session> = []
  const unregistered: Array<Session> = []
  let queued = 0
  let mostQueued = 0
  let { bytesOut } = metrics
  for (const session of sessions) {
    const { ending, member, outbox } = session
    if (ending === undefined) (member === undefined ? unregistered : members).push(session)
    queued += outbox.size
    mostQueued = Math.max(mostQueued, outbox.size)
    bytesOut += outbox.sent
  }
  return { connections: size, members, unregistered, queued, mostQueued, bytesOut }
}
