/** The members of the room, on this node and on others, as far as the inbox has told. */
import type { Outbox } from "../connection/Outbox.ts"
import { key } from "../protocol/Username.ts"
import type { Client } from "../room/Room.ts"
import type { Member as AnyMember } from "../room/Roster.ts"
import type { NodeUsers } from "../status/Metrics.ts"
import type * as Entry from "./Entry.ts"

/** A member that is connected to this node. */
export interface Local extends Entry.Seat {
  readonly client: Client
  readonly outbox: Outbox
}

export type Member = Entry.Seat | Local

/** Whether two are one seat, and not only one name. */
export const isSame = (one: Pick<Entry.Seat, "node" | "token">, other: Pick<Entry.Seat, "node" | "token">): boolean =>
  one.token === other.token && one.node === other.node

export class Members {
  /** By folded name. */
  private readonly byKey = new Map<string, Member>()
  /** The seats of this node, by token, until they are given back. */
  readonly locals = new Map<string, Local>()
  /** The same seats, to be iterated again and again. */
  readonly here: Iterable<Local> = { [Symbol.iterator]: () => this.locals.values() }
  /**
   * The seats of this node whose clients have asked to WATCH; their outboxes know whether they still do. Looking for them
   * among all seats at each change of a large room would take most of the time.
   */
  readonly watching = new Set<Local>()
  private list: ReadonlyArray<Member> | undefined

  /** In the order of registration. */
  get members(): ReadonlyArray<Member> {
    this.list ??= [...this.byKey.values()].sort((one, other) => one.order - other.order)
    return this.list
  }

  get size(): number {
    return this.byKey.size
  }

  /** The number of members on each node, and the names of the first `most` of them; the given node first. */
  byNode(first: string, most: number): ReadonlyArray<NodeUsers> {
    const nodes = new Map<string, { node: string; users: number; names: Array<string> }>()
    nodes.set(first, { node: first, users: 0, names: [] })
    for (const { name, node } of this.members) {
      const known = nodes.get(node) ?? { node, users: 0, names: [] }
      nodes.set(node, known)
      if (++known.users <= most) known.names.push(name)
    }
    return [...nodes.values()]
  }

  /** The member with that folded name. */
  get(folded: string): Member | undefined {
    return this.byKey.get(folded)
  }

  /** The seat of this node with that folded name, unless it has been given back. */
  localOf(folded: string): Local | undefined {
    return this.held(this.byKey.get(folded))
  }

  /** The seat of this node that this member has, unless it has been given back. */
  held(member: AnyMember | undefined): Local | undefined {
    const local = member !== undefined && "token" in member ? this.locals.get(String(member.token)) : undefined
    return local === member ? local : undefined
  }

  /** Adds a member, in the place of the one with that name. */
  put(member: Member): void {
    this.byKey.set(key(member.name), member)
    this.list = undefined
  }

  /** This node holds the seat no more. Returns it, if it was held. */
  release(token: string): Local | undefined {
    const local = this.locals.get(token)
    if (local === undefined) return undefined
    this.locals.delete(token)
    this.watching.delete(local)
    return local
  }

  /** Removes the seat, if it still has its name. */
  remove(seat: Pick<Entry.Seat, "node" | "token" | "name">): boolean {
    const folded = key(seat.name)
    const member = this.byKey.get(folded)
    if (member === undefined || !isSame(member, seat)) return false
    this.list = undefined
    return this.byKey.delete(folded)
  }
}
