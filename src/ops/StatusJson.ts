/** What the status page shows, as it fetches it. No message's text is in it. */
import { performance } from "node:perf_hooks"
import manifest from "../../package.json" with { type: "json" }
import { PAGE_PEOPLE } from "../Limits.ts"
import * as Peer from "../net/Peer.ts"
import * as Census from "./Gauges.ts"
import type { Moment } from "./History.ts"
import type { Watched } from "./Watched.ts"

/** Somebody who is registered. Times are milliseconds since 1970, by this machine's clock. */
export interface Guest {
  readonly name: string
  readonly fd: number
  readonly peer: string
  readonly since: number
  /** Bytes that wait to be taken. */
  readonly queued: number
}

export interface Status {
  readonly version: string
  readonly now: number
  readonly started: number
  readonly isOpen: boolean
  readonly connections: number
  readonly registered: number
  readonly seats: number
  readonly deliveries: number
  readonly bytesOut: number
  readonly queued: number
  /** In the order of connecting, at most `PAGE_PEOPLE`. */
  readonly people: ReadonlyArray<Guest>
  readonly history: ReadonlyArray<Moment>
}

/** Taken when it is called, at the time `now`. */
export const take = ({ limits, metrics, presence }: Watched, history: ReadonlyArray<Moment>, now: number): Status => {
  const { bytesOut, connections, members, queued } = Census.take(presence, metrics)
  return {
    version: manifest.version,
    now,
    started: Math.round(performance.timeOrigin),
    isOpen: presence.isAccepting,
    connections,
    registered: members.length,
    seats: limits.current.maxUsers,
    deliveries: metrics.lines.deliveries,
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
