/** The seats of the room: who claims one has it until it is released. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as SynchronizedRef from "effect/SynchronizedRef"
import { Limits } from "../Limits.ts"
import * as Roster from "./Roster.ts"

export class Registry extends Context.Tag("partyline/Registry")<
  Registry,
  {
    /**
     * Claims a seat for as long as the scope lasts, and longer while `owing` then says what the member's lines still
     * wait for. `seated` runs before anybody else can see the new member: what it
     * puts into the outbox comes before every message to it.
     */
    readonly claim: (
      name: string,
      client: Omit<Roster.Member, "name">,
      seated: (member: Roster.Member) => void,
      owing: () => Effect.Effect<void> | undefined
    ) => Effect.Effect<Roster.Member, Roster.Refusal, Scope.Scope>
    /** The roster as it is now. */
    readonly snapshot: () => Roster.Roster
  }
>() {
  static readonly layer: Layer.Layer<Registry, never, Limits> = Layer.scoped(
    Registry,
    Effect.gen(function* () {
      const { maxUsers } = yield* Limits
      const scope = yield* Effect.scope
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
      const update = (f: (roster: Roster.Roster) => Roster.Roster) =>
        SynchronizedRef.update(ref, (roster) => {
          latest = f(roster)
          return latest
        })
      const release = (member: Roster.Member, owing: Effect.Effect<void> | undefined) => {
        if (owing === undefined) return update((roster) => Roster.leave(roster, member, false))
        return Effect.zipRight(
          update((roster) => Roster.leave(roster, member, true)),
          Effect.forkIn(Effect.zipRight(owing, update(Roster.free)), scope)
        )
      }
      return Registry.of({
        // Not acquireRelease: it also restores fiber references, of which a release needs none, for 20 us a client.
        claim: (name, client, seated, owing) =>
          Effect.flatMap(Effect.scope, (seat) =>
            claim(name, client, seated).pipe(
              Effect.tap((member) =>
                Scope.addFinalizer(
                  seat,
                  Effect.suspend(() => release(member, owing()))
                )
              ),
              Effect.uninterruptible
            )
          ),
        snapshot: () => latest
      })
    })
  )
}
