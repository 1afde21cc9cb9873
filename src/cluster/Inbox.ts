/** The inbox of this node, which holds everything that happens in the room, in one order. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"
import { INBOX_KEPT } from "../Limits.ts"
import type { RoomUnavailable } from "../room/Room.ts"
import type { Attachment } from "./Attachment.ts"
import { type Entry, isBefore, START } from "./Entry.ts"
import type { EngineError } from "./Script.ts"

type Done = Deferred.Deferred<void, RoomUnavailable>

export class Inbox {
  /** The last entry that has been taken. */
  position = START
  /** Waits that end when an entry has been taken. */
  private waiting: Array<{ readonly id: string; readonly done: Done }> = []

  /** Waits until everything up to this entry has been taken. */
  reaches(id: string): Effect.Effect<void, RoomUnavailable> {
    return Effect.suspend(() => {
      if (!isBefore(this.position, id)) return Effect.void
      const done: Done = Deferred.unsafeMake(FiberId.none)
      this.waiting.push({ id, done })
      return Deferred.await(done)
    })
  }

  /** Takes what comes, in order. What has been taken is given up at the engine from time to time. */
  pull(attached: Attachment, apply: (entries: ReadonlyArray<Entry>) => void): Effect.Effect<never, EngineError> {
    const self = this
    return Effect.gen(function* () {
      let kept = 0
      for (;;) {
        const { entries, last } = yield* attached.read(self.position)
        apply(entries)
        if (last !== undefined) self.moveTo(last)
        kept += entries.length
        if (kept < (entries.length > 0 ? INBOX_KEPT : 1)) continue
        kept = 0
        yield* attached.trim(self.position)
      }
    })
  }

  /** Everything up to this entry has been taken. */
  moveTo(id: string): void {
    this.position = id
    const reached = this.waiting.filter((one) => !isBefore(id, one.id))
    if (reached.length === 0) return
    this.waiting = this.waiting.filter((one) => !reached.includes(one))
    for (const { done } of reached) Deferred.unsafeDone(done, Exit.void)
  }

  /** Ends all waiting: with an error, or because what is waited for is gone. */
  release(exit: Exit.Exit<void, RoomUnavailable>): void {
    for (const { done } of this.waiting.splice(0)) Deferred.unsafeDone(done, exit)
  }
}
