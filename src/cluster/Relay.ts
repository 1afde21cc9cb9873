/** Relaying over many machines: commands are decided, the engine is asked, and they are decided again where it disagrees. */
import * as Effect from "effect/Effect"
import type { DisconnectReason } from "../connection/DisconnectReason.ts"
import { DECISION_BYTES, INBOX_FULL_RETRY } from "../Limits.ts"
import type { Command } from "../protocol/Command.ts"
import { countLines } from "../protocol/Text.ts"
import { isUsername, key, type Username } from "../protocol/Username.ts"
import * as Decision from "../room/Decision.ts"
import { deliver, type Recipient } from "../room/Deliver.ts"
import type { Delivery } from "../room/Draft.ts"
import { type Client, type Outcome, RoomUnavailable } from "../room/Room.ts"
import type { Member as AnyMember, View } from "../room/Roster.ts"
import * as LineCounts from "../status/LineCounts.ts"
import type { Counters, EngineCounters } from "../status/Metrics.ts"
import type { StatusLog } from "../status/StatusLog.ts"
import type { Engine } from "./Engine.ts"
import type { Local, Members } from "./Members.ts"
import type { Item, Sending, Words } from "./Sending.ts"
import type { Underway } from "./Underway.ts"
import type { Waits } from "./Waits.ts"

export interface Dependencies {
  readonly engine: Engine
  readonly counters: EngineCounters
  readonly members: Members
  readonly sending: Sending
  readonly underway: Underway
  readonly waits: Waits
  readonly log: (typeof StatusLog)["Service"]
  readonly metrics: Counters
}

/** A recipient of whom only the engine knows whether there is one. */
interface Elsewhere extends AnyMember {
  readonly isElsewhere: true
}

type Target = Local | Elsewhere

const elsewhere = (name: Username): Elsewhere => ({ name, fd: -1, isElsewhere: true })

/** The part of a delivery that has to go through the engine. */
const itemOf = ({ text, to }: Delivery<Target>): ReadonlyArray<Item> => {
  if (to === "others") return [{ to: "*", text }]
  return to !== "self" && "isElsewhere" in to ? [{ to: key(to.name), text }] : []
}

/** The deliveries before the one whose lines are the first that could not be sent. */
const sent = (deliveries: ReadonlyArray<Delivery<Target>>, items: number): ReadonlyArray<Delivery<Target>> => {
  let index = 0
  return deliveries.slice(
    0,
    deliveries.findIndex((delivery) => itemOf(delivery).length > 0 && index++ === items)
  )
}

/**
 * Each name is looked up once, so that both decisions see the same. A valid name is taken for somebody's until the engine
 * denies it.
 */
const lookup = (members: Members) => {
  const found = new Map<string, Target>()
  const unknown = new Set<string>()
  const find = (name: string): Target | undefined => {
    if (!isUsername(name)) return undefined
    const folded = key(name)
    if (unknown.has(folded)) return undefined
    const target = found.get(folded) ?? members.localOf(folded) ?? elsewhere(name)
    found.set(folded, target)
    return target
  }
  return { find, unknown }
}

/** The recipients without room that a word of the engine names, and the nodes at which they have the lines. */
const slowOf = (word: string) =>
  word.startsWith("s:")
    ? word
        .slice(2)
        .split(";")
        .flatMap((group) => {
          const [node = "", names = ""] = group.split(":")
          return names.split(",").flatMap((name) => (isUsername(name) ? [{ name, node }] : []))
        })
    : []

/** The view while the engine is out of reach: nobody can be found. */
const nobody: View<Local> = { members: [], size: 0, find: () => undefined }

/** The outcome for a client that is not a member any more, and about to be disconnected. */
const dropped = (position: number): Outcome => ({ position, pressure: undefined, next: { _tag: "Continue" } })

const asksForList = (commands: ReadonlyArray<Command>, from: number, end: number): boolean => {
  for (let index = from; index < end; index++) if (commands[index]?._tag === "List") return true
  return false
}

