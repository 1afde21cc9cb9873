/** All limits of the relay, and their effects. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type InvalidLimits, type LimitValues, valid } from "./LimitValues.ts"

export class Limits extends Context.Tag("partyline/Limits")<
  Limits,
  {
    /** The limits in force. They can change while the program runs: read them where they are applied. */
    readonly current: LimitValues
    /** The most seats that `maxUsers` has allowed so far. When it is lowered, those who are registered stay. */
    readonly mostUsers: number
    /** Replaces some of the limits, or none of them if one is invalid. */
    readonly change: (changed: Partial<LimitValues>) => Effect.Effect<void, InvalidLimits>
  }
>() {
  static readonly defaults: LimitValues = {
    maxUsers: 10,
    maxLine: 4096,
    outbox: 1024 * 1024,
    patience: Duration.seconds(5),
    joinTimeout: Duration.minutes(5),
    idleTimeout: Duration.infinity,
    drainTimeout: Duration.seconds(5),
    maxConnections: 10_000,
    maxPerAddress: 32,
    rate: 20,
    burst: 100,
    openFiles: Number.POSITIVE_INFINITY
  }

  /** @internal Default limits with some of them replaced, which are known to be valid. */
  static readonly make = (replaced: Partial<LimitValues> = {}): Limits["Type"] => {
    const current = { ...Limits.defaults, ...replaced }
    const limits = {
      current,
      mostUsers: current.maxUsers,
      change: (changed: Partial<LimitValues>) =>
        Effect.map(valid(changed), (changed) => {
          limits.current = { ...limits.current, ...changed }
          limits.mostUsers = Math.max(limits.mostUsers, limits.current.maxUsers)
        })
    }
    return limits
  }

  /** The default limits. */
  static layer(): Layer.Layer<Limits>
  /** The default limits with some of them replaced. */
  static layer(replaced: Partial<LimitValues>): Layer.Layer<Limits, InvalidLimits>
  static layer(replaced: Partial<LimitValues> = {}): Layer.Layer<Limits, InvalidLimits> {
    return Layer.effect(Limits, Effect.map(valid(replaced), Limits.make))
  }
}

/**
 * Bytes of output after which the decision of a read's commands pauses until that output is in the outboxes. It bounds
 * the memory of a read full of LISTs.
 */
export const DECISION_BYTES = 64 * 1024

/**
 * Bytes that are read from one client before other sockets are read. Without it, the system hands over up to 2 MiB of a
 * flood at once, which is 60 ms of short lines.
 */
export const READ_BYTES = 64 * 1024

/** Most bytes in one write to a socket. Their room in the outbox is free as soon as the kernel has taken them. */
export const WRITE_BYTES = 64 * 1024

/**
 * Bytes of status lines that may wait for standard output, or what one turn of the event loop makes of them. Further lines are
 * dropped, and their number is reported.
 */
export const LOG_BYTES = 8 * 1024 * 1024

/**
 * Descriptors kept free of clients, for connections being refused, certificate files and name lookups: a quarter of the limit
 * of open files, so that somebody is served under a low one, and at most 64.
 */
export const spareFiles = (openFiles: number): number => Math.min(64, Math.floor(openFiles / 4))

/** The last of the spare descriptors. A connection on one of them is closed without waiting for it to read. */
export const reservedFiles = (openFiles: number): number => Math.floor(spareFiles(openFiles) / 4)

/** Approximate number of descriptors that the program uses for itself. */
export const OWN_FILES = 24

/** Refused connections that may stay open until they have read their farewell. Others are closed without waiting. */
export const REFUSALS = 256

/** Connections that the kernel queues for accept. With Node's default of 511, bursts caused one-second retries. */
export const BACKLOG = 4096

/** How long a trusted proxy may take to send its header. */
export const PROXY_PATIENCE = Duration.seconds(5)

/** How long a client may take for the TLS handshake. */
export const HANDSHAKE_PATIENCE = Duration.seconds(10)

/** How long an HTTP client may take for the head of its request, from its first byte. */
export const HEAD_PATIENCE = Duration.seconds(10)

/** How often the client of a WebSocket is pinged. Proxies close connections that were silent for 30 s or more. */
export const PING_PERIOD = Duration.seconds(25)

/** How long the client of a WebSocket may leave pings unanswered. */
export const PONG_PATIENCE = Duration.seconds(60)

/** Least bytes that a message of a WebSocket may have; where two of the longest lines are more, that many. */
export const MESSAGE_BYTES = 64 * 1024

/** Silence after which TCP sends keep-alive probes to a peer. */
export const KEEP_ALIVE = Duration.seconds(30)

/** Concurrent connections to the operations port. For one more, the one with the oldest request is closed. */
export const OPS_CONNECTIONS = 64

/** The time after which an address is told that its token is wrong. */
export const WRONG_TOKEN = Duration.seconds(1)

/** Seconds that the charts of the status page cover. */
export const HISTORY_SECONDS = 300

/** Clients that the status page lists, of those that are registered and of the others. Further ones are only counted. */
export const PAGE_PEOPLE = 200

/** Names that it shows of each node of a room over many machines. */
export const NODE_NAMES = 20

/** How long a trace collector may take to answer. Then the spans are sent again a few times, and dropped. */
export const TRACE_TIMEOUT = Duration.seconds(5)

/** How long the end of the program waits for the collector to take the last spans. */
export const TRACE_FLUSH = Duration.millis(500)

/** How long a client that keeps its end open is waited for, after all was sent to it; the drain timeout if that is less. */
export const LINGER = Duration.seconds(1)

/** Wrong keys for RECLAIM that a connection may give; it is closed with the last. */
export const RECLAIMS = 5

/** How long the message of the day waits for a first line, by which a browser is told from a client that reads lines. */
export const MOTD_DELAY = Duration.millis(500)

/** Answers to telnet that may wait for the message of the day. It is sent before one more does. */
export const HELD_ANSWERS = 1000

/** How long the engine of a room over many machines may be silent before it counts as unreachable. */
export const ENGINE_PATIENCE = Duration.seconds(1)

/** How long a node waits before it tries again to reach its engine. */
export const ENGINE_RETRY = Duration.millis(100)

/** How often a node renews its lease. The lease should last for several of these. */
export const BEAT = Duration.millis(500)

/** The shortest lease: a busy node must not lose it. */
export const SHORTEST_LEASE = Duration.times(BEAT, 4)

/** Names of a dead node that are freed in one step of the engine: about 5 ms. */
export const REAP_NAMES = 1000

/** Entries that may wait in the inbox of a node. Beyond it the senders of messages wait. */
export const INBOX_ENTRIES = 4096

/** How soon a sender tries again whose message found an inbox full. */
export const INBOX_FULL_RETRY = Duration.millis(50)

/** Entries that are read from the inbox at a time. */
export const INBOX_READ = 128

/** Entries that a node has dealt with before it gives them up in its inbox. */
export const INBOX_KEPT = 64

/** Messages, and bytes of text, that go to the engine in one step; and how many such steps may be under way. */
export const SEND_MESSAGES = 256
export const SEND_BYTES = 64 * 1024
export const SENDS = 3

/** How often connections are looked at for a peer that acknowledges nothing, on Linux. */
export const LOST_PEER_PERIOD = Duration.seconds(10)

/** How long every such look has to find the same; then the peer is lost. */
export const LOST_PEER_PATIENCE = Duration.seconds(60)

/** How long --probe waits for an answer. */
export const PROBE_PATIENCE = Duration.seconds(3)
