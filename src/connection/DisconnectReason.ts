/** Why a session is over, and who is told what about it. */
import * as Data from "effect/Data"
import * as Peer from "../net/Peer.ts"
import * as Reply from "../protocol/Reply.ts"
import type { DatabaseFull } from "../room/Roster.ts"
import type { Leaving, StatusEvent } from "../status/StatusEvent.ts"
import type { Connection, Departure } from "./Connection.ts"

/** The client asked to go. */
export class Quit extends Data.TaggedError("Quit")<{}> {}
/** The one there need be. */
export const quit = new Quit()

/** Why a session is over. */
export type Ending = Departure | Quit | DatabaseFull

/** What a client is told when its session ends, where that is not for it to know already. */
export const farewells: { readonly [Tag in Ending["_tag"]]?: string } = {
  DatabaseFull: Reply.tooManyUsers,
  RegistrationTimedOut: Reply.registrationTimedOut,
  IdleTooLong: Reply.idleTooLong,
  ServerShuttingDown: Reply.serverShuttingDown,
  TooManyConnections: Reply.tooManyConnections
}

/** The leaving line of a session that ended so. */
export const leaving = (ending: Ending, connection: Connection, registered: boolean): StatusEvent & Leaving => {
  const { fd } = connection
  const peer = Peer.written(connection.peer)
  switch (ending._tag) {
    case "Quit":
      return { event: "quit", fd, registered }
    case "DatabaseFull":
      return { event: "databaseFull", fd, peer }
    case "EndOfInput":
      return { event: "connectionClosed", fd }
    case "ConnectionFailed":
      return { event: "connectionError", fd, code: ending.code, peer }
    case "SlowConsumer":
      return { event: "slowConsumer", fd, peer }
    case "RegistrationTimedOut":
      return { event: "registrationTimedOut", fd, peer }
    case "IdleTooLong":
      return { event: "idleTooLong", fd }
    case "ServerShuttingDown":
      return { event: "serverShuttingDown", fd }
    case "BadProxyHeader":
      return { event: "badProxyHeader", fd, peer }
    case "TooManyConnections":
      return { event: "tooManyConnections", fd, peer }
  }
}
