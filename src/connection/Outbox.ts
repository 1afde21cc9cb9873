/** The bounded way out to one client. */
import * as Effect from "effect/Effect"
import type { LimitValues } from "../LimitValues.ts"
import * as Reply from "../protocol/Reply.ts"
import { byteLength, isAscii } from "../protocol/Text.ts"
import { Backlog, type Door } from "./Backlog.ts"
import type { Lines } from "./Lines.ts"
import { Output, type Segment, sizeOf } from "./Output.ts"
import { type Pending, SenderQueue } from "./SenderQueue.ts"

/** The limits that an outbox keeps to, and the most seats that there have been. */
export interface OutboxLimits {
  readonly current: Pick<LimitValues, "outbox" | "patience">
  readonly mostUsers: number
}

/** The connection that an outbox belongs to. */
export interface Sink {
  /** There is something to take: the sink calls `take`, at the latest at the end of this tick of the event loop. */
  readonly wake: () => void
  /** The client does not take what waits for it: it is to be disconnected as a slow consumer. */
  readonly cut: () => void
}

/**
 * At most `outbox` bytes that wait for one client's socket. Appending is synchronous while there is room. Without room,
 * lines are queued behind it, one sender's by turns with another's, so that no sender starves another. A line larger
 * than the capacity is taken when nothing else waits to be sent.
 *
 * A small machine of mutable fields: appending to it is the hottest step of a relay.
 */
export class Outbox implements Door {
  /**
   * The client WATCHes: private messages are marked as they enter, and it gets notices about members. This changes when the
   * reply to WATCH or UNWATCH enters, so that the reply parts the lines of one form from those of the other.
   */
  private isWatching = false
  private readonly limits: OutboxLimits
  private readonly sink: Sink
  private readonly output = new Output()
  private isAwake = false
  private closed = false
  /** Lines that wait for room; absent when none does. */
  private backlog: Backlog | undefined

  constructor(limits: OutboxLimits, sink: Sink) {
    this.limits = limits
    this.sink = sink
  }

  /** Bytes that the client's socket has not taken yet. */
  get size(): number {
    return this.output.size
  }

  /** Bytes that the client's socket has taken since it connected. */
  get sent(): number {
    return this.output.sent
  }

  /** Whether a segment is with the sink, which has to release it before it takes the next. */
  get isTaking(): boolean {
    return this.output.isTaking
  }

  get isClosed(): boolean {
    return this.closed
  }

  /**
   * Appends the lines if there is room for all of them, and returns whether it did. A closed outbox swallows everything:
   * its client has left, and the log says so.
   */
  append(lines: Lines): boolean {
    if (this.closed) return true
    if (this.backlog !== undefined || this.output.size + lines.bytes > this.limits.current.outbox) return false
    const { bytes, kind, text } = lines
    if (this.isWatching || kind === "reply") this.enter(text, bytes === text.length, bytes, lines)
    else this.put(text, bytes === text.length, bytes, true)
    return true
  }

  /**
   * Makes one sender's lines wait for room, behind those of `existing` if that is given and still has some. They stay when
   * the sender leaves. What others send later comes after them, and so does what is sent later under the same name: a RECLAIM
   * gives the name to another connection.
   *
   * A registered sender waits in one queue at most. So when more than twice as many senders have lines here as there have been
   * seats, more senders than seats have left, and the client is cut: nobody can fill the memory by sending and leaving. Lines
   * without a sender's name do not count: they are the client's own reply, for which it waits, or a program's.
   */
  enqueue(lines: Lines, sender: string | undefined, existing?: SenderQueue): SenderQueue {
    if (existing !== undefined && existing.pending.length > 0) {
      existing.add(lines)
      return existing
    }
    this.backlog ??= new Backlog()
    const former = sender === undefined ? undefined : this.backlog.lastQueueOf(sender)
    const queue = former ?? new SenderQueue(sender, this.limits, this.sink.cut)
    queue.add(lines)
    if (sender !== undefined) queue.senders++
    if (former === undefined) this.backlog.add(queue)
    for (const queue of this.admitWaiting()) queue.moved()
    if (this.backlog !== undefined && this.backlog.senders > 2 * this.limits.mostUsers) this.sink.cut()
    return queue
  }

  /**
   * Appends or queues the client's own reply. Returns undefined if there was room; else what succeeds when all of it is in
   * the outbox, or the client has left.
   */
  reply(text: string): Effect.Effect<void> | undefined {
    const reply: Lines = { text, bytes: byteLength(text), kind: "reply" }
    return this.append(reply) ? undefined : this.enqueue(reply, undefined).emptied
  }

