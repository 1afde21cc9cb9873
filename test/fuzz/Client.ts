import { type Beginning, beginningOf, hasBegun } from "./Beginning.ts"
import { type Item, itemsOf } from "./Bytes.ts"
import { Expectation } from "./Expectation.ts"

/** How long a client has for the head of its request. */
const HEAD_PATIENCE = 10_000

const isAnswer = (item: Item): item is { readonly answer: string } => typeof item === "object" && "answer" in item

/** All that the model knows of one connection. */
export class Client {
  readonly id: number
  readonly fd: number
  readonly since: number
  /** The node that it is connected to. */
  readonly node: number
  private readonly maxLine: number
  private bytes: Buffer = Buffer.alloc(0)
  private known: ReadonlyArray<Item> | undefined = []
  private begins: Beginning = "open"
  /** When its first line began. */
  private begunAt: number | undefined
  private position = 0
  readonly expects = new Expectation(() => this.takeAnswer())
  /** Status lines that must come next. */
  readonly due: Array<string> = []
  /** A status line that may come next, and its reply. */
  perhapsDue: { readonly line: string; readonly reply: string } | undefined
  /** The registered name. It is kept after the client has left. */
  name: string | undefined
  /** Whose messages its messages are: a seat's connections have one voice, named by the first of them. */
  source: number
  /** Whether it WATCHes, as it was told last; not sure while that may not yet be so. */
  watch = { isOn: false, isSure: true }
  /** How often it has asked for a key. */
  keysAsked = 0
  /** Wrong keys that it has given. */
  refusals = 0
  /** The lines before the leaving line are the last that it is heard of: it has quit, or given too many wrong keys. */
  isQuitting: "QUIT" | "Too Many Attempts" | undefined
  hasHungUp = false
  /** The error code that broke the connection. */
  broken: string | undefined
  /** The time at which the client stopped reading. */
  stalledAt: number | undefined
  /** Whether the client has not read for some of the time since the last quiet point. */
  wasStalled = false
  /** Whether the server may have stopped reading from the client at the last quiet point. */
  wasHeld = false
  /** The time of its last status line. */
  heardAt: number
  /** When it got the seat of another connection, and since when messages may have waited there. */
  reclaimedAt = 0
  waitedSince = Number.POSITIVE_INFINITY
  leftAt: number | undefined
  /** It has left, and its seat is about to be another connection's. */
  isMoving = false
  /** Its seat is another connection's. */
  hasMoved = false
  /** Lines that were dropped when its seat moved to another node, as the log says. */
  discarded = 0
  /** It was not reading when it left, or was gone: what was left for it may be lost. */
  leftDeaf = false

  constructor(id: number, fd: number, since: number, maxLine: number, node: number) {
    this.id = id
    this.source = id
    this.fd = fd
    this.since = since
    this.heardAt = since
    this.maxLine = maxLine
    this.node = node
  }

  sends(bytes: Uint8Array, now: number): void {
    if (this.isQuitting !== undefined) return
    this.bytes = Buffer.concat([this.bytes, bytes])
    if (this.begunAt === undefined && hasBegun(this.bytes)) this.begunAt = now
    this.known = undefined
  }

  /** The protocol that it speaks: lines, if it sends nothing more and has not begun with something else. */
  get beginning(): Beginning {
    this.learns()
    return this.begins === "open" && this.hasHungUp ? "lines" : this.begins
  }

  /** Whether it has begun with something else than lines. */
  get isForeign(): boolean {
    return this.beginning !== "open" && this.beginning !== "lines"
  }

  /** The next thing that it asked for, the answers before it being due by now. */
  next(): Exclude<Item, { readonly answer: string }> | undefined {
    this.answers()
    const item = this.items[this.position]
    if (item === undefined || isAnswer(item) || this.beginning !== "lines") return undefined
    this.position++
    return item
  }

  /**
   * Telnet's answers up to the next request must have been given; except by somebody who does not speak lines, and may
   * have said so in the same breath, and while it is not known whether the next request is one.
   */
  answers(): void {
    if (this.isForeign || (this.beginning === "open" && !this.items.every(isAnswer))) return
    for (let answer = this.takeAnswer(); answer !== undefined; answer = this.takeAnswer()) {
      this.expects.reply({ text: answer })
    }
  }

  /** It is not heard any more, whatever it has sent or will send. */
  quits(how: "QUIT" | "Too Many Attempts"): void {
    this.isQuitting = how
    this.known = []
  }

  private learns(): void {
    if (this.known !== undefined) return
    this.known = itemsOf(this.bytes, this.maxLine)
    const isKnown = this.begins !== "open" && !(typeof this.begins === "object" && this.begins.isAwaited)
    if (!isKnown) this.begins = beginningOf(this.bytes, this.maxLine)
  }

  private get items(): ReadonlyArray<Item> {
    this.learns()
    return this.known ?? []
  }

  /** Whether all its requests were processed. Telnet answers do not count. */
  get isDone(): boolean {
    return this.beginning !== "lines" || this.items.slice(this.position).every(isAnswer)
  }

  /** Whether the rest of its request may still come. */
  awaitsHead(now: number): boolean {
    const { beginning, begunAt = now } = this
    return typeof beginning === "object" && beginning.isAwaited && !this.hasHungUp && now - begunAt < HEAD_PATIENCE
  }

  /** Whether it has to be gone as soon as nothing holds it back. */
  isOver(now: number): boolean {
    return this.isQuitting !== undefined || (this.isForeign && !this.awaitsHead(now))
  }

  get isThere(): boolean {
    return this.leftAt === undefined
  }

  /** Whether it has a seat. */
  get isSeated(): boolean {
    return this.isThere || this.isMoving
  }

  /** The key that it was given last, and whether no newer one can have been made. */
  get key(): { readonly text: string; readonly isLast: boolean } | undefined {
    const text = this.expects.keys.at(-1)
    return text === undefined ? undefined : { text, isLast: this.keysAsked === this.expects.keys.length }
  }

  private takeAnswer(): string | undefined {
    const item = this.items[this.position]
    if (item === undefined || !isAnswer(item)) return undefined
    this.position++
    return item.answer
  }
}
