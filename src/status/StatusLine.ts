/** The text of a status line, and its severity. */
import type { StatusEvent } from "./StatusEvent.ts"

/** The status line of an event, without a timestamp. */
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
  if (status.event === "roomUnavailable") return `Room Unavailable (${status.problem}).`
  if (status.event === "roomAvailable") return "Room Available."
  if (status.event === "leaseLost") return `Lease Lost. Registering ${status.users} Users Again.`
  if (status.event === "roomLost") return `Room Data Lost. Registering ${status.users} Users Again.`
  if (status.event === "operatorBroadcast") return "Operator: BCST"
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
    case "discarded":
      return `${client}: Room Unavailable. Discarding ${status.request}.`
    case "linesDiscarded":
      return `${client}: ${status.lines} Lines Discarded.`
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
    case "removedByOperator":
      return `${client}: Removed by Operator. Disconnecting User.`
    case "httpRequest":
      return `${client}: HTTP Request. Disconnecting User.`
    case "tlsHello":
      return `${client}: TLS Hello. Disconnecting User.`
    case "usernameLost":
      return `${client}: Username Already Taken. Disconnecting User.`
    case "serverShuttingDown":
      return `${client}: Server Shutting Down. Disconnecting User.`
    case "badProxyHeader":
      return `${client}: Bad Proxy Header. Disconnecting User.`
    case "tooManyConnections":
      return `${client}: Too Many Connections. Disconnecting User.`
  }
}

/** Whether the event is logged as a warning. */
export const isTrouble = (status: StatusEvent): boolean =>
  (status.event === "connectionError" && status.silent !== true) ||
  status.event === "slowConsumer" ||
  status.event === "badProxyHeader" ||
  status.event === "openFilesUsedUp" ||
  status.event === "roomUnavailable" ||
  status.event === "leaseLost" ||
  status.event === "usernameLost" ||
  status.event === "linesDiscarded"

/** Whether the event is logged as an error. */
export const isLoss = (status: StatusEvent): boolean => status.event === "roomLost"
