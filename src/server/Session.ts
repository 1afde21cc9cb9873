/** A connection and its client, as the room, the status page and the traces see them. */
import type * as Effect from "effect/Effect"
import type { Connection } from "../connection/Connection.ts"
import type { DisconnectReason } from "../connection/DisconnectReason.ts"
import type { Outbox } from "../connection/Outbox.ts"
import { Link } from "../LinkedList.ts"
import type { Client } from "../room/Room.ts"
import type { Member } from "../room/Roster.ts"
import type { Leaving } from "../status/StatusEvent.ts"
import { Deadline } from "./Deadlines.ts"

export class Session extends Link implements Client {
  /** Its number, which never repeats: a descriptor may soon be another client's. */
  readonly id: number
  readonly connection: Connection
  /** Bytes that a line of the client may have. Another limit is for those who connect after its change. */
  readonly maxLine: number
  /** The one deadline that runs: to register, then to complete a command, then to close. */
  readonly deadline: Deadline<Connection>
  /** Its seat. Kept when it has left. */
  member: Member | undefined
  /** Milliseconds since 1970 at which it connected or, for a member, registered. */
  since: number
  /** The event of its leaving line, once that is written. */
  ending: Leaving["event"] | undefined

  constructor(id: number, connection: Connection, since: number, maxLine: number) {
    super()
    this.id = id
    this.connection = connection
    this.maxLine = maxLine
    this.deadline = new Deadline(connection)
    this.since = since
  }

  get fd(): number {
    return this.connection.fd
  }

  get outbox(): Outbox {
    return this.connection.outbox
  }

  get isLeaving(): boolean {
    return this.ending !== undefined || this.connection.isDisconnected
  }

  get disconnected(): Effect.Effect<never, DisconnectReason> {
    return this.connection.disconnected
  }

  disconnect(reason: DisconnectReason): void {
    this.connection.disconnect(reason)
  }
}
