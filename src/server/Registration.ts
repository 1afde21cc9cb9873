/** What a client asks of the room beside relaying: a seat, a key, to watch, to leave. */
import * as Effect from "effect/Effect"
import { type DisconnectReason, quit, tooManyAttempts } from "../connection/DisconnectReason.ts"
import { RECLAIMS } from "../Limits.ts"
import * as Reply from "../protocol/Reply.ts"
import type { Next } from "../room/Decision.ts"
import type { InvalidUsername, UsernameTaken } from "../room/Registry.ts"
import { Room } from "../room/Room.ts"
import type { Member } from "../room/Roster.ts"
import { StatusLog } from "../status/StatusLog.ts"
import type { Session } from "./Session.ts"
import type { SessionDeadlines } from "./SessionDeadlines.ts"
import type { Waiting } from "./Waiting.ts"

type Reclaim = Extract<Next, { readonly _tag: "Reclaim" }>

/** Makes the function that does what the room has decided comes next. `refusals` counts the attempts to RECLAIM. */
export const make = Effect.fnUntraced(function* ({ answer }: Waiting, { idling }: SessionDeadlines) {
  const room = yield* Room
  const log = yield* StatusLog
  const clock = yield* Effect.clock

  const seat = (session: Session, member: Member) =>
    Effect.sync(() => {
      session.member = member
      session.since = clock.unsafeCurrentTimeMillis()
      idling.start(session.deadline)
    })

  /** Claims a seat. A refusal is answered; only a full database is the end. */
  const join = (session: Session, name: string): Effect.Effect<void, DisconnectReason> =>
    Effect.matchEffect(room.join(name, session), {
      onSuccess: (member) => seat(session, member),
      onFailure: (refusal) => (refusal._tag === "DatabaseFull" ? Effect.fail(refusal) : refuse(session, refusal))
    })

  const refuse = (
    session: Session,
    refusal: UsernameTaken | InvalidUsername
  ): Effect.Effect<void, DisconnectReason> => {
    const isTaken = refusal._tag === "UsernameTaken"
    log.record([{ event: isTaken ? "usernameTaken" : "invalidUsername", fd: session.fd }])
    return answer(session, isTaken ? Reply.usernameTaken(refusal.name) : Reply.invalidUsername(refusal.name))
  }

  /** Claims the seat of a lost connection. Too many wrong keys are the end. */
  const reclaim = (session: Session, { key, name }: Reclaim, refusals: number): Effect.Effect<void, DisconnectReason> =>
    Effect.matchEffect(room.reclaim(name, key, session), {
      onSuccess: (member) => seat(session, member),
      onFailure: () => {
        log.record([{ event: "unableToReclaim", fd: session.fd }])
        const answered = answer(session, Reply.unableToReclaim(name))
        return refusals < RECLAIMS ? answered : Effect.zipRight(answered, tooManyAttempts)
      }
    })

  return (session: Session, next: Next, refusals: number): Effect.Effect<void, DisconnectReason> => {
    switch (next._tag) {
      case "Continue":
        return Effect.void
      case "Quit":
        return quit
      case "Join":
        return join(session, next.name)
      case "Reclaim":
        return reclaim(session, next, refusals)
      case "Watch":
        return room.watch(session, next.isOn)
      case "Key":
        return session.member === undefined
          ? Effect.void
          : Effect.flatMap(room.makeKey(session.member), (key) => answer(session, Reply.key(key)))
    }
  }
})
