/** Carries out the deliveries of a decision: lines go to outboxes at once, or wait for room in them. */
import * as Effect from "effect/Effect"
import type { Lines } from "../connection/Lines.ts"
import type { Delivery } from "./Draft.ts"
import type { Member } from "./Roster.ts"

/** Lines of one sender that wait for room. */
export interface Waiting {
  /** Succeeds when they have been taken, or the recipient has been cut. */
  readonly emptied: Effect.Effect<void>
}

/** The way to one recipient: an outbox, or what stands for one elsewhere. */
export interface Way {
  /** Appends the lines if there is room for all of them, and returns whether it did. */
  append(lines: Lines): boolean
  /** Makes lines wait for room, behind those of `existing`. */
  enqueue(lines: Lines, sender: string | undefined, existing?: Waiting): Waiting
}

/** A member as deliveries reach it. */
export interface Recipient extends Member {
  readonly outbox: Way
}

/** The client whose commands were decided. */
export interface Sender {
  readonly member: Member | undefined
  readonly outbox: Way
}

/** The reasons for a client to wait. */
interface Pressure {
  /** Its lines that wait for room. */
  readonly queues: Map<Way, Waiting>
  /** Its answers that come after those. */
  readonly held: Array<Delivery<Recipient>>
}

/**
 * Appends each delivery where there is room, and queues it elsewhere: no recipient waits for another. What the client is
 * answered after a line without room waits until that line has been taken, so that an answer proves what came before it.
 * Its messages to itself are no answers, and are queued like those to others: so they move if another connection reclaims its
 * seat.
 *
 * Gives the client's wait, if it has to wait. `everybody` are the recipients of a delivery to others.
 */
export const deliver = (
  deliveries: ReadonlyArray<Delivery<Recipient>>,
  everybody: Iterable<Recipient>,
  client: Sender
): Effect.Effect<void> | undefined => {
  let pressure: Pressure | undefined
  for (const delivery of deliveries) {
    const { to } = delivery
    if (to === "others") {
      for (const seat of everybody) {
        if (seat !== client.member && !seat.outbox.append(delivery)) {
          pressure = enqueue(pressure, seat.outbox, delivery, client)
        }
      }
    } else if (pressure !== undefined && to === "self") pressure.held.push(delivery)
    else {
      const { outbox } = to === "self" ? client : to
      if (!outbox.append(delivery)) pressure = enqueue(pressure, outbox, delivery, client)
    }
  }
  return pressure === undefined ? undefined : relieved(pressure, everybody, client)
}

const enqueue = (
  pressure: Pressure = { queues: new Map(), held: [] },
  outbox: Way,
  delivery: Delivery<Recipient>,
  { member }: Sender
): Pressure => {
  const { queues } = pressure
  queues.set(outbox, outbox.enqueue(delivery, member?.name, queues.get(outbox)))
  return pressure
}

const relieved = ({ held, queues }: Pressure, everybody: Iterable<Recipient>, client: Sender): Effect.Effect<void> =>
  Effect.zipRight(
    Effect.forEach(queues.values(), (queue) => queue.emptied, { concurrency: "unbounded", discard: true }),
    Effect.suspend(() => deliver(held, everybody, client) ?? Effect.void)
  )
