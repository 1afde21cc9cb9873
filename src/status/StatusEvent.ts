/** Status events: what happened to the server and its clients, as data. StatusLine.ts has their text. */
import type { Username } from "../protocol/Username.ts"

/** Names of requests in the status log. */
export type Request = "LIST" | "MESG" | "BCST" | "PING" | "HELP" | "WATCH" | "UNWATCH" | "KEY" | "UNKNOWN Message"

/** The peer address of the client, for endings that abuse can cause. The status line does not show it. */
interface From {
  readonly peer?: string
}

/** Why a connection ended. Each connection has exactly one such event, its last. */
export type Leaving =
  | { readonly event: "quit"; readonly registered: boolean }
  | ({ readonly event: "databaseFull" } & From)
  | { readonly event: "connectionClosed" }
  /** `silent`: the client had not sent a byte, as a health probe or a port scan. */
  | ({ readonly event: "connectionError"; readonly code: string; readonly silent?: true } & From)
  | ({ readonly event: "slowConsumer" } & From)
  | ({ readonly event: "registrationTimedOut" } & From)
  | { readonly event: "idleTooLong" }
  | { readonly event: "serverShuttingDown" }
  | { readonly event: "sessionReclaimed" }
  | ({ readonly event: "tooManyAttempts" } & From)
  | ({ readonly event: "removedByOperator" } & From)
  | ({ readonly event: "httpRequest" } & From)
  | ({ readonly event: "tlsHello" } & From)
  | { readonly event: "usernameLost" }
  | ({ readonly event: "tooManyConnections" } & From)
  | ({ readonly event: "badProxyHeader" } & From)

/** An event of the server, or of the client with descriptor `fd`. No event contains the text of a message. */
export type StatusEvent =
  | { readonly event: "starting"; readonly version: string; readonly pid: number }
  | { readonly event: "stopped" }
  | { readonly event: "listening"; readonly host: string; readonly port: number; readonly secure?: boolean }
  | { readonly event: "openFilesUsedUp"; readonly limit: number }
  /** The engine of a room over many machines cannot be reached, or can be again. */
  | { readonly event: "roomUnavailable"; readonly problem: string }
  | { readonly event: "roomAvailable" }
  /** The engine does not know this node's users any more; they are registered again. */
  | { readonly event: "leaseLost"; readonly users: number }
  | { readonly event: "roomLost"; readonly users: number }
  | { readonly event: "operatorBroadcast" }
  | ({ readonly fd: number } & (
      | { readonly event: "accepted"; readonly peer: string }
      | { readonly event: "handlerAssigned" }
      | { readonly event: "request"; readonly request: Request; readonly recipient?: string }
      | { readonly event: "unregisteredRequest"; readonly request: Request }
      | { readonly event: "joined"; readonly name: Username }
      | { readonly event: "reclaimed"; readonly name: Username }
      | { readonly event: "unableToReclaim" }
      | { readonly event: "alreadyRegistered"; readonly request: "JOIN" | "RECLAIM" }
      | { readonly event: "usernameTaken" }
      | { readonly event: "invalidUsername" }
      | { readonly event: "unknownRecipient"; readonly recipient: string }
      | { readonly event: "unrecognizable" }
      | { readonly event: "tooLong" }
      | { readonly event: "discarded"; readonly request: Request | "JOIN" | "RECLAIM" }
      | { readonly event: "linesDiscarded"; readonly lines: number }
      | { readonly event: "quitRequested" }
      | Leaving
    ))