export const make = ({ counters, engine, log, members, metrics, sending, underway, waits }: Dependencies) => {
  /** Carries out the part of a decision for the client and for members of this node. */
  const act = (
    { accepted, events, next, position }: Decision.Decision<Target>,
    deliveries: ReadonlyArray<Delivery<Recipient>>,
    client: Client,
    commands: ReadonlyArray<Command>,
    from: number
  ): Outcome => {
    // The leaving line has to be the last one about a client.
    if (!client.isLeaving) log.record(events)
    metrics.lines.deliveries += accepted
    for (let index = from; index < position; index++) LineCounts.count(metrics.lines, commands[index] as Command)
    return { position, pressure: deliver(deliveries, members.here, client), next }
  }

  /**
   * The deliveries to clients here. A delivery elsewhere becomes a wait for each recipient without room, unless the recipient
   * has gone to another node since: the one that it was at may be dead, and tells nobody to go on then.
   */
  const here = (
    deliveries: ReadonlyArray<Delivery<Target>>,
    words: Words,
    token: string
  ): ReadonlyArray<Delivery<Recipient>> => {
    let index = 0
    return deliveries.flatMap((delivery): ReadonlyArray<Delivery<Recipient>> => {
      const { to } = delivery
      if (to === "self") return [{ ...delivery, to }]
      // Another connection may have the seat by now.
      if (to !== "others" && !("isElsewhere" in to)) return [{ ...delivery, to: members.localOf(key(to.name)) ?? to }]
      const waiting = slowOf(words[index++] ?? "").map(({ name, node }) => {
        const outbox = waits.way(token, name, () => members.get(name)?.node === node)
        return { ...delivery, to: { name, fd: -1, outbox } }
      })
      return to === "others" ? [{ ...delivery, to }, ...waiting] : waiting
    })
  }

  /** Sends the items, in order. Gives a word for each that is sent: not for all if the client is no member any more. */
  const send = (client: Client, { name, token }: Local, items: ReadonlyArray<Item>) =>
    Effect.gen(function* () {
      const words: Array<string> = []
      while (words.length < items.length) {
        const answer = yield* sending.send({ sender: key(name), token, items: items.slice(words.length) })
        if (answer[0] === "g") {
          // Another connection has reclaimed the seat: an entry of the inbox disconnects this one.
          yield* engine.caughtUp
          return client.isLeaving ? words : yield* new RoomUnavailable()
        }
        if (answer[answer.length - 1] !== "b") {
          words.push(...answer)
          continue
        }
        words.push(...answer.slice(0, -1))
        yield* Effect.sleep(INBOX_FULL_RETRY)
        if (client.isLeaving) return words
      }
      return words
    })

  /** The delivery to another node, if the member for whom it was decided was here, and has gone there since. */
  const moved = (delivery: Delivery<Target>): ReadonlyArray<Delivery<Target>> => {
    const { to } = delivery
    if (to === "self" || to === "others" || "isElsewhere" in to) return []
    const folded = key(to.name)
    const isThere = members.localOf(folded) === undefined && members.get(folded)?.order === to.order
    return isThere ? [{ ...delivery, to: elsewhere(to.name) }] : []
  }

  /** Sends on what is for those who have gone. Gives the waits for them, and the other deliveries. */
  const follow = (client: Client, local: Local, deliveries: ReadonlyArray<Delivery<Target>>) =>
    Effect.gen(function* () {
      const waiting: Array<Delivery<Recipient>> = []
      let left = deliveries
      for (let gone = left.flatMap(moved); gone.length > 0; gone = left.flatMap(moved)) {
        left = left.filter((delivery) => moved(delivery).length === 0)
        const words = yield* send(client, local, gone.flatMap(itemOf))
        for (const { text } of gone) counters.sent += countLines(text)
        waiting.push(...here(gone, words, local.token))
      }
      return { left, waiting }
    })

  return (
    client: Client,
    commands: ReadonlyArray<Command>,
    from: number,
    end: number
  ): Effect.Effect<Outcome, DisconnectReason> => {
    const settings = { isObserved: log.observed }

    const outage = (): Outcome => {
      const decision = Decision.decide<Local>(nobody, client, commands, from, end, { ...settings, isUnavailable: true })
      return act(decision, decision.deliveries, client, commands, from)
    }

    const relay = Effect.suspend((): Effect.Effect<Outcome, DisconnectReason> => {
      const local = members.held(client.member)
      // Another connection has its seat: what it still sends is dropped.
      if (client.member !== undefined && local === undefined) return Effect.succeed(dropped(end))
      const { find, unknown } = lookup(members)
      const decide = (end: number, pauseAfter: number) => {
        const view = { members: members.members, size: members.size, find }
        return Decision.decide<Target>(view, client, commands, from, end, { ...settings, pauseAfter })
      }
      const first = decide(end, DECISION_BYTES)
      const items = first.deliveries.flatMap(itemOf)
      const isWatch = first.deliveries.some(({ watching }) => watching === true)
      if (isWatch && local !== undefined) members.watching.add(local)
      const hasList = asksForList(commands, from, first.position)
      if (local === undefined || (items.length === 0 && !hasList && !isWatch)) {
        return Effect.sync(() => act(first, here(first.deliveries, [], ""), client, commands, from))
      }
      const byEngine = Effect.gen(function* () {
        const words = yield* send(client, local, items)
        if (words.length < items.length) {
          deliver(here(sent(first.deliveries, words.length), words, local.token), members.here, client)
          return dropped(end)
        }
        // LIST shows everybody who has joined by now, and a client that WATCHes from now on is not told of them.
        if (hasList || isWatch) yield* engine.caughtUp
        for (const [index, word] of words.entries()) if (word === "u") unknown.add(items[index]?.to ?? "")
        const last = hasList || unknown.size > 0 ? decide(first.position, Number.POSITIVE_INFINITY) : first
        const known = words.filter((_, index) => !unknown.has(items[index]?.to ?? ""))
        for (const { text, to } of items) if (!unknown.has(to)) counters.sent += countLines(text)
        const { left, waiting } = yield* follow(client, local, last.deliveries)
        return act(last, [...waiting, ...here(left, known, local.token)], client, commands, from)
      })
      return underway.wait(
        client,
        local.token,
        Effect.catchAll(byEngine, () => Effect.sync(outage))
      )
    })

    return Effect.suspend(() => {
      if (client.member === undefined || engine.isValid()) return relay
      const confirmed = Effect.isSuccess(engine.confirm)
      return Effect.flatMap(Effect.raceFirst(confirmed, client.disconnected), (isValid) =>
        isValid ? relay : Effect.sync(outage)
      )
    })
  }
}
