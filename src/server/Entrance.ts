/** How a connection comes in: counted, its peer known, its handshake done. */
import * as Effect from "effect/Effect"
import { tooManyConnections } from "../connection/DisconnectReason.ts"
import * as Peer from "../net/Peer.ts"
import { StatusLog } from "../status/StatusLog.ts"
import type { Admission, Admittance } from "./Admission.ts"
import * as Deadlines from "./Deadlines.ts"
import { Motd } from "./Motd.ts"
import type { Session } from "./Session.ts"
import type { SessionDeadlines } from "./SessionDeadlines.ts"

/** Makes the function that counts a connection, and lets it in when it is known who it is and that there is room for it. */
export const make = Effect.fnUntraced(function* (admission: Admission, { greeting, registering }: SessionDeadlines) {
  const log = yield* StatusLog
  const motd = yield* Motd

  const announce = ({ connection: { fd, peer } }: Session): void => {
    if (!log.observed) return
    log.record([
      { event: "accepted", fd, peer: Peer.written(peer) },
      { event: "handlerAssigned", fd }
    ])
  }

  return Effect.fnUntraced(function* (session: Session, admittance: Admittance) {
    const { connection } = session
    admission.enter(admittance, connection.fd)
    registering.start(session.deadline)
    if (connection.proxyHeader !== undefined && admittance.verdict !== "cut") {
      yield* Effect.onExit(connection.proxyHeader, () => Effect.sync(() => announce(session)))
    } else announce(session)
    admission.enterFrom(connection.peer.address, admittance, connection.fd)
    if (connection.handshake !== undefined && admittance.verdict !== "cut") yield* connection.handshake
    if (admittance.verdict !== "admitted") yield* tooManyConnections
    if (motd.current !== "") greeting.start(new Deadlines.Deadline(connection))
  })
})
