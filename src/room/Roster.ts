/** The members of a room: an immutable list in the order of registration. */
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import { isUsername, key, type Username } from "../protocol/Username.ts"

/** A registered client, as others see it. */
export interface Member {
  readonly name: Username
  /** The file descriptor of its socket. */
  readonly fd: number
}

/** The part of a room that a decision reads. */
export interface View<M extends Member> {
  /** In the order of registration. */
  readonly members: ReadonlyArray<Member>
  readonly size: number
  /** The member of that name, in any case. */
  readonly find: (name: string) => M | undefined
}

/** Each kind of room adds to a member how it is reached; what is decided here does not depend on that. */
export interface Roster<M extends Member> extends View<M> {
  /** In the order of registration. */
  readonly members: ReadonlyArray<M>
  readonly byKey: HashMap.HashMap<string, M>
}

const make = <M extends Member>(members: ReadonlyArray<M>, byKey: HashMap.HashMap<string, M>): Roster<M> => ({
  members,
  byKey,
  size: members.length,
  find: (name) => (isUsername(name) ? Option.getOrUndefined(HashMap.get(byKey, key(name))) : undefined)
})

export const empty = <M extends Member>(): Roster<M> => make([], HashMap.empty())

/** The roster with one more member. Nobody in it may have that name. */
export const add = <M extends Member>({ byKey, members }: Roster<M>, member: M): Roster<M> =>
  make([...members, member], HashMap.set(byKey, key(member.name), member))

/** The roster without that member; the same when it has left already, even if another has its name by now. */
export const remove = <M extends Member>(roster: Roster<M>, member: Member): Roster<M> => {
  const members = roster.members.filter((other) => other !== member)
  return members.length === roster.members.length
    ? roster
    : make(members, HashMap.remove(roster.byKey, key(member.name)))
}

/** The roster with another member in the place of one that is in it, with the same name. */
export const replace = <M extends Member>({ byKey, members }: Roster<M>, old: M, member: M): Roster<M> =>
  make(
    members.map((other) => (other === old ? member : other)),
    HashMap.set(byKey, key(member.name), member)
  )
