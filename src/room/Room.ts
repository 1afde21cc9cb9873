/** All that a connection asks of the room: a seat, and that its lines are relayed. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import type { Outbox } from "../connection/Outbox.ts"
import type { Batch } from "../protocol/LineDecoder.ts"
import * as Relay from "./Decision.ts"
import { Registry, type Seat } from "./Registry.ts"
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
     * Does what the items from index `from` up to `end` (all, without it) ask for, as far as it can be done at once. The
     * rest, back-pressure, is in `waiting`; it goes on even if nobody waits for it any more, so that a sender's leaving loses nothing. At most as many
     * senders as there are seats can have left so; with one more, those whom the first of them waits for are cut.
     */
    readonly relay: (client: Relay.Client, batch: Batch, from: number, observed: boolean, end?: number) => Outcome
  }
>() {
  static readonly layer: Layer.Layer<Room, never, Registry> = Layer.scoped(
    Room,
    Effect.gen(function* () {
      const registry = yield* Registry
      const runDelivery = yield* FiberSet.makeRuntime<never, void, never>()
      /** For each sender that has to wait, those that it waits for. */
      const debts = new Map<Outbox, Debt>()
      /** The debts of those who have left, in that order. */
      const legacies = new Set<Debt>()

      /** Appends where there is room; those who have none are returned. */
      const append = ({ to, text, bytes }: Relay.Delivery, client: Relay.Client): ReadonlyArray<Outbox> => {
        if (to !== "others") return to.append(text, bytes) ? none : [to]
        let full = none
        for (const { outbox } of registry.snapshot().members) {
          if (outbox !== client.outbox && !outbox.append(text, bytes)) full = [...full, outbox]
        }
        return full
      }

      /** Puts the delivery in line at those without room, at once; then what comes `later`, so that order is kept. */
      const owe = (
        client: Relay.Client,
        delivery: Relay.Delivery,
        full: ReadonlyArray<Outbox>,
        later: ReadonlyArray<Relay.Delivery>
      ): Effect.Effect<void> => {
        const debt: Debt = new Set()
        const pay = ({ text, bytes, whole }: Relay.Delivery, outboxes: ReadonlyArray<Outbox>) => {
          const payments = outboxes.map((outbox) => {
            debt.add(outbox)
            return Effect.map(outbox.offer(text, bytes, whole), () => debt.delete(outbox))
          })
          return Effect.all(payments, { concurrency: "unbounded", discard: true })
        }
        const first = pay(delivery, full)
        const rest = Effect.forEach(later, (next) => Effect.suspend(() => pay(next, append(next, client))), {
          discard: true
        })
        const paid = Effect.sync(() => {
          debts.delete(client.outbox)
          legacies.delete(debt)
        })
        debts.set(client.outbox, debt)
        return Fiber.join(
          runDelivery(Effect.yieldNow().pipe(Effect.zipRight(first), Effect.zipRight(rest), Effect.ensuring(paid)))
        )
      }

      const relay: Context.Tag.Service<Room>["relay"] = (client, batch, from, observed, end) => {
        const decision = Relay.decide(registry.snapshot(), client, batch, from, observed, end)
        const { deliveries } = decision
        for (let index = 0; index < deliveries.length; index++) {
          const delivery = deliveries[index] as Relay.Delivery
          const full = append(delivery, client)
          if (full.length === 0) continue
          return { decision, waiting: owe(client, delivery, full, deliveries.slice(index + 1)) }
        }
        return { decision, waiting: undefined }
      }

      /** What a sender leaves behind may wait, but not without bound. */
      const bequeath = (client: Relay.Client): void => {
        const debt = debts.get(client.outbox)
        if (debt === undefined) return
        legacies.add(debt)
        const [oldest] = legacies
        if (oldest === undefined || legacies.size <= registry.snapshot().cap) return
        for (const outbox of oldest) outbox.giveUp()
      }

      const join: Context.Tag.Service<Room>["join"] = (name, client, seated) =>
        Effect.map(registry.claim(name, client, seated), ({ leave, member }) => ({
          member,
          leave: Effect.map(leave, () => bequeath(client))
        }))

      return Room.of({ join, relay })
    })
  )
}

/** Those who have yet to take what a sender sent. */
type Debt = Set<Outbox>

const none: ReadonlyArray<Outbox> = []
