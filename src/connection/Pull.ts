/** The way in from one client: chunks are handed over when they are asked for, and only then. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type DisconnectReason, endOfInput } from "./DisconnectReason.ts"

/** Where the chunks come from. */
export interface Source {
  /** Chunks are asked for: the source calls `push` with what there is, and what comes. */
  readonly resume: () => void
  /** Nobody asks for chunks: what arrives is to be left where it is. Some may still come. */
  readonly pause: () => void
}

type Result = Exit.Exit<Uint8Array, DisconnectReason>

/**
 * Joins a source of chunks, which calls, with a fiber, which waits. The source says `push`, `end` and `disconnect`, the
 * fiber runs `read`. While the fiber does not read, the source is paused: that is the back-pressure. A small machine of
 * mutable fields, because `read` is made once and resumed with an Exit: an Effect for each chunk would cost 1 us more.
 */
export class Pull {
  private readonly source: Source
  /** Resumes the fiber that reads. */
  private reader: ((result: Result) => void) | undefined
  /** Resumes the fiber that waits for nothing but the end. */
  private watcher: ((result: Exit.Exit<never, DisconnectReason>) => void) | undefined
  /**
   * Chunks that came while nobody asked for them, because a source may not be able to stop at once. Absent when there are
   * none.
   */
  private parked: Array<Uint8Array> | undefined
  /** The source will push nothing more. */
  private isEnded = false
  /** The source has been told to pause, or not yet to resume. */
  private isPaused = true
  private hasPushed = false
  /** Why there is nothing more to read. */
  private over: Exit.Exit<never, DisconnectReason> | undefined

  constructor(source: Source) {
    this.source = source
  }

  /**
   * Waits for the next chunk, which then belongs to the reader. Fails with the reason once there is none: at the end of
   * input after the last chunk, at a disconnect at once.
   */
  readonly read: Effect.Effect<Uint8Array, DisconnectReason> = Effect.async<Uint8Array, DisconnectReason>((resume) => {
    if (this.parked !== undefined) {
      const chunk = this.parked.shift()
      if (chunk !== undefined) return resume(Exit.succeed(chunk))
      this.parked = undefined
    }
    if (this.isEnded) this.disconnect(endOfInput)
    if (this.over !== undefined) return resume(this.over)
    this.reader = resume
    if (!this.isPaused) return
    this.isPaused = false
    this.source.resume()
  })

  /** Fails with the reason as soon as there is one, and reads nothing: to race with another wait. */
  get disconnected(): Effect.Effect<never, DisconnectReason> {
    return Effect.async<never, DisconnectReason>((resume) => {
      if (this.over !== undefined) return resume(this.over)
      this.watcher = resume
    })
  }

  /** Whether a fiber waits for a chunk. */
  get isReading(): boolean {
    return this.reader !== undefined
  }

  /** Whether no byte has come yet. */
  get isUntouched(): boolean {
    return !this.hasPushed
  }

  /** Whether there has been a disconnect. */
  get isOver(): boolean {
    return this.over !== undefined
  }

  /** Hands over a chunk. After a disconnect it is dropped. */
  push(chunk: Uint8Array): void {
    if (this.over !== undefined) return
    this.hasPushed ||= chunk.length > 0
    const { reader } = this
    if (reader === undefined) {
      this.parked ??= []
      this.parked.push(chunk)
    } else {
      this.reader = undefined
      reader(Exit.succeed(chunk))
    }
    // The reader runs within this call, and as a rule reads on.
    if (this.reader !== undefined || this.over !== undefined || this.isPaused) return
    this.isPaused = true
    this.source.pause()
  }

  /**
   * Another source takes the place of this one, which has paused by itself. Takes back what was pushed and not read; fails
   * where this one has ended.
   */
  replaced(): Effect.Effect<ReadonlyArray<Uint8Array>, DisconnectReason> {
    return Effect.suspend(() => {
      if (this.isEnded) this.disconnect(endOfInput)
      if (this.over !== undefined) return this.over
      const unread = this.parked ?? []
      this.parked = undefined
      this.isPaused = true
      return Effect.succeed(unread)
    })
  }

  /** Lets a read that waits succeed with an empty chunk. */
  nudge(): void {
    if (this.isReading) this.push(new Uint8Array(0))
  }

  /** The client sends nothing more. That is a disconnect when everything before it has been read. */
  end(): void {
    this.isEnded = true
    if (this.isReading) this.disconnect(endOfInput)
  }

  /** Ends the reading with this reason, unless it has ended before. Chunks that were not read are dropped. */
  disconnect(reason: DisconnectReason): void {
    if (this.over !== undefined) return
    const over = Exit.fail(reason)
    const { reader, watcher } = this
    this.over = over
    this.parked = undefined
    this.reader = undefined
    this.watcher = undefined
    reader?.(over)
    watcher?.(over)
  }
}
