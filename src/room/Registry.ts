/** The seats of the room: who claims one has it until it is given back. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import { Limits } from "../Limits.ts"
import * as Roster from "./Roster.ts"

/** A place in the room. */
export interface Seat {
  readonly member: Roster.Member
  /** Gives it back. Doing so again changes nothing. */
  readonly leave: Effect.Effect<void>
}

export class Registry extends Context.Tag("partyline/Registry")<
  Registry,
  {
    /**
     * Claims a seat, to be given back by whoever claimed it. `seated` runs before anybody else can see the new member:
     * what it puts into the outbox comes before every message to it.
     */
    readonly claim: (
      name: string,
      client: Omit<Roster.Member, "name">,
      seated: (member: Roster.Member) => void
    ) => Effect.Effect<Seat, Roster.Refusal>
    /** The roster as it is now. */
    readonly snapshot: () => Roster.Roster
  }
>() {
  static readonly layer: Layer.Layer<Registry, never, Limits> = Layer.effect(
    Registry,
    Effect.gen(function* () {
      const limits = yield* Limits
      const ref = yield* Ref.make(Roster.empty(limits.current.maxUsers))
      // What `ref` holds, for those who decide a read without running an Effect (1.1 us, a tenth of a round trip).
      let latest = yield* Ref.get(ref)

      const leave = (member: Roster.Member) =>
        Ref.update(ref, (roster) => {
          latest = Roster.leave(roster, member)
          return latest
        })

      return Registry.of({
        claim: (name, client, seated) =>
          Effect.flatten(
            Ref.modify(ref, (roster): readonly [Either.Either<Seat, Roster.Refusal>, Roster.Roster] => {
              // The number of seats can change; who has one keeps it.
              const claimed = Roster.claim({ ...roster, cap: limits.current.maxUsers }, name, client)
              if (Either.isLeft(claimed)) return [Either.left(claimed.left), roster]
              const { member } = claimed.right
              seated(member)
              latest = claimed.right.roster
              return [Either.right({ member, leave: leave(member) }), latest]
            })
          ),
        snapshot: () => latest
      })
    })
  )
}
