/** The lines that wait for room in one outbox, by their senders, and the notices that come after them. */
import { byteLength } from "../protocol/Text.ts"
import type { Pending, SenderQueue } from "./SenderQueue.ts"

/** A line about a member, for a client that WATCHes, or a line for everybody. It is empty if it was dropped. */
interface Notice {
  readonly notice: string
  readonly bytes: number
  readonly isAboutMember: boolean
}

const dropped: Notice = { notice: "", bytes: 0, isAboutMember: false }

/** The outbox that lines enter. */
export interface Door {
  /** Enters a line, the first of these, and returns true; false if there is no room for it. */
  readonly admit: (line: string, lines: Pending) => boolean
  /** Enters a notice, whether or not there is room. */
  readonly push: (notice: string) => void
}

export class Backlog {
  /** Senders whose lines wait. Each has its turn for a line. */
  private readonly queues: Array<SenderQueue> = []
  /** Later items, which come after all lines of those senders: notices, and senders that came after a notice. */
  private readonly later: Array<Notice | SenderQueue> = []
  /** A reply of several lines has entered in part. */
  private isMidReply = false

  get isEmpty(): boolean {
    return this.queues.length === 0
  }

  /** Connections that have lines here, those that have left included. */
  get senders(): number {
    return this.all.reduce((sum, { senders }) => sum + senders, 0)
  }

  get noticeBytes(): number {
    return this.later.reduce((sum, item) => sum + ("notice" in item ? item.bytes : 0), 0)
  }

  /** Every queue, the first one first. */
  get all(): ReadonlyArray<SenderQueue> {
    return [...this.queues, ...this.later.filter((item): item is SenderQueue => !("notice" in item))]
  }

  /** The queue of that name behind the last notice, if it has lines. */
  lastQueueOf(sender: string): SenderQueue | undefined {
    const items = this.later.length > 0 ? this.later : this.queues
    return items
      .slice(items.findLastIndex((item) => "notice" in item) + 1)
      .find((item): item is SenderQueue => !("notice" in item) && item.sender === sender && item.pending.length > 0)
  }

  /** Adds a queue that has lines behind all that waits. */
  add(queue: SenderQueue): void {
    const items = this.later.length > 0 ? this.later : this.queues
    items.push(queue)
  }

  /**
   * Adds a notice if it has to wait: for earlier ones, for lines of the member that it is about, or for the rest of a reply.
   * Returns false if it can enter at once.
   */
  addNotice(notice: string, member: string | undefined): boolean {
    const isBehind = this.later.length > 0 || this.isMidReply || this.queues.some((queue) => queue.sender === member)
    if (isBehind) this.later.push({ notice, bytes: byteLength(notice), isAboutMember: member !== undefined })
    return isBehind
  }

  /** Drops the notices about members. What came behind them stays behind what came before them. */
  dropNotices(): void {
    for (const [index, item] of this.later.entries()) {
      if ("notice" in item && item.isAboutMember) this.later[index] = dropped
    }
  }

  /** Gives the room there is to the senders, a line each in turn. Returns those of whom a line has entered. */
  admit(door: Door): ReadonlySet<SenderQueue> {
    const moved = new Set<SenderQueue>()
    do {
      if (!this.admitLines(door, moved)) break
      this.advance(door)
    } while (!this.isEmpty)
    return moved
  }

  /** Whether all lines of the senders whose turn it is have entered. */
  private admitLines(door: Door, moved: Set<SenderQueue>): boolean {
    const { queues } = this
    for (let queue = queues[0]; queue !== undefined; queue = queues[0]) {
      const lines = queue.pending[0]
      if (lines === undefined) {
        queues.shift()
        continue
      }
      const end = lines.text.indexOf("\n") + 1 || lines.text.length
      if (!door.admit(lines.text.slice(0, end), lines)) return false
      moved.add(queue)
      lines.text = lines.text.slice(end)
      this.isMidReply = lines.text !== "" && lines.kind === "reply"
      if (this.isMidReply) continue
      if (lines.text === "") queue.pending.shift()
      // The next turn is another sender's.
      queues.shift()
      if (queue.pending.length > 0) queues.push(queue)
    }
    return true
  }

  /** The later items have their turn, the notices first. */
  private advance(door: Door): void {
    const { later } = this
    for (let item = later[0]; item !== undefined && "notice" in item; item = later[0]) {
      later.shift()
      door.push(item.notice)
    }
    for (let item = later[0]; item !== undefined && !("notice" in item); item = later[0]) {
      later.shift()
      this.queues.push(item)
    }
  }
}
