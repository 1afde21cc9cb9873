/** The one registry of a room in this process: at most `maxUsers` seats, each with a unique name. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as SynchronizedRef from "effect/SynchronizedRef"
import { type DatabaseFull, databaseFull } from "../connection/DisconnectReason.ts"
import type { Outbox } from "../connection/Outbox.ts"
import { Limits } from "../Limits.ts"
import { detached } from "../protocol/Text.ts"
import { isUsername } from "../protocol/Username.ts"
import * as Roster from "./Roster.ts"

/** A member that is connected to this process. */
export interface Seat extends Roster.Member {
  readonly outbox: Outbox
}

/** Another member has that name, in any case. */
export class UsernameTaken extends Data.TaggedError("UsernameTaken")<{ readonly name: string }> {}
/** The name is not 1 to 32 ASCII letters and digits. */
export class InvalidUsername extends Data.TaggedError("InvalidUsername")<{ readonly name: string }> {}

export type Refusal = DatabaseFull | UsernameTaken | InvalidUsername

/** The seat that a client gets, or why it gets none: full comes before taken, taken before invalid. */
export const claim = (
  roster: Roster.Roster<Seat>,
  maxUsers: number,
  name: string,
  { fd, outbox }: Pick<Seat, "fd" | "outbox">
): Either.Either<Seat, Refusal> => {
  if (roster.members.length >= maxUsers) return Either.left(databaseFull)
  if (Roster.find(roster, name) !== undefined) return Either.left(new UsernameTaken({ name }))
  const own = detached(name)
  return isUsername(own) ? Either.right({ name: own, fd, outbox }) : Either.left(new InvalidUsername({ name }))
}

export class Registry extends Context.Tag("partyline/Registry")<
  Registry,
  {
    /** The members as they are now. */
    readonly roster: Effect.Effect<Roster.Roster<Seat>>
    /**
     * Claims a seat, in one step that no other claim or leave can come between. `greet` runs before anybody can see the new
     * member: what it puts into the outbox comes before every message.
     */
    readonly claim: (
      name: string,
      client: Pick<Seat, "fd" | "outbox">,
      greet: (seat: Seat) => Effect.Effect<void>
    ) => Effect.Effect<Seat, Refusal>
    /** Gives the seat back. Doing so again changes nothing. */
    readonly leave: (member: Roster.Member) => Effect.Effect<void>
  }
>() {
  static readonly layer: Layer.Layer<Registry, never, Limits> = Layer.effect(
    Registry,
    Effect.gen(function* () {
      const limits = yield* Limits
      const ref = yield* SynchronizedRef.make(Roster.empty<Seat>())
      return Registry.of({
        roster: SynchronizedRef.get(ref),
        claim: (name, client, greet) =>
          SynchronizedRef.modifyEffect(ref, (roster) =>
            Effect.flatMap(claim(roster, limits.current.maxUsers, name, client), (seat) =>
              Effect.as(greet(seat), [seat, Roster.add(roster, seat)] as const)
            )
          ),
        leave: (member) => SynchronizedRef.update(ref, (roster) => Roster.remove(roster, member))
      })
    })
  )
}
