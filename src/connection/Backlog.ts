/** The lines that wait for room in one outbox, by their senders, and the notices that come after them. */
import { byteLength } from "../protocol/Text.ts"
import type { Pending, SenderQueue } from "./SenderQueue.ts"

/** A line about a member, for a client that WATCHes, or a line for everybody. */
interface Notice {
  readonly text: string
  readonly bytes: number
  readonly isAboutMember: boolean
}

/** Notices, and the senders whose lines come behind them. */
interface Stage {
  notices: Array<Notice>
  noticeBytes: number
  readonly queues: Array<SenderQueue>
}

/** The outbox that lines enter. */
export interface Door {
  /** Enters a line, the first of these, and returns true; false if there is no room for it. */
  readonly admit: (line: string, lines: Pending) => boolean
  /** Enters a notice, whether or not there is room. */
  readonly push: (notice: string) => void
}

export class Backlog {
  /** Senders whose lines wait. Each has its turn for a line. */
  private queues: Array<SenderQueue> = []
  /** The stages after all lines of those senders. A notice that comes after a sender begins another one. */
  private readonly later: Array<Stage> = []
  /** A reply of several lines has entered in part. */
  private isMidReply = false

  get isEmpty(): boolean {
    return this.queues.length === 0 && this.later.length === 0
  }

  /** Connections that have lines here, those that have left included. */
  get senders(): number {
    return this.all.reduce((sum, { senders }) => sum + senders, 0)
  }

  get noticeBytes(): number {
    return this.later.reduce((sum, { noticeBytes }) => sum + noticeBytes, 0)
  }

  /** Every queue, the first one first. */
  get all(): ReadonlyArray<SenderQueue> {
    return [...this.queues, ...this.later.flatMap(({ queues }) => queues)]
  }

  /** The queues behind the last notice. */
  private get last(): Array<SenderQueue> {
    return this.later.at(-1)?.queues ?? this.queues
  }

  /** The queue of that name behind the last notice, if it has lines. */
  lastQueueOf(sender: string): SenderQueue | undefined {
    return this.last.find((queue) => queue.sender === sender && queue.pending.length > 0)
  }

  /** Adds a queue that has lines behind all that waits. */
  add(queue: SenderQueue): void {
    this.last.push(queue)
  }

  /**
   * Adds a notice if it has to wait: for earlier ones, for lines of the member that it is about, or for the rest of a reply.
   * Returns false if it can enter at once.
   */
  addNotice(text: string, member: string | undefined): boolean {
    const isAboutMember = member !== undefined
    const follows = isAboutMember && this.queues.some((queue) => queue.sender === member)
    if (this.later.length === 0 && !this.isMidReply && !follows) return false
    const stage = this.lastStage()
    const bytes = byteLength(text)
    stage.notices.push({ text, bytes, isAboutMember })
    stage.noticeBytes += bytes
    return true
  }

  /** The stage that a notice belongs to: the last one, or a new one when that has queues already. */
  private lastStage(): Stage {
    const last = this.later.at(-1)
    if (last !== undefined && last.queues.length === 0) return last
    const stage: Stage = { notices: [], noticeBytes: 0, queues: [] }
    this.later.push(stage)
    return stage
  }

  /** Drops the notices about members. What came behind them stays behind what came before them. */
  dropNotices(): void {
    for (const stage of this.later) {
      stage.notices = stage.notices.filter(({ isAboutMember }) => !isAboutMember)
      stage.noticeBytes = stage.notices.reduce((sum, { bytes }) => sum + bytes, 0)
    }
  }

  /** Adds the queues of another outbox behind all that waits, in their order, and none of its notices. */
  follow({ later, queues }: Backlog): void {
    for (const moved of [queues, ...later.map((stage) => stage.queues)]) {
      this.later.push({ notices: [], noticeBytes: 0, queues: moved })
    }
  }

  /** Gives the room there is to the senders, a line each in turn. Returns those of whom a line has entered. */
  admit(door: Door): ReadonlySet<SenderQueue> {
    const moved = new Set<SenderQueue>()
    while (this.admitLines(door, moved) && !this.isEmpty) this.advance(door)
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

  /** The next stage has its turn, its notices first. */
  private advance(door: Door): void {
    const stage = this.later.shift()
    if (stage === undefined) return
    for (const { text } of stage.notices) door.push(text)
    this.queues = stage.queues
  }
}
