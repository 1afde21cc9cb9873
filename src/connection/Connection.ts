/** What a transport hands over for each client. */
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type { Peer } from "../net/Peer.ts"
import type { Outbox } from "./Outbox.ts"

/** The client has sent all it will: it closed, or closed its sending half. */
export class EndOfInput extends Data.TaggedError("EndOfInput")<{}> {}
/** The connection broke; `code` is the operating system's name for how (ECONNRESET), or DEFECT for a fault of ours. */
export class ConnectionFailed extends Data.TaggedError("ConnectionFailed")<{ readonly code: string }> {}
/** The client did not take what was sent to it while a sender's patience lasted. */
export class SlowConsumer extends Data.TaggedError("SlowConsumer")<{}> {}
export class RegistrationTimedOut extends Data.TaggedError("RegistrationTimedOut")<{}> {}
export class IdleTooLong extends Data.TaggedError("IdleTooLong")<{}> {}
export class ServerShuttingDown extends Data.TaggedError("ServerShuttingDown")<{}> {}
/** A proxy that is trusted to say who the client is did not say it, or not in time. */
export class BadProxyHeader extends Data.TaggedError("BadProxyHeader")<{}> {}
/** There were too many connections, in all or from its address, when it came. */
export class TooManyConnections extends Data.TaggedError("TooManyConnections")<{}> {}

// Making an error captures a stack, which costs 10 us and tells nothing here: those that say nothing of their own are made once.
export const endOfInput = new EndOfInput()
export const slowConsumer = new SlowConsumer()
export const registrationTimedOut = new RegistrationTimedOut()
export const idleTooLong = new IdleTooLong()
export const serverShuttingDown = new ServerShuttingDown()
export const badProxyHeader = new BadProxyHeader()
export const tooManyConnections = new TooManyConnections()
/** The descriptor was given up, by whichever side, without a word of why. */
export const closed = new ConnectionFailed({ code: "CLOSED" })

/** Why there is nothing more to read from a connection. */
export type Departure =
  | EndOfInput
  | ConnectionFailed
  | SlowConsumer
  | RegistrationTimedOut
  | IdleTooLong
  | ServerShuttingDown
  | TooManyConnections
  | BadProxyHeader

/** Who takes what arrives on a connection: an object rather than closures, for there may be ten thousand. */
export interface Receiver {
  /** Takes a chunk, which is only valid during the call; false to take no more for now. */
  readonly receive: (chunk: Uint8Array) => boolean
  /** Called at the very moment of departure, before the descriptor can name another client. */
  readonly departed: (why: Departure) => void
}

export interface Connection {
  /** The socket's file descriptor, read when the connection was accepted. */
  readonly fd: number
  /** Where the client is; before a proxy has said so in the introduction, where the proxy is. */
  readonly peer: Peer
  /** What it holds goes to the client. */
  readonly outbox: Outbox
  /** Says who takes what arrives: once, before the first `read`. */
  readonly attach: (receiver: Receiver) => void
  /**
   * Learns who the client is, where that is not known from the beginning (a proxy's header). A connection that departs
   * during this or the handshake is closed without a word.
   */
  readonly introduction: Effect.Effect<void, Departure> | undefined
  /** What has to come, after that, before the client can be heard, or told anything. Absent when there is nothing. */
  readonly handshake: Effect.Effect<void, Departure> | undefined
  /**
   * Hands each chunk that arrives to the receiver, in order and at once, for as long as that returns true. Succeeds when
   * it returned false; until the next `read` nothing more is taken from the client.
   */
  readonly read: Effect.Effect<void, Departure>
  /** Fails as soon as the connection departs, without reading. */
  readonly departure: Effect.Effect<never, Departure>
  /** Ends the connection's `read` with that reason, unless it has departed before. */
  readonly abort: (why: Departure) => void
  /**
   * Sends what the outbox holds, then the end of output, waits for the client's end while dropping what it still sends,
   * and gives up the descriptor. Succeeds when that is done or `destroy` was called.
   */
  readonly close: Effect.Effect<void>
  /** Gives up the descriptor at once. Of what has not been sent it sends what the system takes without waiting. */
  readonly destroy: () => void
}
