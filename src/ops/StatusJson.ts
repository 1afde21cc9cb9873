/** The data of the status page, which it fetches as JSON. The text of messages is not part of it. */

import { performance } from "node:perf_hooks"
import type * as Context from "effect/Context"
import manifest from "../../package.json" with { type: "json" }
import { type Limits, PAGE_PEOPLE } from "../Limits.ts"
import * as Peer from "../net/Peer.ts"
import * as Gauges from "./Gauges.ts"
import type { Point } from "./History.ts"

/** A registered client. */
export interface MemberStatus {
  readonly name: string
  readonly fd: number
  readonly peer: string
  /** Start of the connection, in milliseconds since 1970. */
  readonly since: number
  /** Bytes in the outbox. */
  readonly queued: number
}

export interface Status {
  readonly version: string
  /** Time of the snapshot, in milliseconds since 1970. */
  readonly now: number
  /** Start of the process, in milliseconds since 1970. */
  readonly started: number
  /** Whether new connections are accepted. */
  readonly isOpen: boolean
  readonly connections: number
  readonly registered: number
  readonly seats: number
  readonly deliveries: number
  readonly bytesOut: number
  readonly queued: number
  /** Registered clients in the order of connecting, at most `PAGE_PEOPLE`. */
  readonly people: ReadonlyArray<MemberStatus>
  readonly history: ReadonlyArray<Point>
}

/** The status at the time of the call, `now` in milliseconds since 1970. */
export const snapshot = (
  sources: Gauges.Sources & { readonly limits: Context.Tag.Service<Limits> },
  history: ReadonlyArray<Point>,
  now: number
): Status => {
  const { bytesOut, connections, members, queued } = Gauges.read(sources)
  return {
    version: manifest.version,
    now,
    started: Math.round(performance.timeOrigin),
    isOpen: sources.connections.isAccepting,
    connections,
    registered: members.length,
    seats: sources.limits.current.maxUsers,
    deliveries: sources.metrics.lines.deliveries,
    bytesOut,
    queued,
    people: members.slice(0, PAGE_PEOPLE).map(({ connection, member, outbox, since }) => ({
      name: member?.name ?? "",
      fd: connection.fd,
      peer: Peer.written(connection.peer),
      since,
      queued: outbox.size
    })),
    history
  }
}
