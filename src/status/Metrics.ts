/** Counters of the server since its start. */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"
import * as LineCounts from "./LineCounts.ts"
import type { Leaving } from "./StatusEvent.ts"

/** The users of one node, as this one knows them. */
export interface NodeUsers {
  /** The name of the node. */
  readonly node: string
  readonly users: number
  /** The names of the first of them, in the order of registration. */
  readonly names: ReadonlyArray<string>
}

/** A node's counters of its engine, in a room over many machines. */
export interface EngineCounters {
  /** The name of this node. */
  readonly node: string
  /** The nodes that have users, this one first, with so many names of each. */
  readonly nodes: (names: number) => ReadonlyArray<NodeUsers>
  /** Whether the engine is not said to be out of reach. */
  isUp: boolean
  /** How long it took to answer the last time, in seconds. */
  roundTrip: number
  /** Entries in this node's inbox. */
  inbox: number
  /** Messages to clients of other nodes, once for each stretch of lines, and from them. */
  sent: number
  received: number
  /** Clients that were registered again, and how often this node's lease or the room was lost. */
  registeredAgain: number
  losses: number
}

/**
 * Plain numbers that only grow. Counting is one addition at the event; readers poll. Values that exist without a
 * counter (open connections, queued bytes) are not here.
 */
export interface Counters {
  /** Connections that the listener has handed over. Each one's number is the count when it came. */
  accepted: number
  /** Connections that were refused, by reason. */
  readonly refused: { too_many_users: number; too_many_connections: number }
  /** Connections that ended, by the event of their leaving line. */
  readonly endings: { [Event in Leaving["event"]]: number }
  /** Lines by command, and deliveries. */
  readonly lines: LineCounts.LineCounts
  /** Bytes read from clients. */
  bytesIn: number
  /** Bytes sent on connections that have closed. An open connection counts its own in its outbox. */
  bytesOut: number
  /** Waits of senders for a recipient with a full outbox: their number, and their total duration. */
  waits: number
  waitSeconds: number
  /** Total seconds for which the rate limit delayed senders. */
  floodDelaySeconds: number
  /** Absent for a room in this process. */
  engine: EngineCounters | undefined
  /** End of the validity of the TLS certificate, in seconds since 1970; absent where TLS is not served. No counter. */
  certificateExpiry?: number
  /** Status lines that were not written to standard output. */
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
      removedByOperator: 0,
      httpRequest: 0,
      tlsHello: 0,
      tooManyConnections: 0,
      badProxyHeader: 0,
      usernameLost: 0
    },
    lines: LineCounts.none(),
    bytesIn: 0,
    bytesOut: 0,
    waits: 0,
    waitSeconds: 0,
    floodDelaySeconds: 0,
    engine: undefined,
    statusLinesLost: 0
  })

  static readonly layer: Layer.Layer<Metrics> = Layer.sync(Metrics, Metrics.make)
}
