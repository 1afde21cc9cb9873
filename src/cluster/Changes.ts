/** Changes of the room, in the order in which the engine made them: who joins, leaves, and moves to another connection. */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { SessionReclaimed } from "../connection/DisconnectReason.ts"
import { Outbox } from "../connection/Outbox.ts"
import * as Reply from "../protocol/Reply.ts"
import { key } from "../protocol/Username.ts"
import type { Client, RoomUnavailable } from "../room/Room.ts"
import type { StatusEvent } from "../status/StatusEvent.ts"
import type * as Entry from "./Entry.ts"
import type { Local, Member, Members } from "./Members.ts"

/** A client that has asked for a seat. */
export interface Asking {
  readonly client: Client
  /** Succeeds when the seat is the client's. */
  readonly seated: Deferred.Deferred<Seated, RoomUnavailable>
}

export interface Seated {
  readonly local: Local
  /** Succeeds when the leaving line of the connection that had the seat is written. Absent if that was on another node. */
  readonly left: Deferred.Deferred<void> | undefined
}

export interface Changes {
  /** Clients that wait for their seat, by the token that it will have. */
  readonly asking: Map<string, Asking>
  readonly joined: (seat: Entry.Seat) => void
  readonly left: (seat: Pick<Entry.Seat, "node" | "token" | "name">) => void
  readonly reclaimed: (seat: Entry.Seat) => void
  /** Ends the connection of a seat that has been reclaimed at another node. What waited for it is dropped, and counted in the log. */
  readonly lost: (local: Local) => void
}

export interface Dependencies {
  readonly node: string
  readonly members: Members
  readonly record: (event: StatusEvent) => void
  /** Gives back a seat of this node for which no client waits. */
  readonly unwanted: (seat: Entry.Seat) => void
  /** Whether clients here are told that the user of the seat has left. */
  readonly isTold: (seat: Pick<Entry.Seat, "node" | "token">) => boolean
}

export const make = ({ isTold, members, node, record, unwanted }: Dependencies): Changes => {
  const asking = new Map<string, Asking>()
  const { locals } = members

  /** Tells everybody here who WATCHes, after all that the member had sent them. */
  const notify = (notice: string, member: string) => {
    for (const { outbox } of members.watching) outbox.notify(notice, member)
  }

  /** The seat that a client has waited for, not yet a member. */
  const sit = (seat: Entry.Seat, { client }: Asking): Local => ({ ...seat, client, outbox: client.outbox })

  const enter = (local: Local, { seated }: Asking, left: Seated["left"]) => {
    members.put(local)
    locals.set(local.token, local)
    asking.delete(local.token)
    Deferred.unsafeDone(seated, Exit.succeed({ local, left }))
  }

  /** Says that somebody has joined, perhaps in the place of a member who was believed to have that name, and has left. */
  const announce = (seat: Entry.Seat) => {
    const before = members.get(key(seat.name))
    if (before !== undefined && before.order === seat.order) return
    if (before !== undefined) notify(Reply.leftNotice(before.name), before.name)
    notify(Reply.joinedNotice(seat.name), seat.name)
  }

  /** Ends the connection that had the seat. Its lines go to `heir`, or are dropped and their number is logged. */
  const evict = (former: Member | undefined, heir: Outbox | undefined): Seated["left"] => {
    const local = former === undefined ? undefined : locals.get(former.token)
    if (local === undefined || local !== former) return undefined
    members.release(local.token)
    const { client, outbox } = local
    const left = client.isLeaving ? undefined : Deferred.unsafeMake<void>(FiberId.none)
    const disconnect = () => {
      if (left !== undefined) client.disconnect(new SessionReclaimed({ left }))
    }
    if (heir !== undefined) outbox.moveTo(heir, disconnect)
    else {
      const bin = makeBin()
      outbox.moveTo(bin, () => {
        const lines = linesIn(bin)
        if (lines > 0) record({ event: "linesDiscarded", fd: local.fd, lines })
        disconnect()
      })
    }
    return left
  }

  return {
    asking,
    lost: (local) => void evict(local, undefined),
    joined: (seat) => {
      if (seat.node !== node) {
        announce(seat)
        return members.put(seat)
      }
      const waiting = asking.get(seat.token)
      if (waiting !== undefined) {
        const local = sit(seat, waiting)
        record({ event: "joined", fd: local.fd, name: local.name })
        local.outbox.push(Reply.joinAccepted(local.name))
        announce(local)
        enter(local, waiting, undefined)
      } else if (!locals.has(seat.token)) unwanted(seat)
    },
    left: (seat) => {
      if (members.remove(seat) && isTold(seat)) notify(Reply.leftNotice(seat.name), seat.name)
    },
    reclaimed: (seat) => {
      const former = members.get(key(seat.name))
      if (seat.node !== node) {
        evict(former, undefined)
        members.put(seat)
        return
      }
      const waiting = asking.get(seat.token)
      if (waiting === undefined) {
        if (locals.has(seat.token)) return
        evict(former, undefined)
        members.put(seat)
        unwanted(seat)
        return
      }
      const local = sit(seat, waiting)
      local.outbox.push(Reply.reclaimAccepted(local.name))
      enter(local, waiting, evict(former, local.outbox))
    }
  }
}

/** An outbox for messages that nobody gets. */
const makeBin = (): Outbox => {
  const current = { outbox: Number.POSITIVE_INFINITY, patience: Duration.infinity }
  return new Outbox({ current, mostUsers: Number.POSITIVE_INFINITY }, { wake: () => {}, cut: () => {} })
}

const linesIn = (bin: Outbox): number => {
  let lines = 0
  for (let segment = bin.take(bin.size); segment !== undefined; segment = bin.take(bin.size)) {
    lines += segment.text.split("\n").length - 1
    bin.release()
  }
  return lines
}
