/** The data of the status page, which it fetches as JSON. The text of messages is not part of it. */

import { performance } from "node:perf_hooks"
import type * as Context from "effect/Context"
import manifest from "../../package.json" with { type: "json" }
import { type Limits, NODE_NAMES, PAGE_PEOPLE } from "../Limits.ts"
import * as Peer from "../net/Peer.ts"
import type { Session } from "../server/Session.ts"
import * as LineCounts from "../status/LineCounts.ts"
import type { EngineCounters, NodeUsers } from "../status/Metrics.ts"
import * as Gauges from "./Gauges.ts"
import type { Point } from "./History.ts"

export interface ConnectionStatus {
  /** Its number, which never repeats. */
  readonly id: number
  /** Absent if the client is not registered. */
  readonly name?: string
  readonly fd: number
  readonly peer: string
  /** Whether it is inside TLS. */
  readonly isSecure: boolean
  /** When the client registered or, if it has not, connected, in milliseconds since 1970. */
  readonly since: number
  /** Bytes in the outbox. */
  readonly queued: number
}

/** The room over many machines, as this node sees it. */
export interface RoomStatus {
  /** Whether its engine can be reached. */
  readonly isUp: boolean
  /** How long the engine took to answer the last time, in seconds. */
  readonly roundTrip: number
  /** Entries that this node has yet to read. */
  readonly inbox: number
  /** Messages to and from other nodes since the start. */
  readonly sent: number
  readonly received: number
  /** The nodes that have users, this one first. */
  readonly nodes: ReadonlyArray<NodeUsers>
}

export interface Status {
  readonly version: string
  /** Time of the snapshot, in milliseconds since 1970. */
  readonly now: number
  /** Start of the process, in milliseconds since 1970. */
  readonly started: number
  /** Whether new connections are accepted. */
  readonly isOpen: boolean
  /** Whether there is a token with which the operator can act. */
  readonly isOperable: boolean
  readonly connections: number
  readonly registered: number
  readonly seats: number
  /** Messages from clients, and their deliveries, one for each recipient. */
  readonly messages: number
  readonly deliveries: number
  readonly bytesIn: number
  readonly bytesOut: number
  readonly queued: number
  /** Registered clients in the order of connecting, at most `PAGE_PEOPLE`. */
  readonly people: ReadonlyArray<ConnectionStatus>
  /** The same of clients that are not registered. */
  readonly unregistered: ReadonlyArray<ConnectionStatus>
  readonly history: ReadonlyArray<Point>
  /** Absent for a room in this process. */
  readonly room?: RoomStatus
}

const statusOf = ({ connection, id, member, outbox, since }: Session): ConnectionStatus => ({
  id,
  ...(member === undefined ? {} : { name: member.name }),
  fd: connection.fd,
  peer: Peer.written(connection.peer),
  isSecure: connection.isSecure,
  since,
  queued: outbox.size
})

const roomOf = ({ inbox, isUp, nodes, received, roundTrip, sent }: EngineCounters): RoomStatus => ({
  isUp,
  roundTrip,
  inbox,
  sent,
  received,
  nodes: nodes(NODE_NAMES)
})

/** The status at the time of the call, `now` in milliseconds since 1970. */
export const snapshot = (
  sources: Gauges.Sources & { readonly limits: Context.Tag.Service<Limits> },
  history: ReadonlyArray<Point>,
  now: number,
  isOperable: boolean
): Status => {
  const { bytesOut, connections, members, queued, unregistered } = Gauges.read(sources)
  const { bytesIn, engine, lines } = sources.metrics
  return {
    version: manifest.version,
    now,
    started: Math.round(performance.timeOrigin),
    isOpen: sources.connections.isAccepting,
    isOperable,
    connections,
    registered: members.length,
    seats: sources.limits.current.maxUsers,
    messages: LineCounts.messages(lines),
    deliveries: lines.deliveries,
    bytesIn,
    bytesOut,
    queued,
    people: members.slice(0, PAGE_PEOPLE).map(statusOf),
    unregistered: unregistered.slice(0, PAGE_PEOPLE).map(statusOf),
    history,
    ...(engine === undefined ? {} : { room: roomOf(engine) })
  }
}
