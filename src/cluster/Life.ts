/** The life of a node: its reactions to entries of the inbox, and to the loss and the return of the engine. */
import * as Effect from "effect/Effect"
import * as Reply from "../protocol/Reply.ts"
import { countLines } from "../protocol/Text.ts"
import { key } from "../protocol/Username.ts"
import type { EngineCounters } from "../status/Metrics.ts"
import type { StatusLog } from "../status/StatusLog.ts"
import type { Arrivals } from "./Arrivals.ts"
import type { Hooks } from "./Engine.ts"
import type { Entry } from "./Entry.ts"
import type { Members } from "./Members.ts"
import * as Restore from "./Restore.ts"
import type { Waits } from "./Waits.ts"

export interface Dependencies extends Restore.Dependencies {
  readonly counters: EngineCounters
  readonly log: (typeof StatusLog)["Service"]
  readonly arrivals: Arrivals
  readonly waits: Waits
}

export const make = (dependencies: Dependencies): Hooks => {
  const { arrivals, changes, counters, log, members, waits } = dependencies
  let highest = 0
  let doubtful: Restore.Doubtful = []

  const apply = (entry: Entry): void => {
    switch (entry._tag) {
      case "Joined":
        highest = Math.max(highest, entry.seat.order)
        changes.joined(entry.seat)
        break
      case "Reclaimed": {
        const folded = key(entry.seat.name)
        const hasMoved = members.get(folded)?.node !== entry.seat.node
        changes.reclaimed(entry.seat)
        // The node that had the seat may be dead, and say to nobody that lines have been taken.
        if (hasMoved) waits.release(({ recipient }) => recipient === folded)
        break
      }
      case "Left":
        for (const seat of entry.seats) {
          changes.left(seat)
          waits.release(({ recipient }) => recipient === key(seat.name))
        }
        break
      case "Messages":
        for (const { lines } of entry.messages) counters.received += countLines(lines)
        arrivals.deliver(entry.node, entry.messages)
        break
      case "Taken":
        if (members.locals.has(entry.token)) waits.taken(entry.token, entry.recipient)
        break
      case "Said":
        tellEverybody(members, entry.text)
    }
  }

  return {
    known: () => ({ highest, nodes: [...new Set(members.members.map(({ node }) => node))] }),
    restore: (attached, loss) =>
      Effect.gen(function* () {
        waits.release(() => true)
        const users = members.locals.size
        if (loss !== "nothing") {
          log.record([{ event: loss === "room" ? "roomLost" : "leaseLost", users }])
          counters.losses++
          counters.registeredAgain += users
        }
        doubtful = (yield* Restore.restore(attached, dependencies)) ?? doubtful
        arrivals.tellAgain()
      }),
    // Again: clients that have left since could not say so.
    ready: (attached) => Restore.giveBack(attached, dependencies),
    apply: (entries) => {
      for (const entry of entries) apply(entry)
    },
    beaten: ({ inbox, roundTrip }) => {
      counters.inbox = inbox
      counters.roundTrip = roundTrip / 1000
    },
    settled: () => {
      Restore.forget(doubtful, dependencies)
      doubtful = []
    },
    unavailable: ({ problem }) => {
      counters.isUp = false
      log.record([{ event: "roomUnavailable", problem }])
      tellEverybody(members, Reply.roomUnavailable)
    },
    available: () => {
      counters.isUp = true
      log.record([{ event: "roomAvailable" }])
      tellEverybody(members, Reply.roomAvailable)
    }
  }
}

const tellEverybody = ({ here }: Members, line: string): void => {
  for (const { outbox } of here) outbox.notify(line)
}
