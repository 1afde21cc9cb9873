/** The requests that are not relayed: for a seat, for a key, to leave. */
import * as Effect from "effect/Effect"
import { type DisconnectReason, quit, tooManyAttempts } from "../connection/DisconnectReason.ts"
import { RECLAIMS } from "../Limits.ts"
import * as Reply from "../protocol/Reply.ts"
import type { Next } from "../room/Decision.ts"
import { Room } from "../room/Room.ts"
import type { Member } from "../room/Roster.ts"
import { StatusLog } from "../status/StatusLog.ts"
import type { Session } from "./Session.ts"
import type { Waiting } from "./Waiting.ts"

type Reclaim = Extract<Next, { readonly _tag: "Reclaim" }>

/** Makes the function that does what the room has decided comes next. It succeeds with the number of refused RECLAIMs. */
export const make = Effect.fnUntraced(function* ({ answer }: Waiting) {
  const room = yield* Room
  const log = yield* StatusLog
  const clock = yield* Effect.clock

  const seat = (session: Session, member: Member) =>
    Effect.sync(() => {
      session.member = member
      session.since = clock.unsafeCurrentTimeMillis()
      session.deadline.unlink()
    })

  /** Claims a seat. A refusal is answered; a full database is the end, and so is a disconnect meanwhile. */
  const join = (session: Session, name: string): Effect.Effect<void, DisconnectReason> =>
    Effect.matchEffect(room.join(name, session), {
      onSuccess: (member) => seat(session, member),
      onFailure: (why) => {
        switch (why._tag) {
          case "UsernameTaken":
            return refuse(session, "usernameTaken", Reply.usernameTaken(name))
          case "InvalidUsername":
            return refuse(session, "invalidUsername", Reply.invalidUsername(name))
          case "RoomUnavailable":
            return discard(session, "JOIN")
          default:
            return Effect.fail(why)
        }
      }
    })

  const refuse = (
    session: Session,
    event: "usernameTaken" | "invalidUsername" | "unableToReclaim",
    reply: string
  ): Effect.Effect<void, DisconnectReason> => {
    log.record([{ event, fd: session.fd }])
    return answer(session, reply)
  }

  /** Answers a command that needs an engine which cannot be reached. */
  const discard = (session: Session, request: "JOIN" | "RECLAIM" | "KEY"): Effect.Effect<void, DisconnectReason> => {
    log.record([{ event: "discarded", fd: session.fd, request }])
    return answer(session, Reply.discarded(request))
  }

  /** Claims the seat of a lost connection. Too many refusals are the end. */
  const reclaim = (
    session: Session,
    { key, name }: Reclaim,
    refusals: number
  ): Effect.Effect<number, DisconnectReason> =>
    Effect.matchEffect(room.reclaim(name, key, session), {
      onSuccess: (member) => Effect.as(seat(session, member), refusals),
      onFailure: (why) => {
        if (why._tag === "RoomUnavailable") return Effect.as(discard(session, "RECLAIM"), refusals)
        if (why._tag !== "UnableToReclaim") return Effect.fail(why)
        const refused = refuse(session, "unableToReclaim", Reply.unableToReclaim(name))
        return Effect.zipRight(refused, refusals + 1 < RECLAIMS ? Effect.succeed(refusals + 1) : tooManyAttempts)
      }
    })

  /** Answers a member with a new key for its seat. */
  const makeKey = (session: Session, member: Member): Effect.Effect<void, DisconnectReason> =>
    Effect.matchEffect(room.makeKey(member), {
      onSuccess: (key) => answer(session, Reply.key(key)),
      onFailure: (why) => (why._tag === "RoomUnavailable" ? discard(session, "KEY") : Effect.fail(why))
    })

  return (session: Session, next: Next, refusals: number): Effect.Effect<number, DisconnectReason> => {
    switch (next._tag) {
      case "Continue":
        return Effect.succeed(refusals)
      case "Quit":
        return quit
      case "Join":
        return Effect.as(join(session, next.name), refusals)
      case "Key":
        return Effect.as(session.member === undefined ? Effect.void : makeKey(session, session.member), refusals)
      case "Reclaim":
        return reclaim(session, next, refusals)
    }
  }
})
