import { type Item, itemsOf } from "./Bytes.ts"
import { Expectation } from "./Expectation.ts"

/** All that the model knows of one connection. */
export class Client {
  readonly id: number
  readonly fd: number
  readonly since: number
  private readonly maxLine: number
  private bytes: Buffer = Buffer.alloc(0)
  private known: ReadonlyArray<Item> | undefined = []
  private position = 0
  readonly expects = new Expectation(() => this.takeAnswer())
  /** The status lines that have to follow the last one. */
  readonly due: Array<string> = []
  /** A status line that may follow the last one, and what is replied then. */
  perhapsDue: { readonly line: string; readonly reply: string } | undefined
  /** Kept when it has left. */
  name: string | undefined
  isQuitting = false
  hasHungUp = false
  /** What broke the connection. */
  broken: string | undefined
  /** When it stopped reading. */
  stalledAt: number | undefined
  /** Whether it was stalled at any moment since the last quiet point. */
  wasStalled = false
  /** Whether it may have been held back at the last quiet point. */
  wasHeld = false
  /** When its last status line came. */
  heardAt: number
  leftAt: number | undefined
  /** It was not reading when it left, or was gone: what was left for it may be lost. */
  leftDeaf = false
  /** Texts that it has sent to all since it was last known not to be held back: they may reach newcomers too. */
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

  /** The next thing that it asked for, the answers before it being due by now. */
  next(): Exclude<Item, { readonly answer: string }> | undefined {
    this.answers()
    const item = this.items[this.position]
    if (item === undefined || (typeof item === "object" && "answer" in item)) return undefined
    this.position++
    return item
  }

  /** Telnet's answers up to the next request must have been given. */
  answers(): void {
    for (let answer = this.takeAnswer(); answer !== undefined; answer = this.takeAnswer()) {
      this.expects.reply({ text: answer })
    }
  }

  /** It is not heard any more, whatever it has sent or will send. */
  quits(): void {
    this.isQuitting = true
    this.known = []
  }

  private get items(): ReadonlyArray<Item> {
    this.known ??= itemsOf(this.bytes, this.maxLine)
    return this.known
  }

  /** Whether all that it asked for has been dealt with; telnet's answers are nothing to wait for. */
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
