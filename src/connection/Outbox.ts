/** The bounded way out to one client. */
import * as Effect from "effect/Effect"
import type { LimitValues } from "../Limits.ts"
import { byteLength, detached } from "../protocol/Text.ts"

/** The connection that an outbox belongs to. */
export interface Sink {
  /** There is something to take: the sink calls `take`, at the latest at the end of this tick of the event loop. */
  readonly wake: () => void
  /** The client does not take what waits for it: it is to be disconnected as a slow consumer. */
  readonly cut: () => void
}

/** A stretch of output. Each character is one byte (`latin1`), or the text is to be written as UTF-8. */
export interface Segment {
  text: string
  latin1: boolean
}

/** Lines that wait for room. */
interface Pending extends Segment {
  /** Nobody else's lines may come between these: a LIST, for example. */
  readonly atomic: boolean
}

const ascii = /^[\u0000-\u007f]*$/

/** The limits that an outbox keeps to. */
type OutboxLimits = { readonly current: Pick<LimitValues, "maxUsers" | "outbox" | "patience"> }

/**
 * At most `outbox` bytes that wait for one client's socket. Appending is synchronous while there is room. Without room,
 * lines are queued behind it, one sender's by turns with another's, so that no sender starves another. A line larger
 * than the capacity is taken when nothing else waits to be sent.
 *
 * A small machine of mutable fields: appending to it is the hottest step of a relay.
 */
export class Outbox {
  private readonly limits: OutboxLimits
  private readonly sink: Sink
  private readonly segments: Array<Segment> = []
  /** Bytes appended and not yet taken by the socket. */
  private bytes = 0
  /** Bytes that the sink has taken and not yet handed to the kernel. */
  private taken = 0
  private released = 0
  private isAwake = false
  private closed = false
  /** Senders whose lines wait for room; absent when there are none. */
  private queues: Array<SenderQueue> | undefined

