/**
 * Messages from other nodes, put into the outboxes of clients here. Senders elsewhere are told to wait where there is no
 * room.
 */
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type { Lines } from "../connection/Lines.ts"
import type { SenderQueue } from "../connection/SenderQueue.ts"
import { ENGINE_RETRY } from "../Limits.ts"
import { byteLength } from "../protocol/Text.ts"
import { key } from "../protocol/Username.ts"
import type { Engine } from "./Engine.ts"
import type { Message } from "./Entry.ts"
import type { Local, Members } from "./Members.ts"
import * as MessageScripts from "./MessageScripts.ts"

/** A sender elsewhere that waits for a client here. */
interface Debt {
  readonly node: string
  readonly token: string
  readonly recipient: string
}

/** Senders elsewhere whose lines wait for room in one outbox. */
interface Backlog {
  /** The queues, and the debts that are paid when they are empty. */
  readonly queues: Map<SenderQueue, Array<Debt>>
  /** The queue of each sender's seat. */
  readonly bySender: Map<string, SenderQueue>
}

export interface Arrivals {
  /** Puts the messages of a node into outboxes. */
  readonly deliver: (node: string, messages: ReadonlyArray<Message>) => void
  /** Tells the engine once more which clients have no room. */
  readonly tellAgain: () => void
}

export const make = (engine: Engine, members: Members): Effect.Effect<Arrivals, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Effect.scope
    const fork = Runtime.runFork(yield* Effect.runtime<never>())
    const backlogs = new Map<Local, Backlog>()
    /** News for the engine: senders that need not wait any more, and clients whose room has changed. */
    let debts: Array<Debt> = []
    let changed = new Set<Local>()
    let wake: (() => void) | undefined

    const untilSome = Effect.async<void>((resume) => {
      if (debts.length + changed.size > 0) return resume(Effect.void)
      wake = () => resume(Effect.void)
    })

    /** Tells the engine, and tries again until it can be reached. */
    const tell = Effect.suspend(() => {
      wake = undefined
      const marks = [...changed].flatMap((local) => [key(local.name), local.token, backlogs.has(local) ? "1" : "0"])
      const taken = debts.flatMap(({ node, recipient, token }) => [node, token, recipient])
      changed = new Set()
      debts = []
      const mark = marks.length === 0 ? Effect.void : engine.run(MessageScripts.mark, [engine.node, ...marks])
      const pay = taken.length === 0 ? Effect.void : engine.run(MessageScripts.taken, taken)
      return Effect.retry(Effect.zipRight(mark, pay), Schedule.spaced(ENGINE_RETRY))
    })
    yield* Effect.forkScoped(Effect.forever(Effect.zipRight(untilSome, Effect.orDie(tell))))

    const owe = (more: ReadonlyArray<Debt>) => {
      if (more.length === 0) return
      debts.push(...more)
      wake?.()
    }
    const mark = (local: Local) => {
      changed.add(local)
      wake?.()
    }

    /** Waits until the queue is empty, or its patience is over and the client is cut. */
    const emptying = (local: Local, { bySender, queues }: Backlog, queue: SenderQueue) =>
      Effect.map(queue.emptied, () => {
        owe(queues.get(queue) ?? [])
        queues.delete(queue)
        for (const [sender, its] of bySender) if (its === queue) bySender.delete(sender)
        if (queues.size > 0) return
        backlogs.delete(local)
        mark(local)
      })

    const enqueue = (
      local: Local,
      lines: Lines,
      node: string,
      { sender, token }: Message,
      more: ReadonlyArray<Debt>
    ) => {
      let backlog = backlogs.get(local)
      if (backlog === undefined) {
        backlog = { queues: new Map(), bySender: new Map() }
        backlogs.set(local, backlog)
        mark(local)
      }
      const seat = `${node} ${token}`
      const queue = local.outbox.enqueue(lines, sender, backlog.bySender.get(seat))
      const known = backlog.queues.get(queue)
      backlog.bySender.set(seat, queue)
      backlog.queues.set(queue, [...(known ?? []), ...more])
      if (known === undefined) fork(emptying(local, backlog, queue), { scope })
    }

    /** Puts a message into one outbox. */
    const put = (local: Local, lines: Lines, node: string, message: Message) => {
      const { token, waitsFor } = message
      const recipient = waitsFor.length === 0 ? "" : key(local.name)
      const more = waitsFor.includes(recipient) ? [{ node, token, recipient }] : []
      if (local.outbox.append(lines)) owe(more)
      else enqueue(local, lines, node, message, more)
    }

    return {
      deliver: (node, messages) => {
        for (const message of messages) {
          const { lines: text, to, token, waitsFor } = message
          const lines: Lines = { text, bytes: byteLength(text), kind: to === "*" ? "public" : "private" }
          if (to === "*") for (const local of members.here) put(local, lines, node, message)
          else {
            const local = members.localOf(to)
            if (local !== undefined) put(local, lines, node, message)
          }
          // They have left: nobody has to wait for them.
          const gone = waitsFor.filter((recipient) => members.localOf(recipient) === undefined)
          owe(gone.map((recipient) => ({ node, token, recipient })))
        }
      },
      tellAgain: () => {
        for (const local of backlogs.keys()) mark(local)
      }
    }
  })
