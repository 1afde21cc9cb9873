/** Who has a seat: an immutable list in the order of registration. */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import type { Outbox } from "../connection/Outbox.ts"
import { detached } from "../protocol/Text.ts"
import { isUsername, key, type Username } from "../protocol/Username.ts"

/** A registered client. */
export interface Member {
  readonly name: Username
  /** The file descriptor of its socket. */
  readonly fd: number
  readonly outbox: Outbox
}

/** Every seat is taken. */
export class DatabaseFull extends Data.TaggedError("DatabaseFull")<{}> {}
/** Somebody has that name, in whatever case. */
export class UsernameTaken extends Data.TaggedError("UsernameTaken")<{ readonly name: string }> {}
/** The name is not 1 to 32 ASCII letters and digits. */
export class InvalidUsername extends Data.TaggedError("InvalidUsername")<{ readonly name: string }> {}

const databaseFull = new DatabaseFull()

export type Refusal = DatabaseFull | UsernameTaken | InvalidUsername

export interface Roster {
  /** The number of seats. */
  readonly cap: number
  /** In the order of registration. */
  readonly members: ReadonlyArray<Member>
  readonly byKey: HashMap.HashMap<string, Member>
}

export const empty = (cap: number): Roster => ({ cap, members: [], byKey: HashMap.empty() })

/** The member of that name, in whatever case. */
export const find = (roster: Roster, name: string): Member | undefined =>
  isUsername(name) ? Option.getOrUndefined(HashMap.get(roster.byKey, key(name))) : undefined

/** The roster with one more member, or why there is none: full before taken before invalid. */
export const claim = (
  roster: Roster,
  name: string,
  client: Omit<Member, "name">
): Either.Either<{ readonly roster: Roster; readonly member: Member }, Refusal> => {
  if (roster.members.length >= roster.cap) return Either.left(databaseFull)
  if (find(roster, name) !== undefined) return Either.left(new UsernameTaken({ name }))
  const own = detached(name)
  if (!isUsername(own)) return Either.left(new InvalidUsername({ name }))
  const member: Member = { name: own, fd: client.fd, outbox: client.outbox }
  return Either.right({
    member,
    roster: {
      cap: roster.cap,
      members: [...roster.members, member],
      byKey: HashMap.set(roster.byKey, key(own), member)
    }
  })
}

/** The roster without that member. One who has left already changes nothing. */
export const leave = (roster: Roster, member: Member): Roster =>
  roster.members.includes(member)
    ? {
        cap: roster.cap,
        members: roster.members.filter((other) => other !== member),
        byKey: HashMap.remove(roster.byKey, key(member.name))
      }
    : roster
