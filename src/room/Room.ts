/** All that a connection asks of the room: a seat, and that its lines are relayed. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import type { Batch } from "../protocol/LineDecoder.ts"
import type { Outbox } from "./Outbox.ts"
import { Registry, type Seat } from "./Registry.ts"
import * as Relay from "./Relay.ts"
import type * as Roster from "./Roster.ts"

/** What became of a stretch of a read's items. */
export interface Outcome {
  readonly decision: Relay.Decision
  /** Succeeds when everybody has taken what was sent, or has been cut. Absent when everybody had room. */
  readonly waiting: Effect.Effect<void> | undefined
}

export class Room extends Context.Tag("partyline/Room")<
  Room,
  {
    /** Registers the client, its acceptance the first line that it gets as a member, until the seat is given back. */
    readonly join: (
      name: string,
      client: Relay.Client,
      seated: (member: Roster.Member) => void
    ) => Effect.Effect<Seat, Roster.Refusal>
    /**
     * Does what the items from index `from` up to `end` (all, without it) ask for, as far as it can be done at once. The rest, back-pressure, is in
     * `waiting`; it goes on even if nobody waits for it any more, so that a sender's leaving loses nothing, and keeps the
     * sender's seat until then, so that there are never more such senders than seats.
     */
    readonly relay: (client: Relay.Client, batch: Batch, from: number, observed: boolean, end?: number) => Outcome
  }
>() {
  static readonly layer: Layer.Layer<Room, never, Registry> = Layer.scoped(
    Room,
    Effect.gen(function* () {
      const registry = yield* Registry
      const runDelivery = yield* FiberSet.makeRuntime<never, void, never>()
      /** What those wait for who have sent to somebody without room. */
      const owing = new Map<Outbox, Effect.Effect<void>>()

      /** Appends where there is room; what is returned still waits for it. */
      const send = (delivery: Relay.Delivery, client: Relay.Client): ReadonlyArray<Effect.Effect<void>> => {
        const { to, text, bytes, whole } = delivery
        if (to !== "others") return to.append(text, bytes) ? none : [to.offer(text, bytes, whole)]
        const waiting: Array<Effect.Effect<void>> = []
        for (const { outbox } of registry.snapshot().members) {
          if (outbox !== client.outbox && !outbox.append(text, bytes)) waiting.push(outbox.offer(text, bytes, whole))
        }
        return waiting
      }
      const all = (waiting: ReadonlyArray<Effect.Effect<void>>) =>
        Effect.all(waiting, { concurrency: "unbounded", discard: true })

      const relay: Context.Tag.Service<Room>["relay"] = (client, batch, from, observed, end) => {
        const decision = Relay.decide(registry.snapshot(), client, batch, from, observed, end)
        const { deliveries } = decision
        for (let index = 0; index < deliveries.length; index++) {
          const waiting = send(deliveries[index] as Relay.Delivery, client)
          if (waiting.length === 0) continue
          // What comes after a full recipient waits with it: a sender's lines reach each recipient in order.
          const later = Effect.forEach(
            deliveries.slice(index + 1),
            (delivery) => Effect.suspend(() => all(send(delivery, client))),
            { discard: true }
          )
          const paid = Effect.sync(() => owing.delete(client.outbox))
          const delivery = Effect.ensuring(Effect.zipRight(all(waiting), later), paid)
          const settled = Fiber.join(runDelivery(Effect.zipRight(Effect.yieldNow(), delivery)))
          owing.set(client.outbox, settled)
          return { decision, waiting: settled }
        }
        return { decision, waiting: undefined }
      }

      const join: Context.Tag.Service<Room>["join"] = (name, client, seated) =>
        registry.claim(name, client, seated, () => owing.get(client.outbox))

      return Room.of({ join, relay })
    })
  )
}

const none: ReadonlyArray<Effect.Effect<void>> = []
