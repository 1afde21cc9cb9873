/**
 * Why a connection is over, what its client is told, and what the operator reads: one table.
 *
 * A connection keeps its reason, and an error keeps everything that the calls on its stack could see, until the stack is read or
 * replaced. So a connection that is over would keep the connection that took its name, and that one the next. Therefore no
 * reason that is made while the server runs has a stack.
 */
import * as Data from "effect/Data"
import type * as Deferred from "effect/Deferred"
import * as Peer from "../net/Peer.ts"
import * as Reply from "../protocol/Reply.ts"
import type { Username } from "../protocol/Username.ts"
import type { Leaving } from "../status/StatusEvent.ts"

/** Forgets the stack that V8 has captured. Gives the tag to take its place. */
const withoutStack = (reason: Error & { readonly _tag: string }): string => {
  reason.stack = ""
  return reason._tag
}

/** The client asked to go. */
export class Quit extends Data.TaggedError("Quit")<{}> {}
/** The client closed its connection, or its sending half. */
export class EndOfInput extends Data.TaggedError("EndOfInput")<{}> {}
/** The connection broke. `code` is the system's name for how (ECONNRESET), or DEFECT for a fault of this program. */
export class ConnectionFailed extends Data.TaggedError("ConnectionFailed")<{ readonly code: string }> {
  override stack = withoutStack(this)
  override get message(): string {
    return `the connection failed: ${this.code}`
  }
}
/** Every seat was taken when the client asked for one. */
export class DatabaseFull extends Data.TaggedError("DatabaseFull")<{}> {}
/** The client did not take a message while its sender's patience lasted. */
export class SlowConsumer extends Data.TaggedError("SlowConsumer")<{}> {}
export class RegistrationTimedOut extends Data.TaggedError("RegistrationTimedOut")<{}> {}
export class IdleTooLong extends Data.TaggedError("IdleTooLong")<{}> {}
export class ServerShuttingDown extends Data.TaggedError("ServerShuttingDown")<{}> {}
/** Another connection took the client's name with its key. `left` is succeeded when the leaving line is written. */
export class SessionReclaimed extends Data.TaggedError("SessionReclaimed")<{
  readonly left: Deferred.Deferred<void>
}> {
  override stack = withoutStack(this)
}
/** The client gave a wrong key for RECLAIM too often. */
export class TooManyAttempts extends Data.TaggedError("TooManyAttempts")<{}> {}
/** The operator ended the connection. */
export class RemovedByOperator extends Data.TaggedError("RemovedByOperator")<{}> {}
/** The client speaks HTTP; `response` is what it is answered. */
export class HttpRequest extends Data.TaggedError("HttpRequest")<{ readonly response: string }> {
  override stack = withoutStack(this)
}
/** The client speaks TLS where TLS is not served. */
export class TlsHello extends Data.TaggedError("TlsHello")<{}> {}
/** A trusted proxy sent no valid PROXY header, or not in time; or a client sent one that nobody asked for. */
export class BadProxyHeader extends Data.TaggedError("BadProxyHeader")<{}> {}
/** Another node's client took the name while this node could not be reached. */
export class UsernameLost extends Data.TaggedError("UsernameLost")<{ readonly name: Username }> {
  override stack = withoutStack(this)
}
/** There were too many connections already, in all or from its address. */
export class TooManyConnections extends Data.TaggedError("TooManyConnections")<{}> {}

export type DisconnectReason =
  | Quit
  | EndOfInput
  | ConnectionFailed
  | DatabaseFull
  | SlowConsumer
  | RegistrationTimedOut
  | IdleTooLong
  | ServerShuttingDown
  | SessionReclaimed
  | TooManyAttempts
  | RemovedByOperator
  | HttpRequest
  | TlsHello
  | BadProxyHeader
  | TooManyConnections
  | UsernameLost

