/** The bounded way out to one client. */
import * as Effect from "effect/Effect"
import type { LimitValues } from "../Limits.ts"
import { byteLength, detached } from "../protocol/Text.ts"

/** Where an outbox's contents go, and who ends a client that does not take them. */
export interface Sink {
  /** There is something to take: the sink will call `take`, at the latest at the end of this turn of the event loop. */
  readonly wake: () => void
  /** A sender's patience is over. */
  readonly cut: () => void
}

/** A stretch of output. Each character is one byte (`narrow`), or the text is to be written as UTF-8. */
export interface Run {
  text: string
  narrow: boolean
}

const ascii = /^[\u0000-\u007f]*$/

/** A text that is waiting for room, line by line. */
interface Waiter {
  rest: string
  readonly narrow: boolean
  /** Its lines must not be parted by anybody else's. */
  readonly whole: boolean
  /** Called when some of its lines were taken, and when the outbox closed. */
  moved: () => void
}

/**
 * At most `outbox` bytes that wait for one client's socket. Appending is synchronous while there is room. Without
 * room, senders wait in turns, a line each, so that none of them starves the others. A line larger than the capacity is
 * taken when nothing else waits to be sent.
 */
export class Outbox {
  /** Looked at each time: they can change. */
  private readonly limits: { readonly current: Pick<LimitValues, "outbox" | "patience"> }
  private readonly sink: Sink
  private readonly runs: Array<Run> = []
  /** Bytes appended and not yet taken by the socket. */
  private bytes = 0
  /** Bytes that the sink has taken and not yet handed over. */
  private taken = 0
  private released = 0
  private awake = false
  private closed = false
  private waiters: Array<Waiter> | undefined

  constructor(limits: { readonly current: Pick<LimitValues, "outbox" | "patience"> }, sink: Sink) {
    this.limits = limits
    this.sink = sink
  }

  /** Bytes that the client's socket has not taken yet. */
  get size(): number {
    return this.bytes
  }

  /** Bytes that the client's socket has taken since it connected. */
  get sent(): number {
    return this.released
  }

  /**
   * Appends the text if there is room for `bytes` more, and says whether it did. `bytes` equal to the text's length
   * means that each character is one byte; otherwise the text is sent as UTF-8. A closed outbox swallows everything:
   * its client has left, and the log says so.
   */
  append(text: string, bytes: number): boolean {
    if (this.closed) return true
    if (this.waiters !== undefined || this.bytes + bytes > this.limits.current.outbox) return false
    this.put(text, bytes, bytes === text.length)
    return true
  }

  /**
   * Puts a text of lines in line for room, at once: what is sent later comes after it. The effect succeeds when all of it
   * is in the outbox or the client has left. Each of its lines waits at most the patience; then the client is cut.
   */
  offer(text: string, bytes = byteLength(text), whole = true): Effect.Effect<void> {
    if (this.append(text, bytes)) return Effect.void
    const waiter: Waiter = { rest: detached(text), narrow: bytes === text.length, whole, moved: () => {} }
    this.waiters ??= []
    this.waiters.push(waiter)
    this.admit()
    return this.untilTaken(waiter)
  }

  /** The client does not take what others wait to send to it: it is to be cut. */
  giveUp(): void {
    this.sink.cut()
  }

  /** Appends a text whether or not there is room: a welcome, of which each client gets one. */
  push(text: string, narrow = true): void {
    if (!this.closed) this.put(text, narrow ? text.length : byteLength(text), narrow)
  }

  /** What goes to the socket next, in slices of about `limit` bytes; undefined when there is nothing. */
  take(limit: number): Run | undefined {
    this.awake = false
    const run = this.runs[0]
    if (run === undefined) return undefined
    if (run.text.length <= limit) {
      this.runs.shift()
      this.taken = run.narrow ? run.text.length : byteLength(run.text)
      return run
    }
    const splitsPair = !run.narrow && (run.text.charCodeAt(limit - 1) & 0xfc00) === 0xd800
    const text = run.text.slice(0, splitsPair ? limit + 1 : limit)
    run.text = run.text.slice(text.length)
    this.taken = run.narrow ? text.length : byteLength(text)
    return { text, narrow: run.narrow }
  }

  /** The socket has what was taken last: its room is free again. */
  release(): void {
    this.bytes -= this.taken
    this.released += this.taken
    this.taken = 0
    if (this.waiters !== undefined) this.admit()
  }

  /**
   * Takes nothing more, but for what is left of the client's own replies (no LIST is torn) and a farewell, and lets every
   * waiting sender go on. What is in it can still be taken.
   */
  close(farewell = ""): void {
    const waiters = this.waiters ?? []
    this.waiters = undefined
    for (const { narrow, rest, whole } of waiters) if (whole) this.push(rest, narrow)
    if (farewell !== "") this.push(farewell)
    this.closed = true
    for (const waiter of waiters) {
      waiter.rest = ""
      waiter.moved()
    }
  }

  /** Drops what is in it: the socket is gone. */
  clear(): void {
    this.close()
    this.runs.length = 0
    this.bytes = 0
    this.taken = 0
  }

  private put(added: string, bytes: number, narrow: boolean): void {
    // While the socket takes nothing, what is added stays, and must not keep alive the read that it was cut from.
    const text = this.taken > 0 ? detached(added) : added
    const last = this.runs[this.runs.length - 1]
    if (last === undefined) this.runs.push({ text, narrow })
    else if (last.narrow === narrow || (narrow ? ascii.test(text) : ascii.test(last.text))) {
      last.text += text
      last.narrow &&= narrow
    } else this.runs.push({ text, narrow })
    this.bytes += bytes
    if (!this.awake) {
      this.awake = true
      this.sink.wake()
    }
  }

  /** Gives the room there is to those who wait, a line each in turn. */
  private admit(): void {
    const waiters = this.waiters ?? []
    const moved = new Set<Waiter>()
    for (let waiter = waiters[0]; waiter !== undefined; waiter = waiters[0]) {
      const end = waiter.rest.indexOf("\n") + 1 || waiter.rest.length
      const line = waiter.rest.slice(0, end)
      const bytes = waiter.narrow ? line.length : byteLength(line)
      if (this.bytes > 0 && this.bytes + bytes > this.limits.current.outbox) break
      this.put(line, bytes, waiter.narrow)
      waiter.rest = waiter.rest.slice(end)
      moved.add(waiter)
      if (waiter.rest === "") waiters.shift()
      else if (!waiter.whole && waiters.length > 1) waiters.push(...waiters.splice(0, 1))
    }
    if (waiters.length === 0) this.waiters = undefined
    for (const waiter of moved) waiter.moved()
  }

  /** Waits for the waiter's text to be taken, starting the patience anew with each of its lines. */
  private untilTaken(waiter: Waiter): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (waiter.rest === "") return Effect.void
      const { rest } = waiter
      const moved = Effect.async<void>((resume) => {
        if (waiter.rest !== rest) return resume(Effect.void)
        waiter.moved = () => resume(Effect.void)
      })
      return moved.pipe(
        Effect.timeoutTo({
          duration: this.limits.current.patience,
          onSuccess: () => Effect.void,
          onTimeout: () => Effect.sync(() => this.giveUp())
        }),
        Effect.flatten,
        Effect.zipRight(this.untilTaken(waiter))
      )
    })
  }
}