  constructor(limits: OutboxLimits, sink: Sink) {
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

  /** Whether a segment is with the sink, which has to release it before it takes the next. */
  get isTaking(): boolean {
    return this.taken > 0
  }

  get isClosed(): boolean {
    return this.closed
  }

  /**
   * Appends the text if there is room for `bytes` more, and returns whether it did. `bytes` equal to the text's length
   * means that each character is one byte; otherwise the text is sent as UTF-8. A closed outbox swallows everything: its
   * client has left, and the log says so.
   */
  append(text: string, bytes: number): boolean {
    if (this.closed) return true
    if (this.queues !== undefined || this.bytes + bytes > this.limits.current.outbox) return false
    this.put(text, bytes === text.length, bytes)
    return true
  }

  /**
   * Makes one sender's lines wait for room, behind those of `queue` if that is given and still has some. They stay when the
   * sender leaves. What others send later comes after them.
   *
   * A registered sender has one queue at most. So with twice as many queues as seats, as many senders as there are seats have
   * left their lines behind; with one more the client is cut. Nobody can fill the memory by sending and leaving.
   */
  enqueue(text: string, bytes: number, atomic: boolean, existing?: SenderQueue): SenderQueue {
    if (existing !== undefined && existing.pending.length > 0) {
      existing.add(text, bytes, atomic)
      return existing
    }
    const queue = new SenderQueue(this.limits, this.sink)
    queue.add(text, bytes, atomic)
    this.queues ??= []
    this.queues.push(queue)
    this.admit()
    if (this.queues !== undefined && this.queues.length > 2 * this.limits.current.maxUsers) this.sink.cut()
    return queue
  }

  /** Appends or queues the client's own reply. Succeeds when all of it is in the outbox, or the client has left. */
  offer(reply: string): Effect.Effect<void> {
    const bytes = byteLength(reply)
    return this.append(reply, bytes) ? Effect.void : this.enqueue(reply, bytes, true).emptied
  }

  /** Appends ASCII text whether or not there is room: a welcome, of which each client gets one. */
  push(text: string): void {
    if (!this.closed) this.put(text, true, text.length)
  }

  /** What goes to the socket next, in slices of about `limit` bytes; undefined when there is nothing. */
  take(limit: number): Segment | undefined {
    this.isAwake = false
    const segment = this.segments[0]
    if (segment === undefined) return undefined
    if (segment.text.length <= limit) {
      this.segments.shift()
      this.taken = sizeOf(segment)
      return segment
    }
    const splitsPair = !segment.latin1 && (segment.text.charCodeAt(limit - 1) & 0xfc00) === 0xd800
    const slice = { text: segment.text.slice(0, splitsPair ? limit + 1 : limit), latin1: segment.latin1 }
    segment.text = segment.text.slice(slice.text.length)
    this.taken = sizeOf(slice)
    return slice
  }

  /** The kernel has what was taken last: its room is free again. */
  release(): void {
    this.bytes -= this.taken
    this.released += this.taken
    this.taken = 0
    if (this.queues !== undefined) this.admit()
  }

  /**
   * Takes nothing more than the rest of the client's own replies (no LIST is torn) and a farewell, and lets every waiting
   * sender go on. What is in it can still be taken.
   */
  close(farewell = ""): void {
    const queues = this.queues ?? []
    this.queues = undefined
    for (const { pending } of queues) {
      for (const lines of pending) if (lines.atomic) this.put(lines.text, lines.latin1, sizeOf(lines))
    }
    if (farewell !== "") this.push(farewell)
    this.closed = true
    for (const queue of queues) queue.clear()
  }

  /** Drops what is in it: the socket is gone. */
  clear(): void {
    this.close()
    this.segments.length = 0
    this.bytes = 0
    this.taken = 0
  }

  private put(added: string, latin1: boolean, bytes: number): void {
    // While the socket takes nothing, the text stays, and must not keep alive the chunk that it was cut from.
    const text = this.taken > 0 ? detached(added) : added
    const last = this.segments[this.segments.length - 1]
    if (last === undefined) this.segments.push({ text, latin1 })
    else if (last.latin1 === latin1 || (latin1 ? ascii.test(text) : ascii.test(last.text))) {
      last.text += text
      last.latin1 &&= latin1
    } else this.segments.push({ text, latin1 })
    this.bytes += bytes
    if (!this.isAwake) {
      this.isAwake = true
      this.sink.wake()
    }
  }

  /** Gives the room there is to the queues, a line each in turn. */
  private admit(): void {
    const queues = this.queues ?? []
    const moved = new Set<SenderQueue>()
    for (let queue = queues[0]; queue !== undefined; queue = queues[0]) {
      const lines = queue.pending[0] as Pending
      const end = lines.text.indexOf("\n") + 1 || lines.text.length
      const line = { text: lines.text.slice(0, end), latin1: lines.latin1 }
      const bytes = sizeOf(line)
      if (this.bytes > 0 && this.bytes + bytes > this.limits.current.outbox) break
      this.put(line.text, line.latin1, bytes)
      moved.add(queue)
      lines.text = lines.text.slice(end)
      if (lines.text !== "" && lines.atomic) continue
      if (lines.text === "") queue.pending.shift()
      // The next turn is another sender's.
      queues.shift()
      if (queue.pending.length > 0) queues.push(queue)
    }
    if (queues.length === 0) this.queues = undefined
    for (const queue of moved) queue.moved()
  }
}

const sizeOf = ({ latin1, text }: Segment): number => (latin1 ? text.length : byteLength(text))

/** The lines of one sender that wait for room in one outbox. */
export class SenderQueue {
  /** In order. */
  readonly pending: Array<Pending> = []
  private readonly limits: OutboxLimits
  private readonly sink: Sink
  /** How often lines left it. */
  private moves = 0
  private resume: (() => void) | undefined

  constructor(limits: OutboxLimits, sink: Sink) {
    this.limits = limits
    this.sink = sink
  }

  /** Adds lines after those that wait already. The text is copied: a slice would keep the whole chunk it was cut from. */
  add(text: string, bytes: number, atomic: boolean): void {
    this.pending.push({ text: detached(text), latin1: bytes === text.length, atomic })
  }

  /** Lines have left it. */
  moved(): void {
    this.moves++
    this.resume?.()
  }

  /** The client has left. */
  clear(): void {
    this.pending.length = 0
    this.moved()
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
      this.resume = () => resume(Effect.void)
    }).pipe(
      Effect.timeoutTo({
        duration: this.limits.current.patience,
        onSuccess: () => Effect.void,
        onTimeout: () => Effect.sync(() => this.sink.cut())
      }),
      Effect.flatten
    )
  }
}
