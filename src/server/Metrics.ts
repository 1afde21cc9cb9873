/** What the server has counted since it started. */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as Counts from "../room/LineCounts.ts"
import type { Leaving } from "../status/StatusEvent.ts"

/**
 * Plain numbers that only grow: counting is an addition where something happens, and whoever watches reads them when it
 * wants to. What can be seen without counting (who is connected, how much is queued) is not here.
 */
export interface Counters {
  /** Connections that the listener has handed over. */
  accepted: number
  /** Connections that were turned away, by why. */
  readonly refused: { too_many_users: number; too_many_connections: number }
  /** Connections that ended, by how: the event that closes the story of each. */
  readonly endings: { [Event in Leaving["event"]]: number }
  /** Lines by what they asked for, and messages accepted, one for each recipient. */
  readonly lines: Counts.Counts
  /** Bytes that were read from clients. */
  bytesIn: number
  /** Bytes that the sockets of connections which are gone had taken; each living outbox knows its own. */
  bytesOut: number
  /** How often a sender's reading stopped because a recipient had no room, and for how long in all. */
  waits: number
  waitSeconds: number
  /** Seconds in which senders were read more slowly because they sent too fast. */
  floodDelaySeconds: number
  /** Status lines that standard output did not take. */
  statusLinesLost: number
}

export class Metrics extends Context.Tag("partyline/Metrics")<Metrics, Counters>() {
  static readonly make = (): Counters => ({
    accepted: 0,
    refused: { too_many_users: 0, too_many_connections: 0 },
    endings: {
      quit: 0,
      databaseFull: 0,
      connectionClosed: 0,
      connectionError: 0,
      slowConsumer: 0,
      registrationTimedOut: 0,
      idleTooLong: 0,
      serverShuttingDown: 0,
      tooManyConnections: 0,
      badProxyHeader: 0
    },
    lines: Counts.none(),
    bytesIn: 0,
    bytesOut: 0,
    waits: 0,
    waitSeconds: 0,
    floodDelaySeconds: 0,
    statusLinesLost: 0
  })

  static readonly layer: Layer.Layer<Metrics> = Layer.sync(Metrics, Metrics.make)
}
