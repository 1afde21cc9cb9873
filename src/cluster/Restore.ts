/** Brings a node and the engine in line again: at the start, and after each outage. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { databaseFull, UsernameLost } from "../connection/DisconnectReason.ts"
import { REAP_NAMES } from "../Limits.ts"
import { key } from "../protocol/Username.ts"
import { RoomUnavailable } from "../room/Room.ts"
import type { Attachment } from "./Attachment.ts"
import type { Changes } from "./Changes.ts"
import type * as Entry from "./Entry.ts"
import { isSame, type Local, type Member, type Members } from "./Members.ts"
import * as NodeScripts from "./NodeScripts.ts"
import type { EngineError } from "./Script.ts"
import * as SeatScripts from "./SeatScripts.ts"

export interface Dependencies {
  readonly node: string
  readonly members: Members
  readonly changes: Changes
  /** The digests of the keys of seats here. */
  readonly digests: WeakMap<Local, string>
}

/** Members that may have left while this node could not know it. */
export type Doubtful = ReadonlyArray<Member>

const SEATS = REAP_NAMES / 2

/** Reads the users' table. */
const snapshot = (attached: Attachment) =>
  Effect.gen(function* () {
    const table = new Map<string, Entry.Seat>()
    let cursor = "0"
    do {
      const page = yield* attached.users(cursor)
      for (const seat of page.seats) table.set(key(seat.name), seat)
      cursor = page.cursor
    } while (cursor !== "0")
    return table
  })

/** Gives back the seats that this node has not, although the engine believes it has. */
export const giveBack = (attached: Attachment, { changes, members, node }: Dependencies) =>
  Effect.gen(function* () {
    let cursor = "0"
    do {
      const [next, ...owned] = yield* attached.run(NodeScripts.owned, [node, cursor])
      const unknown: Array<string> = []
      for (let index = 0; index + 1 < owned.length; index += 2) {
        const [name = "", token = ""] = owned.slice(index, index + 2)
        if (!members.locals.has(token) && !changes.asking.has(token)) unknown.push(name, token)
      }
      if (unknown.length > 0) yield* attached.run(SeatScripts.leave, [node, ...unknown])
      cursor = next
    } while (cursor !== "0")
  })

/** Registers the clients of this node again that the engine does not know any more. */
const registerAgain = (attached: Attachment, dependencies: Dependencies) =>
  Effect.gen(function* () {
    const { digests, members, node } = dependencies
    const locals = [...members.here].sort((one, other) => one.order - other.order)
    for (let from = 0; from < locals.length; from += SEATS) {
      const some = locals.slice(from, from + SEATS)
      const seats = some.flatMap((local) => {
        const { fd, name, order, token } = local
        return [key(name), order, token, fd, name, digests.get(local) ?? "-"]
      })
      const answer = yield* attached.run(SeatScripts.restore, [node, ...seats])
      for (const [index, local] of some.entries()) settle(attached, dependencies, local, answer[index])
    }
  })

/** Disconnects a client if another one has its seat, its name or the last seat by now. */
const settle = (
  { mayHaveLost }: Attachment,
  { changes, members }: Dependencies,
  local: Local,
  answer: string | undefined
) => {
  if (answer === "o") return
  if (answer === "r") {
    // An inbox that has lost nothing tells of it in order with the messages.
    if (mayHaveLost) changes.lost(local)
    return
  }
  members.release(local.token)
  local.client.disconnect(answer === "f" ? databaseFull : new UsernameLost({ name: local.name }))
}

/** Brings node and engine in line. Gives the members that are doubtful now; undefined if none has become so. */
export const restore = (
  attached: Attachment,
  dependencies: Dependencies
): Effect.Effect<Doubtful | undefined, EngineError> =>
  Effect.gen(function* () {
    const { changes, members, node } = dependencies
    if (attached.isNew) {
      // The answers to clients that ask for a seat were in the old inbox, and are lost.
      for (const [token, { seated }] of changes.asking) {
        changes.asking.delete(token)
        Deferred.unsafeDone(seated, Exit.fail(new RoomUnavailable()))
      }
    }
    const table = attached.mayHaveLost ? yield* snapshot(attached) : undefined
    // An inbox that is not new tells of them itself, in order with the messages.
    if (attached.isNew) for (const seat of table?.values() ?? []) if (seat.node !== node) changes.joined(seat)
    yield* giveBack(attached, dependencies)
    yield* registerAgain(attached, dependencies)
    yield* attached.run(NodeScripts.settle, [node])
    if (table === undefined) return undefined
    // The nodes of those who are not in the table may not have come back yet. Of those here, some have left meanwhile.
    return members.members.filter((seat) => {
      const known = table.get(key(seat.name))
      return members.held(seat) === undefined && (known === undefined || !isSame(known, seat))
    })
  })

/** The doubtful members that are still where they were have left. */
export const forget = (doubtful: Doubtful, { changes, members }: Dependencies): void => {
  for (const seat of doubtful) if (members.get(key(seat.name)) === seat) changes.left(seat)
}