// Making an error captures a stack, which costs 10 us: those without fields are made once.
export const quit = new Quit()
export const endOfInput = new EndOfInput()
export const databaseFull = new DatabaseFull()
export const slowConsumer = new SlowConsumer()
export const registrationTimedOut = new RegistrationTimedOut()
export const idleTooLong = new IdleTooLong()
export const serverShuttingDown = new ServerShuttingDown()
export const tooManyAttempts = new TooManyAttempts()
export const removedByOperator = new RemovedByOperator()
export const tlsHello = new TlsHello()
export const badProxyHeader = new BadProxyHeader()
export const tooManyConnections = new TooManyConnections()
/** The descriptor was given up, by either side, and nothing says why. */
export const closed = new ConnectionFailed({ code: "CLOSED" })
/** The peer acknowledges nothing any more. */
export const peerVanished = new ConnectionFailed({ code: "ETIMEDOUT" })
/** The connection was reset before it was accepted. */
export const resetEarly = new ConnectionFailed({ code: "ECONNRESET" })

/** The connection that is over. */
export interface Client {
  readonly fd: number
  readonly peer: Peer.Peer
  readonly isRegistered: boolean
  /** It has not sent a byte. */
  readonly isSilent: boolean
}

interface Row {
  /** The client's last line, unless it knows the reason already. */
  readonly farewell?: string
  /** The leaving line. It has the peer where the client may be at fault. */
  readonly leaving: (client: Client, code: string) => Leaving & { readonly fd: number }
}

const table: { readonly [Tag in DisconnectReason["_tag"]]: Row } = {
  Quit: {
    leaving: ({ fd, isRegistered }) => ({ event: "quit", fd, registered: isRegistered })
  },
  EndOfInput: {
    leaving: ({ fd }) => ({ event: "connectionClosed", fd })
  },
  ConnectionFailed: {
    leaving: ({ fd, isSilent, peer }, code) => ({
      event: "connectionError",
      fd,
      code,
      peer: Peer.written(peer),
      ...(isSilent ? { silent: true } : {})
    })
  },
  DatabaseFull: {
    farewell: Reply.tooManyUsers,
    leaving: ({ fd, peer }) => ({ event: "databaseFull", fd, peer: Peer.written(peer) })
  },
  SlowConsumer: {
    leaving: ({ fd, peer }) => ({ event: "slowConsumer", fd, peer: Peer.written(peer) })
  },
  RegistrationTimedOut: {
    farewell: Reply.registrationTimedOut,
    leaving: ({ fd, peer }) => ({ event: "registrationTimedOut", fd, peer: Peer.written(peer) })
  },
  IdleTooLong: {
    farewell: Reply.idleTooLong,
    leaving: ({ fd }) => ({ event: "idleTooLong", fd })
  },
  ServerShuttingDown: {
    farewell: Reply.serverShuttingDown,
    leaving: ({ fd }) => ({ event: "serverShuttingDown", fd })
  },
  SessionReclaimed: {
    farewell: Reply.sessionReclaimed,
    leaving: ({ fd }) => ({ event: "sessionReclaimed", fd })
  },
  TooManyAttempts: {
    farewell: Reply.tooManyAttempts,
    leaving: ({ fd, peer }) => ({ event: "tooManyAttempts", fd, peer: Peer.written(peer) })
  },
  RemovedByOperator: {
    farewell: Reply.removedByOperator,
    leaving: ({ fd, peer }) => ({ event: "removedByOperator", fd, peer: Peer.written(peer) })
  },
  HttpRequest: {
    leaving: ({ fd, peer }) => ({ event: "httpRequest", fd, peer: Peer.written(peer) })
  },
  TlsHello: {
    leaving: ({ fd, peer }) => ({ event: "tlsHello", fd, peer: Peer.written(peer) })
  },
  BadProxyHeader: {
    leaving: ({ fd, peer }) => ({ event: "badProxyHeader", fd, peer: Peer.written(peer) })
  },
  TooManyConnections: {
    farewell: Reply.tooManyConnections,
    leaving: ({ fd, peer }) => ({ event: "tooManyConnections", fd, peer: Peer.written(peer) })
  },
  UsernameLost: {
    leaving: ({ fd }) => ({ event: "usernameLost", fd })
  }
}

/** The last line to the client; empty when it is told nothing. */
export const farewell = (reason: DisconnectReason): string => {
  if (reason._tag === "HttpRequest") return reason.response
  return reason._tag === "UsernameLost" ? Reply.usernameLost(reason.name) : (table[reason._tag].farewell ?? "")
}

/** The leaving line of a client that is disconnected for this reason. */
export const leaving = (reason: DisconnectReason, client: Client): Leaving & { readonly fd: number } =>
  table[reason._tag].leaving(client, reason._tag === "ConnectionFailed" ? reason.code : "")
