/** Every line that an operator can read about a client: what happened, as data, and how it is said. */
import type { Username } from "../protocol/Username.ts"

/** What a request asked for, as the log names it. */
export type Request = "LIST" | "MESG" | "BCST" | "PING" | "HELP" | "WATCH" | "UNWATCH" | "KEY" | "UNKNOWN Message"

/** Where the client was, with those endings that can be the doing of somebody unwelcome. The line does not show it. */
interface From {
  readonly peer?: string
}

/** Why a connection ended. Exactly one of these closes the story of each connection. */
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
  | ({ readonly event: "httpRequest" } & From)
  | ({ readonly event: "tlsHello" } & From)
  | ({ readonly event: "tooManyConnections" } & From)
  | ({ readonly event: "badProxyHeader" } & From)

/** Something that happened to the client whose socket's file descriptor is `fd`. No event holds a message's text. */
export type StatusEvent =
  | { readonly event: "starting"; readonly version: string; readonly pid: number }
  | { readonly event: "stopped" }
  | { readonly event: "listening"; readonly host: string; readonly port: number; readonly secure?: boolean }
  | { readonly event: "openFilesUsedUp"; readonly limit: number }
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
      | { readonly event: "quitRequested" }
      | Leaving
    ))

/** The line for the operator, without a timestamp. */
export const render = (status: StatusEvent): string => {
  if (status.event === "starting") return `Starting partyline ${status.version} (process ${status.pid})`
  if (status.event === "stopped") return "Stopped"
  if (status.event === "listening") {
    const host = status.host.includes(":") ? `[${status.host}]` : status.host
    return `Waiting for Incoming Connections on ${host}:${status.port}${status.secure === true ? " (TLS)" : ""}`
  }
  if (status.event === "openFilesUsedUp") {
    return `Open Files Used Up (Limit ${status.limit}). Refusing New Connections.`
  }
  const client = `Client (${status.fd})`
  switch (status.event) {
    case "accepted":
      return `${client}: Connection Accepted`
    case "handlerAssigned":
      return `${client}: Connection Handler Assigned`
    case "request":
      return status.recipient === undefined
        ? `${client}: ${status.request}`
        : `${client}: ${status.request} ${status.recipient}`
    case "unregisteredRequest":
      return `Unable to Locate ${client} in Database. Discarding ${status.request}.`
    case "joined":
      return `${client}: JOIN ${status.name}`
    case "alreadyRegistered":
      return `${client}: User Already Registered. Discarding ${status.request}.`
    case "reclaimed":
      return `${client}: RECLAIM ${status.name}`
    case "unableToReclaim":
      return `${client}: Unable to Reclaim. Discarding RECLAIM.`
    case "usernameTaken":
      return `${client}: Username Already Taken. Discarding JOIN.`
    case "invalidUsername":
      return `${client}: Invalid Username. Discarding JOIN.`
    case "unknownRecipient":
      return `Unable to Locate Recipient (${status.recipient}) in Database. Discarding MESG.`
    case "unrecognizable":
      return `${client}: Unrecognizable Message. Discarding UNKNOWN Message.`
    case "tooLong":
      return `${client}: Message Too Long. Discarding Message.`
    case "quitRequested":
      return `${client}: QUIT`
    case "quit":
      return status.registered
        ? `${client}: Disconnecting User.`
        : `Unable to Locate ${client} in Database. Disconnecting User.`
    case "databaseFull":
      return `${client}: Database Full. Disconnecting User.`
    case "connectionClosed":
      return `${client}: Connection Closed. Disconnecting User.`
    case "connectionError":
      return `${client}: Connection Error (${status.code}). Disconnecting User.`
    case "slowConsumer":
      return `${client}: Slow Consumer. Disconnecting User.`
    case "registrationTimedOut":
      return `${client}: Registration Timed Out. Disconnecting User.`
    case "idleTooLong":
      return `${client}: Idle Too Long. Disconnecting User.`
    case "sessionReclaimed":
      return `${client}: Session Reclaimed. Disconnecting User.`
    case "tooManyAttempts":
      return `${client}: Too Many Attempts. Disconnecting User.`
    case "httpRequest":
      return `${client}: HTTP Request. Disconnecting User.`
    case "tlsHello":
      return `${client}: TLS Hello. Disconnecting User.`
    case "serverShuttingDown":
      return `${client}: Server Shutting Down. Disconnecting User.`
    case "badProxyHeader":
      return `${client}: Bad Proxy Header. Disconnecting User.`
    case "tooManyConnections":
      return `${client}: Too Many Connections. Disconnecting User.`
  }
}

/** Whether an operator who only wants to hear of trouble should read this. */
export const isTrouble = (status: StatusEvent): boolean =>
  (status.event === "connectionError" && status.silent !== true) ||
  status.event === "slowConsumer" ||
  status.event === "badProxyHeader" ||
  status.event === "openFilesUsedUp"
