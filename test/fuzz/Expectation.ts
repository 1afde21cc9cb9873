/** The expected output of one client, by source: its own replies, and the messages of each other client. */

/** A difference between the server and the protocol. */
export class Violation extends Error {}

/** One line of a reply. */
export interface Reply {
  readonly text: string
  /** Whether the line may be missing. */
  readonly optional?: boolean
  /** Whether it must directly follow the previous line of the reply. */
  readonly joined?: boolean
}

interface Messages {
  readonly sender: string
  /** Messages that must arrive, in this order. */
  must: Array<string>
  /** Messages that may arrive: sent at about the time at which the client joined or left. */
  may: Array<string>
}

const quoted = (text: string): string => JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text)

/** Cuts output into lines (without terminators) and telnet answers (three bytes). `until` is their end. */
const cut = (bytes: Buffer, from: number): { readonly heard: ReadonlyArray<string>; readonly until: number } => {
  const heard: Array<string> = []
  let until = from
  for (;;) {
    const isAnswer = bytes[until] === 0xff
    const end = isAnswer ? until + 3 : bytes.indexOf("\r\n", until)
    if (end < until || end > bytes.length) return { heard, until }
    heard.push(bytes.toString(isAnswer ? "latin1" : "utf8", until, end))
    until = isAnswer ? end : end + 2
  }
}

export class Expectation {
  private replies: Array<Reply> = []
  private readonly messages = new Map<number, Messages>()
  private farewell: string | undefined
  private position = 0
  /** Whether the last line belongs to a reply that is not complete. */
  private isOpen = false
  /** Takes the next telnet answer to the client's input. */
  private readonly nextAnswer: () => string | undefined

  constructor(nextAnswer: () => string | undefined) {
    this.nextAnswer = nextAnswer
  }

  reply(...lines: ReadonlyArray<Reply>): void {
    this.replies.push(...lines)
  }

  message(source: number, sender: string, text: string): void {
    this.from(source, sender).must.push(`FROM ${sender}: ${text}`)
  }

  /** Adds messages that may arrive. */
  perhaps(source: number, sender: string, texts: ReadonlyArray<string>): void {
    this.from(source, sender).may.push(...texts.map((text) => `FROM ${sender}: ${text}`))
  }

  /** The client has left. Only messages of a source with `isSure`, and replies if `repliesAre`, must still arrive. */
  ends(farewell: string | undefined, repliesAre: boolean, isSure: (source: number) => boolean): void {
    this.farewell = farewell
    if (!repliesAre) this.replies = this.replies.map((reply) => ({ ...reply, optional: true }))
    for (const [source, messages] of this.messages) {
      if (isSure(source)) continue
      messages.may.push(...messages.must)
      messages.must = []
    }
  }

  /** Whether a message of this source may still arrive. */
  lacks(source: number): boolean {
    const { may = [], must = [] } = this.messages.get(source) ?? {}
    return may.length + must.length > 0
  }

  /** Optional messages of this source that have not arrived by now must not arrive later. */
  forgets(source: number): void {
    const messages = this.messages.get(source)
    if (messages !== undefined) messages.may = []
  }

  get lacksReplies(): boolean {
    return this.replies.some(({ optional }) => optional !== true)
  }

  /** The first missing text from a source that is not excused. */
  missing(isExcused: (source: number | "itself") => boolean): string | undefined {
    for (const [source, { must }] of this.messages) if (must[0] !== undefined && !isExcused(source)) return must[0]
    if (isExcused("itself")) return undefined
    return this.replies.find(({ optional }) => optional !== true)?.text ?? this.farewell
  }

  /** Checks the output that has arrived since the last call. */
  hears(bytes: Buffer): void {
    const { heard, until } = cut(bytes, this.position)
    this.position = until
    for (const line of heard) this.hear(line)
  }

  private hear(line: string): void {
    const sender = /^FROM ([A-Za-z0-9]{1,32}): ./su.exec(line)?.[1]
    if (sender !== undefined) {
      if (this.isOpen) throw new Violation(`${quoted(line)} came in the middle of a reply`)
      if (![...this.messages.values()].some((messages) => messages.sender === sender && takes(messages, line)))
        throw new Violation(`${quoted(line)} was not sent to it, or not now, or not twice; ${this.outlook(sender)}`)
      return
    }
    const next = this.replies.findIndex(({ optional }) => optional !== true)
    const isNext = this.replies[next]?.text === line
    const at = isNext ? next : this.replies.findIndex(({ text }, index) => text === line && (next < 0 || index < next))
    if (at >= 0) {
      this.replies.splice(0, at + 1)
      this.isOpen = this.replies[0]?.joined === true
    } else if (next < 0 && line === this.farewell) this.farewell = undefined
    else if (next >= 0 || line !== this.nextAnswer())
      throw new Violation(
        `${quoted(line)} is not its next reply, which is ${quoted(this.replies[next]?.text ?? "none")}`
      )
  }

  private from(source: number, sender: string): Messages {
    let messages = this.messages.get(source)
    if (messages === undefined) {
      messages = { sender, must: [], may: [] }
      this.messages.set(source, messages)
    }
    return messages
  }

  private outlook(sender: string): string {
    const next = [...this.messages.values()].flatMap((messages) => (messages.sender === sender ? messages.must : []))
    return next[0] === undefined ? "nothing is to come from there" : `${quoted(next[0])} comes next`
  }
}

const takes = (messages: Messages, line: string): boolean => {
  if (messages.must[0] === line) return messages.must.shift() !== undefined
  const at = messages.may.indexOf(line)
  if (at >= 0) messages.may.splice(0, at + 1)
  return at >= 0
}
