/** Why a connection is over, what its client is told, and what the operator reads: one table. */
import * as Data from "effect/Data"
import * as Peer from "../net/Peer.ts"
import * as Reply from "../protocol/Reply.ts"
import type { Leaving } from "../status/StatusEvent.ts"

/** The client asked to go. */
export class Quit extends Data.TaggedError("Quit")<{}> {}
/** The client closed its connection, or its sending half. */
export class EndOfInput extends Data.TaggedError("EndOfInput")<{}> {}
/** The connection broke. `code` is the system's name for how (ECONNRESET), or DEFECT for a fault of this program. */
export class ConnectionFailed extends Data.TaggedError("ConnectionFailed")<{ readonly code: string }> {}
/** Every seat was taken when the client asked for one. */
export class DatabaseFull extends Data.TaggedError("DatabaseFull")<{}> {}
/** The client did not take a message while its sender's patience lasted. */
export class SlowConsumer extends Data.TaggedError("SlowConsumer")<{}> {}
export class RegistrationTimedOut extends Data.TaggedError("RegistrationTimedOut")<{}> {}
export class IdleTooLong extends Data.TaggedError("IdleTooLong")<{}> {}
export class ServerShuttingDown extends Data.TaggedError("ServerShuttingDown")<{}> {}
/** A trusted proxy sent no valid PROXY header, or not in time. */
export class BadProxyHeader extends Data.TaggedError("BadProxyHeader")<{}> {}
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
  | BadProxyHeader
  | TooManyConnections

// Making an error captures a stack, which costs 10 us and tells nothing here: those without fields are made once.
export const quit = new Quit()
export const endOfInput = new EndOfInput()
export const databaseFull = new DatabaseFull()
export const slowConsumer = new SlowConsumer()
export const registrationTimedOut = new RegistrationTimedOut()
export const idleTooLong = new IdleTooLong()
export const serverShuttingDown = new ServerShuttingDown()
export const badProxyHeader = new BadProxyHeader()
export const tooManyConnections = new TooManyConnections()
/** The descriptor was given up, by either side, and nothing says why. */
export const closed = new ConnectionFailed({ code: "CLOSED" })

/** The connection that is over. */
export interface Client {
  readonly fd: number
  readonly peer: Peer.Peer
  readonly isRegistered: boolean
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
    leaving: ({ fd, peer }, code) => ({ event: "connectionError", fd, code, peer: Peer.written(peer) })
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
  BadProxyHeader: {
    leaving: ({ fd, peer }) => ({ event: "badProxyHeader", fd, peer: Peer.written(peer) })
  },
  TooManyConnections: {
    farewell: Reply.tooManyConnections,
    leaving: ({ fd, peer }) => ({ event: "tooManyConnections", fd, peer: Peer.written(peer) })
  }
}

/** What the client is told last; empty when it is told nothing. */
export const farewell = (reason: DisconnectReason): string => table[reason._tag].farewell ?? ""

/** The leaving line of a client that is disconnected for this reason. */
export const leaving = (reason: DisconnectReason, client: Client): Leaving & { readonly fd: number } =>
  table[reason._tag].leaving(client, reason._tag === "ConnectionFailed" ? reason.code : "")
