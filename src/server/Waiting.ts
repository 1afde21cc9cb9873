/** A session waits: for room at recipients, for its own answer, or because it sends too fast. */
import * as Effect from "effect/Effect"
import type { DisconnectReason } from "../connection/DisconnectReason.ts"
import { Metrics } from "../status/Metrics.ts"
import type { Session } from "./Session.ts"

export const make = Effect.gen(function* () {
  const metrics = yield* Metrics
  const clock = yield* Effect.clock

  /** Waits, unless the client is disconnected. A member is not idle meanwhile. */
  const waitFor = (session: Session, wait: Effect.Effect<void>): Effect.Effect<void, DisconnectReason> =>
    Effect.suspend(() => {
      if (session.member !== undefined) session.deadline.unlink()
      return Effect.raceFirst(wait, session.connection.disconnected)
    })

  /** Waits, and counts the seconds. */
  const counted = (
    session: Session,
    wait: Effect.Effect<void>,
    counter: "waitSeconds" | "floodDelaySeconds"
  ): Effect.Effect<void, DisconnectReason> =>
    Effect.suspend(() => {
      const began = clock.unsafeCurrentTimeNanos()
      return Effect.ensuring(
        waitFor(session, wait),
        Effect.sync(() => {
          metrics[counter] += Number(clock.unsafeCurrentTimeNanos() - began) / 1e9
        })
      )
    })

  /** Waits for room: for the client's lines at recipients, or for its answer. The metrics count it. */
  const forRoom = (session: Session, room: Effect.Effect<void>): Effect.Effect<void, DisconnectReason> =>
    Effect.suspend(() => {
      metrics.waits++
      return counted(session, room, "waitSeconds")
    })

  /** Answers the client, and waits until it has room for the answer. */
  const answer = (session: Session, text: string): Effect.Effect<void, DisconnectReason> =>
    Effect.suspend(() => {
      const room = session.outbox.reply(text)
      return room === undefined ? Effect.void : forRoom(session, room)
    })

  /** Waits until the rate limit lets the client go on. */
  const forRate = (session: Session, refilled: Effect.Effect<void>): Effect.Effect<void, DisconnectReason> =>
    counted(session, refilled, "floodDelaySeconds")

  return { forRoom, forRate, answer }
})

export type Waiting = Effect.Effect.Success<typeof make>
