/** Every bound of the relay, and what happens there. */
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** A value for every limit. An infinite duration or number turns its limit off. */
export interface LimitValues {
  /** Seats in the room. Who asks for one more is told so and disconnected; connections without a seat are not counted. */
  readonly maxUsers: number
  /** Bytes in a line, telnet and terminator left out. A longer line is thrown away as it arrives and answered once. */
  readonly maxLine: number
  /** Bytes that may wait to be sent to one client. While there is no room, whoever sends to it waits. */
  readonly outbox: number
  /** How long a sender waits for one recipient to take one message; then that recipient is disconnected. */
  readonly patience: Duration.Duration
  /** How long a client may stay without registering; then it is told so and disconnected. */
  readonly joinTimeout: Duration.Duration
  /** How long a registered client may go without completing a command; then it is told so and disconnected. */
  readonly idleTimeout: Duration.Duration
  /** How long a connection that is being closed may take to accept what is left for it; then it is cut off. */
  readonly drainTimeout: Duration.Duration
  /** Connections, registered or not. Who comes when there are so many is told so and disconnected. */
  readonly maxConnections: number
  /** The same for those from one address (of IPv6: from one network of 64 bits). The loopback interface is exempt. */
  readonly maxPerAddress: number
  /** Lines a second from one client. What it sends faster is read later. The loopback interface is exempt. */
  readonly rate: number
  /** Lines that it may send at once before that. */
  readonly burst: number
  /**
   * Descriptors that the system lets this process have. Who gets one of the last (`SPARE_FILES`) is refused like one
   * connection too many, so that those who are being served go on.
   */
  readonly openFiles: number
}

export class Limits extends Context.Tag("partyline/Limits")<
  Limits,
  {
    /** The limits in force. They can change while the program runs: read them where they are applied. */
    readonly current: LimitValues
    /** Replaces some of them for everybody who reads them from now on. */
    readonly change: (changed: Partial<LimitValues>) => Effect.Effect<void>
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

  /** Limits that begin with the defaults, some of them replaced. */
  static readonly make = (replaced: Partial<LimitValues> = {}): Limits["Type"] => {
    const limits = {
      current: { ...Limits.defaults, ...replaced },
      change: (changed: Partial<LimitValues>) =>
        Effect.sync(() => {
          limits.current = { ...limits.current, ...changed }
        })
    }
    return limits
  }

  static readonly layer = (replaced: Partial<LimitValues> = {}): Layer.Layer<Limits> =>
    Layer.sync(Limits, () => Limits.make(replaced))
}

/**
 * Bytes of output after which deciding a read's commands pauses until that output is in the outboxes, so that a read
 * full of LISTs is never rendered all at once.
 */
export const DECISION_BYTES = 64 * 1024

/**
 * Bytes that are read from one client before others have their turn: the system would hand over up to 2 MiB of somebody
 * who floods in one go, which is 60 ms of short lines.
 */
export const READ_BYTES = 64 * 1024

/** Bytes that go to a socket in one write at most: as soon as the kernel has them, there is room for as many more. */
export const WRITE_BYTES = 64 * 1024

/** Bytes of status lines that may wait for standard output. Beyond it lines are left out, and their number is said. */
export const LOG_BYTES = 8 * 1024 * 1024

/** Descriptors that no client is served on: for those who are being refused, for certificates, for looking up names. */
export const SPARE_FILES = 64

/** The last of these, on which nobody is even kept to be told why. */
export const RESERVED_FILES = 16

/** Connections that may be open only to be told that there are too many. Others are told and cut off in one go. */
export const REFUSALS = 256

/** Connections that the kernel may hold before they are accepted: with Node's 511, bursts met one-second retries. */
export const BACKLOG = 4096

/** How long a proxy that is trusted to say who its client is may take to say it. */
export const PROXY_PATIENCE = Duration.seconds(5)

/** How long a client may take for the handshake of TLS. */
export const HANDSHAKE_PATIENCE = Duration.seconds(10)

/** How long a silent peer stays before TCP asks whether it is still there. */
export const KEEP_ALIVE = Duration.seconds(30)

/** Connections to the operations port at once. A further one is closed before it can ask. */
export const OPS_CONNECTIONS = 64

/** Seconds that the charts of the status page reach back; what is older is forgotten. */
export const HISTORY_SECONDS = 300

/** People whom the status page names. The others are counted. */
export const PAGE_PEOPLE = 200

/** How long a collector of traces may take to answer; then its spans are sent again a few times, and dropped. */
export const TRACE_TIMEOUT = Duration.seconds(5)

/** How long the end of the program waits for such a collector to take the last spans. */
export const TRACE_FLUSH = Duration.millis(500)

/** How long a client that keeps its end open is waited for, after all was sent to it; the drain timeout if that is less. */
export const LINGER = Duration.seconds(1)

/** Wrong keys for RECLAIM that a connection may give; it is closed with the last. */
export const RECLAIMS = 5

/** How long the message of the day waits for a first line, by which a browser is told from a client that reads lines. */
export const MOTD_DELAY = Duration.millis(500)
