/** The one registry of a room in this process: at most `maxUsers` seats, each with a unique name. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as HashMap from "effect/HashMap"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as SynchronizedRef from "effect/SynchronizedRef"
import { type DatabaseFull, type DisconnectReason, databaseFull } from "../connection/DisconnectReason.ts"
import type { Outbox } from "../connection/Outbox.ts"
import { Limits } from "../Limits.ts"
import { detached } from "../protocol/Text.ts"
import { isUsername, key } from "../protocol/Username.ts"
import * as Roster from "./Roster.ts"

/** A client that is connected to this process. */
export interface Client {
  readonly fd: number
  readonly outbox: Outbox
  /** Whether it is being disconnected. */
  readonly isLeaving: boolean
  readonly disconnect: (reason: DisconnectReason) => void
}

/** A member that is connected to this process. */
export interface Seat extends Roster.Member {
  readonly outbox: Outbox
  readonly client: Client
}

/** Another member has that name, in any case. */
export class UsernameTaken extends Data.TaggedError("UsernameTaken")<{ readonly name: string }> {
  override get message(): string {
    return `the name ${JSON.stringify(this.name)} is taken`
  }
}

/** The name is not 1 to 32 ASCII letters and digits. */
export class InvalidUsername extends Data.TaggedError("InvalidUsername")<{ readonly name: string }> {
  override get message(): string {
    return `the name ${JSON.stringify(this.name)} is not 1 to 32 ASCII letters and digits`
  }
}

/** There is no such member, or that is not its key, or it is leaving. */
export class UnableToReclaim extends Data.TaggedError("UnableToReclaim")<{ readonly name: string }> {
  override get message(): string {
    return `the name ${JSON.stringify(this.name)} cannot be reclaimed with this key`
  }
}

export type Refusal = DatabaseFull | UsernameTaken | InvalidUsername

/** The seat that a client gets, or why it gets none: full comes before taken, taken before invalid. */
export const claim = (
  roster: Roster.Roster<Seat>,
  maxUsers: number,
  name: string,
  client: Client
): Either.Either<Seat, Refusal> => {
  if (roster.members.length >= maxUsers) return Either.left(databaseFull)
  if (roster.find(name) !== undefined) return Either.left(new UsernameTaken({ name }))
  const own = detached(name)
  return isUsername(own)
    ? Either.right({ name: own, fd: client.fd, outbox: client.outbox, client })
    : Either.left(new InvalidUsername({ name }))
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
      client: Client,
      greet: (seat: Seat, others: ReadonlyArray<Seat>) => Effect.Effect<void>
    ) => Effect.Effect<Seat, Refusal>
    /** Gives the seat back, and then says so to those who stay. Giving it back again changes nothing. */
    readonly leave: (
      member: Roster.Member,
      tell: (others: ReadonlyArray<Seat>) => Effect.Effect<void>
    ) => Effect.Effect<void>
    /** Gives the member a new key, the only one that is valid. */
    readonly makeKey: (member: Roster.Member) => Effect.Effect<string>
    /**
     * Gives the seat of that name and key to another client, and uses the key up. `greet` runs before anybody can see the
     * change.
     */
    readonly reclaim: (
      name: string,
      key: string,
      client: Client,
      greet: (seat: Seat, former: Seat) => Effect.Effect<void>
    ) => Effect.Effect<Seat, UnableToReclaim>
  }
>() {
  static readonly layer: Layer.Layer<Registry, never, Limits> = Layer.effect(
    Registry,
    Effect.gen(function* () {
      const limits = yield* Limits
      const ref = yield* SynchronizedRef.make(Roster.empty<Seat>())
      /** The keys of the members who asked for one, by folded name. A key is used up or removed in a step of the roster. */
      const keys = yield* Ref.make(HashMap.empty<string, string>())
      const removeKey = ({ name }: Roster.Member) => Ref.update(keys, HashMap.remove(key(name)))
      return Registry.of({
        roster: SynchronizedRef.get(ref),
        claim: (name, client, greet) =>
          SynchronizedRef.modifyEffect(ref, (roster) =>
            Effect.flatMap(claim(roster, limits.current.maxUsers, name, client), (seat) =>
              Effect.as(greet(seat, roster.members), [seat, Roster.add(roster, seat)] as const)
            )
          ),
        leave: (member, tell) =>
          SynchronizedRef.updateEffect(ref, (roster) => {
            const rest = Roster.remove(roster, member)
            return rest === roster
              ? Effect.succeed(roster)
              : Effect.as(Effect.zipRight(removeKey(member), tell(rest.members)), rest)
          }),
        makeKey: ({ name }) =>
          Effect.suspend(() => {
            const fresh = randomKey()
            return Effect.as(Ref.update(keys, HashMap.set(key(name), fresh)), fresh)
          }),
        reclaim: (name, given, client, greet) =>
          SynchronizedRef.modifyEffect(
            ref,
            Effect.fnUntraced(function* (roster) {
              const former = roster.find(name)
              const valid = former && Option.getOrUndefined(HashMap.get(yield* Ref.get(keys), key(former.name)))
              if (former === undefined || valid === undefined || !isSame(valid, given) || former.client.isLeaving) {
                return yield* new UnableToReclaim({ name })
              }
              yield* removeKey(former)
              const seat: Seat = { name: former.name, fd: client.fd, outbox: client.outbox, client }
              yield* greet(seat, former)
              return [seat, Roster.replace(roster, former, seat)] as const
            })
          )
      })
    })
  )
}

const KEY_BYTES = 16

/** 32 lower-case hexadecimal digits from a secure random source. */
export const randomKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES)), (byte) => byte.toString(16).padStart(2, "0")).join("")

/** Whether two keys are the same, in a time that tells nothing about where they differ. */
const isSame = (valid: string, given: string): boolean => {
  let difference = valid.length ^ given.length
  for (let index = 0; index < valid.length; index++) difference |= valid.charCodeAt(index) ^ given.charCodeAt(index)
  return difference === 0
}
