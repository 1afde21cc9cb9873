import { type Item, itemsOf } from "./Bytes.ts"
import { Expectation } from "./Expectation.ts"

/** The model's state of one connection. */
export class Client {
  readonly id: number
  readonly fd: number
  readonly since: number
  private readonly maxLine: number
  private bytes: Buffer = Buffer.alloc(0)
  private known: ReadonlyArray<Item> | undefined = []
  private position = 0
  readonly expects = new Expectation(() => this.takeAnswer())
  /** Status lines that must come next. */
  readonly due: Array<string> = []
  /** A status line that may come next, and its reply. */
  perhapsDue: { readonly line: string; readonly reply: string } | undefined
  /** The registered name. It is kept after the client has left. */
  name: string | undefined
  isQuitting = false
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
  leftAt: number | undefined
  /** Whether it did not read when it left, or its connection was broken: its queued output may be lost. */
  leftDeaf = false
  /** Broadcasts since the server last read from it without delay. They may also reach clients that join later. */
  broadcasts: Array<string> = []

  constructor(id: number, fd: number, since: number, maxLine: number) {
    this.id = id
    this.fd = fd
    this.since = since
    this.heardAt = since
    this.maxLine = maxLine
  }

  sends(bytes: Uint8Array): void {
    if (this.isQuitting) return
    this.bytes = Buffer.concat([this.bytes, bytes])
    this.known = undefined
  }

  /** Its next request. The telnet answers before that request become due. */
  next(): Exclude<Item, { readonly answer: string }> | undefined {
    this.answers()
    const item = this.items[this.position]
    if (item === undefined || (typeof item === "object" && "answer" in item)) return undefined
    this.position++
    return item
  }

  /** Makes the telnet answers before its next request due. */
  answers(): void {
    for (let answer = this.takeAnswer(); answer !== undefined; answer = this.takeAnswer()) {
      this.expects.reply({ text: answer })
    }
  }

  /** Drops its unprocessed and its later input. */
  quits(): void {
    this.isQuitting = true
    this.known = []
  }

  private get items(): ReadonlyArray<Item> {
    this.known ??= itemsOf(this.bytes, this.maxLine)
    return this.known
  }

  /** Whether all its requests were processed. Telnet answers do not count. */
  get isDone(): boolean {
    return this.items.slice(this.position).every((item) => typeof item === "object" && "answer" in item)
  }

  get isThere(): boolean {
    return this.leftAt === undefined
  }

  private takeAnswer(): string | undefined {
    const item = this.items[this.position]
    if (typeof item !== "object" || !("answer" in item)) return undefined
    this.position++
    return item.answer
  }
}