  /** Sends text to the client. Succeeds when all of it is in the outbox, or the client has left. */
  offer(text: string): Effect.Effect<void> {
    return Effect.suspend(() => this.reply(text) ?? Effect.void)
  }

  /** Appends text whether or not there is room: a welcome, of which each client gets one. */
  push(text: string): void {
    if (!this.closed && text !== "") this.put(text, isAscii(text), byteLength(text), false)
  }

  /**
   * Appends a line, whether or not there is room: one for everybody, or one about the member who joins or leaves, for a client
   * that WATCHes. It comes after earlier notices, after all lines of that member, and never between the lines of a reply. A
   * client with twice the capacity in its outbox is cut.
   */
  notify(notice: string, member?: string): void {
    if (this.closed || (member !== undefined && !this.isWatching)) return
    if (this.backlog?.addNotice(notice, member) !== true) this.push(notice)
    if (this.output.size + (this.backlog?.noticeBytes ?? 0) > 2 * this.limits.current.outbox) this.sink.cut()
  }

  /**
   * Takes the next output for the socket, at most about `limit` bytes; undefined when there is none. With `isWhole` it
   * ends where a line ends, and is longer than the limit if its first line is.
   */
  take(limit: number, isWhole = false): Segment | undefined {
    this.isAwake = false
    return this.output.take(limit, isWhole)
  }

  /** The kernel has what was taken last: its room is free again. */
  release(): void {
    this.output.release()
    for (const queue of this.admitWaiting()) queue.moved()
  }

  /**
   * Moves all whole messages that the socket has not taken, and all that wait for room, to another client's outbox. Replies
   * stay: those that wait for room enter here. Calls `moved` before anybody who waits here goes on: the former client has to
   * be disconnected by then, or it would go on too.
   */
  moveTo(other: Outbox, moved: () => void): void {
    this.output.removeMessages((text, latin1, bytes) => other.put(text, latin1, bytes, true))
    const backlog = this.takeBacklog()
    const queues = backlog?.all ?? []
    for (const queue of queues) queue.redirect(other.sink.cut)
    if (backlog !== undefined) {
      other.backlog ??= new Backlog()
      other.backlog.follow(backlog)
    }
    const admitted = other.admitWaiting()
    moved()
    for (const queue of new Set([...queues, ...admitted])) queue.moved()
  }

  /**
   * Lets nothing more in but the rest of the client's own replies (no LIST is torn) and a farewell, and lets every waiting
   * sender go on. The sink can still take what is in the outbox.
   */
  close(farewell = ""): void {
    const backlog = this.takeBacklog()
    this.push(farewell)
    this.closed = true
    for (const queue of backlog?.all ?? []) queue.clear()
  }

  /** Takes the replies out of the backlog whether or not there is room, and returns the backlog, which waits here no more. */
  private takeBacklog(): Backlog | undefined {
    const { backlog } = this
    this.backlog = undefined
    for (const lines of backlog?.all.flatMap(({ pending }) => pending) ?? []) {
      if (lines.kind === "reply") this.put(lines.text, lines.latin1, sizeOf(lines), false)
    }
    return backlog
  }

  /** Drops its contents: the socket is gone. */
  clear(): void {
    this.close()
    this.output.clear()
  }

  /** Enters one line that waited, if there is room for it; a line larger than the capacity if nothing else is there. */
  admit(line: string, lines: Pending): boolean {
    const { latin1 } = lines
    const bytes = sizeOf({ text: line, latin1 })
    if (this.output.size > 0 && this.output.size + bytes > this.limits.current.outbox) return false
    this.enter(line, latin1, bytes, lines)
    return true
  }

  /** Lines enter: to a client that WATCHes, private ones marked. With the reply to WATCH or UNWATCH its effect begins. */
  private enter(
    text: string,
    latin1: boolean,
    bytes: number,
    { kind, watching }: Pick<Lines, "kind" | "watching">
  ): void {
    const entering = kind === "private" && this.isWatching ? Reply.markPrivate(text) : text
    this.put(entering, latin1, bytes + entering.length - text.length, kind !== "reply")
    if (watching === undefined) return
    this.isWatching = watching
    if (!watching) this.backlog?.dropNotices()
  }

  private put(text: string, latin1: boolean, bytes: number, isRelayed: boolean): void {
    this.output.append(text, latin1, bytes, isRelayed)
    if (!this.isAwake) {
      this.isAwake = true
      this.sink.wake()
    }
  }

  /** Gives the room there is to what waits for it. Returns the queues of which lines have entered. */
  private admitWaiting(): Iterable<SenderQueue> {
    const { backlog } = this
    if (backlog === undefined) return []
    const admitted = backlog.admit(this)
    if (backlog.isEmpty) this.backlog = undefined
    return admitted
  }
}
