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
import type { Local, Members } from "./Members.ts"
import * as NodeScripts from "./NodeScripts.ts"
import type { EngineError } from "./Script.ts"
import * as SeatScripts from "./SeatScripts.ts"

export interface Dependencies {
  readonly node: string
  readonly members: Members
  readonly changes: Changes
  /** The digest of a seat's key, by its token. */
  readonly digests: ReadonlyMap<string, string>
}

/** Members of other nodes that may have left while this node could not know it. */
export type Doubtful = ReadonlyArray<Entry.Seat>

const SEATS = REAP_NAMES / 2

/** Reads the users' table. Members elsewhere that are not in it are doubtful: their nodes may not have come back yet. */
const snapshot = (attached: Attachment, { changes, members, node }: Dependencies) =>
  Effect.gen(function* () {
    const doubtful = new Map(members.members.filter((seat) => seat.node !== node).map((seat) => [key(seat.name), seat]))
    let cursor = "0"
    do {
      const page = yield* attached.users(cursor)
      for (const seat of page.seats) {
        doubtful.delete(key(seat.name))
        if (seat.node !== node) changes.joined(seat)
      }
      cursor = page.cursor
    } while (cursor !== "0")
    return [...doubtful.values()]
  })

/** Gives back the seats that this node has not, although the engine believes it has. */
const giveBack = (attached: Attachment, { changes, members, node }: Dependencies) =>
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
const registerAgain = (attached: Attachment, { digests, members, node }: Dependencies) =>
  Effect.gen(function* () {
    const locals = [...members.here].sort((one, other) => one.order - other.order)
    for (let from = 0; from < locals.length; from += SEATS) {
      const some = locals.slice(from, from + SEATS)
      const seats = some.flatMap(({ fd, name, order, token }) => {
        return [key(name), order, token, fd, name, digests.get(token) ?? "-"]
      })
      const answer = yield* attached.run(SeatScripts.restore, [node, ...seats])
      for (const [index, local] of some.entries()) settle(members, local, answer[index])
    }
  })

/** Disconnects a client if another one has its name or the last seat by now. */
const settle = (members: Members, local: Local, answer: string | undefined) => {
  if (answer === "o") return
  members.release(local.token)
  local.client.disconnect(answer === "f" ? databaseFull : new UsernameLost({ name: local.name }))
}

/** Brings node and engine in line. Gives the members elsewhere that are doubtful. */
export const restore = (attached: Attachment, dependencies: Dependencies): Effect.Effect<Doubtful, EngineError> =>
  Effect.gen(function* () {
    const { changes } = dependencies
    if (attached.isNew) {
      // The answers to clients that ask for a seat were in the old inbox, and are lost.
      for (const [token, { seated }] of changes.asking) {
        changes.asking.delete(token)
        Deferred.unsafeDone(seated, Exit.fail(new RoomUnavailable()))
      }
    }
    const doubtful = attached.isNew ? yield* snapshot(attached, dependencies) : []
    yield* giveBack(attached, dependencies)
    yield* registerAgain(attached, dependencies)
    yield* attached.run(NodeScripts.settle, [dependencies.node])
    return doubtful
  })

/** The doubtful members that are still where they were have left. */
export const forget = (doubtful: Doubtful, { changes, members }: Dependencies): void => {
  for (const seat of doubtful) if (members.get(key(seat.name)) === seat) changes.left(seat)
}
