/** The lines of one sender that wait for room in one outbox. */
import * as Effect from "effect/Effect"
import type { LimitValues } from "../LimitValues.ts"
import { detached } from "../protocol/Text.ts"
import type { Lines } from "./Lines.ts"

/** Lines that wait for room. */
export interface Pending extends Pick<Lines, "kind" | "watching"> {
  text: string
  readonly latin1: boolean
}

/** The limits that a queue keeps to. */
interface QueueLimits {
  readonly current: Pick<LimitValues, "patience">
}

export class SenderQueue {
  /** The sender's name, whoever has it; absent for the client's own reply and for a program's line. */
  readonly sender: string | undefined
  /** In order. The part of the first that has left is cut off. */
  readonly pending: Array<Pending> = []
  private readonly limits: QueueLimits
  /** Ends the client that does not take the lines. */
  private cut: () => void
  /** Connections whose lines came to wait here, one after another under the same name. */
  senders = 0
  /** How often lines left it. */
  private moves = 0
  /** Resume those who wait. They are several where a sender, or its recipient, has come to this node from another. */
  private readonly waiting = new Set<() => void>()

  constructor(sender: string | undefined, limits: QueueLimits, cut: () => void) {
    this.sender = sender
    this.limits = limits
    this.cut = cut
  }

  /** Adds lines after those that wait already. The text is copied: a slice would keep the whole chunk it was cut from. */
  add({ bytes, kind, text, watching }: Lines): void {
    this.pending.push({ text: detached(text), latin1: bytes === text.length, kind, watching })
  }

  /** Lines have left it. */
  moved(): void {
    this.moves++
    for (const resume of [...this.waiting]) resume()
  }

  /** The client has left. */
  clear(): void {
    this.pending.length = 0
    this.moved()
  }

  /** The lines wait for another client from now on, which is given the whole patience. Replies were for the former. */
  redirect(cut: () => void): void {
    this.cut = cut
    const messages = this.pending.filter(({ kind }) => kind !== "reply")
    this.pending.splice(0, this.pending.length, ...messages)
  }

  /** Waits until no line is left. Each line waits at most the patience; then the client is cut. */
  get emptied(): Effect.Effect<void> {
    return Effect.suspend(() =>
      this.pending.length === 0 ? Effect.void : Effect.zipRight(this.nextMove, this.emptied)
    )
  }

  /** Waits until a line leaves, at most the patience. */
  private get nextMove(): Effect.Effect<void> {
    const seen = this.moves
    return Effect.async<void>((resume) => {
      if (this.moves !== seen) return resume(Effect.void)
      const move = () => {
        this.waiting.delete(move)
        resume(Effect.void)
      }
      this.waiting.add(move)
      return Effect.sync(() => this.waiting.delete(move))
    }).pipe(
      Effect.timeoutTo({
        duration: this.limits.current.patience,
        onSuccess: () => Effect.void,
        onTimeout: () => Effect.sync(() => this.cut())
      }),
      Effect.flatten
    )
  }
}
