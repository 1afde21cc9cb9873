/** What the server has counted since it started. */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as LineCounts from "./LineCounts.ts"
import type { Leaving } from "./StatusEvent.ts"

/**
 * Plain numbers that only grow. To count is one addition where something happens; readers look when they like. What can
 * be seen without counting (open connections, queued bytes) is not here.
 */
export interface Counters {
  /** Connections that the listener has handed over. */
  accepted: number
  /** Connections that were refused, by reason. */
  readonly refused: { too_many_users: number; too_many_connections: number }
  /** Connections that ended, by the event of their leaving line. */
  readonly endings: { [Event in Leaving["event"]]: number }
  /** Lines by command, and messages accepted, one for each recipient. */
  readonly lines: LineCounts.LineCounts
  /** Bytes that were read from clients. */
  bytesIn: number
  /** Bytes that the sockets of closed connections had taken; an open outbox knows its own. */
  bytesOut: number
  /** How often a sender was not read because a recipient had no room, and for how long in all. */
  waits: number
  waitSeconds: number
  /** Seconds in which senders were not read because they had sent too fast. */
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
      sessionReclaimed: 0,
      tooManyAttempts: 0,
      httpRequest: 0,
      tlsHello: 0,
      tooManyConnections: 0,
      badProxyHeader: 0
    },
    lines: LineCounts.none(),
    bytesIn: 0,
    bytesOut: 0,
    waits: 0,
    waitSeconds: 0,
    floodDelaySeconds: 0,
    statusLinesLost: 0
  })

  static readonly layer: Layer.Layer<Metrics> = Layer.sync(Metrics, Metrics.make)
}
