/** The room, as a session sees it: a seat, and lines that are relayed. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { type DisconnectReason, SessionReclaimed } from "../connection/DisconnectReason.ts"
import { Limits } from "../Limits.ts"
import type { Command } from "../protocol/Command.ts"
import * as Reply from "../protocol/Reply.ts"
import * as LineCounts from "../status/LineCounts.ts"
import { Metrics } from "../status/Metrics.ts"
import { StatusLog } from "../status/StatusLog.ts"
import * as Announcement from "./Announcement.ts"
import * as Decision from "./Decision.ts"
import { deliver } from "./Deliver.ts"
import * as Registry from "./Registry.ts"
import type { Member } from "./Roster.ts"

/** A connected client, registered or not. */
export interface Client extends Registry.Client, Decision.Client {
  /** Fails with the reason as soon as the client is disconnected: to race a wait with. */
  readonly disconnected: Effect.Effect<never, DisconnectReason>
}

/** The engine of a room over many machines cannot be reached. A room in this process never fails so. */
export class RoomUnavailable extends Data.TaggedError("RoomUnavailable")<{}> {
  override get message(): string {
    return "the engine of the room cannot be reached"
  }
}

/** The result of relaying commands. */
export interface Outcome {
  /** Index of the first command that is not dealt with yet. */
  readonly position: number
  /**
   * Back-pressure: succeeds when every recipient without room has taken its lines or has been cut. Absent when everybody
   * had room. The lines are delivered even if nobody waits for it.
   */
  readonly pressure: Effect.Effect<void> | undefined
  /** The step after that. */
  readonly next: Decision.Next
}

/** A wait for the engine ends when the client is disconnected: it fails with the reason. */
export class Room extends Context.Tag("partyline/Room")<
  Room,
  {
    /** Registers the client. Its acceptance is the first line that it gets as a member. */
    readonly join: (
      name: string,
      client: Client
    ) => Effect.Effect<Member, Registry.Refusal | RoomUnavailable | DisconnectReason>
    /** Gives the seat back; again, it changes nothing. Those who WATCH are told, unless `isSilent`. */
    readonly leave: (member: Member, isSilent: boolean) => Effect.Effect<void>
    /** A new key with which the member's seat can be reclaimed. */
    readonly makeKey: (member: Member) => Effect.Effect<string, RoomUnavailable | DisconnectReason>
    /**
     * Gives the client the seat of that name, with the messages that its former connection had not been sent. The former one
     * is ended, and its leaving line is written before this succeeds.
     */
    readonly reclaim: (
      name: string,
      key: string,
      client: Client
    ) => Effect.Effect<Member, Registry.UnableToReclaim | RoomUnavailable | DisconnectReason>
    /**
     * Deals with the commands from index `from` up to `end`, as far as it can at once: recipients have their lines, status
     * lines are recorded, lines are counted.
     */
    readonly relay: (
      client: Client,
      commands: ReadonlyArray<Command>,
      from: number,
      end: number
    ) => Effect.Effect<Outcome, DisconnectReason>
    /** Says something to every member, in the operator's name. Nobody waits for it: it enters full outboxes too. */
    readonly say: (text: string) => Effect.Effect<void, Announcement.Unsayable | RoomUnavailable>
  }
>() {
  /** A room in this process. */
  static readonly layer: Layer.Layer<Room, never, Registry.Registry | StatusLog | Metrics | Limits> = Layer.effect(
    Room,
    Effect.gen(function* () {
      const registry = yield* Registry.Registry
      const limits = yield* Limits
      const log = yield* StatusLog
      const metrics = yield* Metrics
      return Room.of({
        join: (name, client) =>
          registry.claim(name, client, (seat, others) =>
            Effect.sync(() => {
              log.record([{ event: "joined", fd: seat.fd, name: seat.name }])
              seat.outbox.push(Reply.joinAccepted(seat.name))
              notify(others, Reply.joinedNotice(seat.name), seat.name)
            })
          ),
        leave: (member, isSilent) =>
          registry.leave(member, (others) =>
            Effect.sync(() => {
              if (!isSilent) notify(others, Reply.leftNotice(member.name), member.name)
            })
          ),
        makeKey: registry.makeKey,
        reclaim: Effect.fnUntraced(function* (name, key, client) {
          const left = yield* Deferred.make<void>()
          const seat = yield* registry.reclaim(name, key, client, (seat, former) =>
            Effect.sync(() => {
              seat.outbox.push(Reply.reclaimAccepted(seat.name))
              former.outbox.moveTo(seat.outbox, () => former.client.disconnect(new SessionReclaimed({ left })))
            })
          )
          yield* Deferred.await(left)
          log.record([{ event: "reclaimed", fd: seat.fd, name: seat.name }])
          return seat
        }),
        relay: (client, commands, from, end) =>
          Effect.map(registry.roster, (roster) => {
            const decision = Decision.decide(roster, client, commands, from, end, { isObserved: log.observed })
            const { accepted, events, next, position } = decision
            log.record(events)
            metrics.lines.deliveries += accepted
            for (let index = from; index < position; index++)
              LineCounts.count(metrics.lines, commands[index] as Command)
            return { position, pressure: deliver(decision.deliveries, roster.members, client), next }
          }),
        say: (text) =>
          Effect.zipWith(Announcement.line(text, limits.current.maxLine), registry.roster, (line, { members }) => {
            log.record([{ event: "operatorBroadcast" }])
            for (const { outbox } of members) outbox.notify(line)
          })
      })
    })
  )
}

/** Tells those who WATCH, after all that the member had sent them. */
const notify = (seats: ReadonlyArray<Registry.Seat>, notice: string, member: string): void => {
  for (const { outbox } of seats) outbox.notify(notice, member)
}
