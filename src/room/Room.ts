/** The room, as a session sees it: a seat, and lines that are relayed. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Outbox, SenderQueue } from "../connection/Outbox.ts"
import type { Command } from "../protocol/Command.ts"
import * as Reply from "../protocol/Reply.ts"
import * as LineCounts from "../status/LineCounts.ts"
import { Metrics } from "../status/Metrics.ts"
import { StatusLog } from "../status/StatusLog.ts"
import * as Decision from "./Decision.ts"
import { type Refusal, Registry, type Seat } from "./Registry.ts"
import type { Member, Roster } from "./Roster.ts"

/** A connected client. */
export interface Client extends Decision.Client {
  readonly outbox: Outbox
}

/** What became of commands. */
export interface Outcome {
  /** Index of the first command that is not dealt with yet. */
  readonly position: number
  /**
   * Back-pressure: succeeds when every recipient without room has taken its lines or has been cut. Absent when everybody
   * had room. The lines are delivered even if nobody waits for it.
   */
  readonly pressure: Effect.Effect<void> | undefined
  /** What comes after that. */
  readonly next: Decision.Next
}

export class Room extends Context.Tag("partyline/Room")<
  Room,
  {
    /** Registers the client. Its acceptance is the first line that it gets as a member. */
    readonly join: (name: string, client: Client) => Effect.Effect<Member, Refusal>
    /** Gives the seat back, once or more often. */
    readonly leave: (member: Member) => Effect.Effect<void>
    /**
     * Deals with the commands from index `from` up to `end`, as far as it can at once: recipients have their lines, status
     * lines are recorded, lines are counted.
     */
    readonly relay: (
      client: Client,
      commands: ReadonlyArray<Command>,
      from: number,
      end: number
    ) => Effect.Effect<Outcome>
  }
>() {
  /** A room in this process. */
  static readonly layer: Layer.Layer<Room, never, Registry | StatusLog | Metrics> = Layer.effect(
    Room,
    Effect.gen(function* () {
      const registry = yield* Registry
      const log = yield* StatusLog
      const metrics = yield* Metrics
      return Room.of({
        join: (name, client) =>
          registry.claim(name, client, (seat) =>
            Effect.sync(() => {
              log.record([{ event: "joined", fd: seat.fd, name: seat.name }])
              seat.outbox.push(Reply.joinAccepted(seat.name))
            })
          ),
        leave: registry.leave,
        relay: (client, commands, from, end) =>
          Effect.map(registry.roster, (roster) => {
            const decision = Decision.decide(roster, client, commands, from, end, log.observed)
            const { accepted, events, next, position } = decision
            log.record(events)
            metrics.lines.deliveries += accepted
            for (let index = from; index < position; index++)
              LineCounts.count(metrics.lines, commands[index] as Command)
            return { position, pressure: deliver(decision.deliveries, roster, client), next }
          })
      })
    })
  )
}

/** What a client has to wait for. */
interface Pressure {
  /** Its lines that wait for room, by outbox. */
  readonly queues: Map<Outbox, SenderQueue>
  /** What it gets itself after those. */
  readonly held: Array<Decision.Delivery<Seat>>
}

/**
 * Appends each delivery where there is room, and queues it elsewhere: no recipient waits for another. What the client itself
 * gets after a line without room waits until that line has been taken, so that an answer proves what came before it.
 */
const deliver = (
  deliveries: ReadonlyArray<Decision.Delivery<Seat>>,
  roster: Roster<Seat>,
  client: Client
): Effect.Effect<void> | undefined => {
  let pressure: Pressure | undefined
  for (const delivery of deliveries) {
    const { bytes, text, to } = delivery
    if (to === "others") {
      for (const seat of roster.members) {
        if (seat !== client.member && !seat.outbox.append(text, bytes)) {
          pressure = enqueue(pressure, seat.outbox, delivery)
        }
      }
    } else if (pressure !== undefined && (to === "self" || to === client.member)) pressure.held.push(delivery)
    else {
      const { outbox } = to === "self" ? client : to
      if (!outbox.append(text, bytes)) pressure = enqueue(pressure, outbox, delivery)
    }
  }
  return pressure === undefined ? undefined : relieved(pressure, roster, client)
}

const enqueue = (
  pressure: Pressure = { queues: new Map(), held: [] },
  outbox: Outbox,
  { bytes, text, to }: Decision.Delivery<Seat>
): Pressure => {
  const { queues } = pressure
  // Nobody else's line may part the client's own replies.
  queues.set(outbox, outbox.enqueue(text, bytes, to === "self", queues.get(outbox)))
  return pressure
}

const relieved = ({ held, queues }: Pressure, roster: Roster<Seat>, client: Client): Effect.Effect<void> =>
  Effect.zipRight(
    Effect.forEach(queues.values(), (queue) => queue.emptied, { concurrency: "unbounded", discard: true }),
    Effect.suspend(() => deliver(held, roster, client) ?? Effect.void)
  )
