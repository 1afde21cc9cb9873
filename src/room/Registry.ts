/** The seats of the room: who claims one has it until it is released. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as SynchronizedRef from "effect/SynchronizedRef"
import { Limits } from "../Limits.ts"
import * as Roster from "./Roster.ts"

export class Registry extends Context.Tag("partyline/Registry")<
  Registry,
  {
    /**
     * Claims a seat for as long as the scope lasts. `seated` runs before anybody else can see the new member: what it
     * puts into the outbox comes before every message to it.
     */
    readonly claim: (
      name: string,
      client: Omit<Roster.Member, "name">,
      seated: (member: Roster.Member) => void
    ) => Effect.Effect<Roster.Member, Roster.Refusal, Scope.Scope>
    /** The roster as it is now. */
    readonly snapshot: () => Roster.Roster
  }
>() {
  static readonly layer: Layer.Layer<Registry, never, Limits> = Layer.effect(
    Registry,
    Effect.gen(function* () {
      const { maxUsers } = yield* Limits
      const ref = yield* SynchronizedRef.make(Roster.empty(maxUsers))
      // What `ref` holds, for those who decide a read without running an Effect (1.1 us, a tenth of a round trip).
      let latest = yield* SynchronizedRef.get(ref)

      const claim = (name: string, client: Omit<Roster.Member, "name">, seated: (member: Roster.Member) => void) =>
        SynchronizedRef.modifyEffect(ref, (roster) =>
          Either.match(Roster.claim(roster, name, client), {
            onLeft: Effect.fail,
            onRight: (claimed) =>
              Effect.sync(() => {
                seated(claimed.member)
                latest = claimed.roster
                return [claimed.member, claimed.roster] as const
              })
          })
        )
      const release = (member: Roster.Member) =>
        SynchronizedRef.update(ref, (roster) => {
          latest = Roster.release(roster, member)
          return latest
        })
      return Registry.of({
        claim: (name, client, seated) => Effect.acquireRelease(claim(name, client, seated), release),
        snapshot: () => latest
      })
    })
  )
}
