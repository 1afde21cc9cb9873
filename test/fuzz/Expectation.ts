/** What one client has to hear, source by source: its own replies, and the messages of each other client. */

/** Something was heard, or not heard, against the contract. */
export class Violation extends Error {}

/** One line of a reply. */
export interface Reply {
  readonly text: string
  /** It may be left out. */
  readonly optional?: boolean
  /** Nothing may come between it and the line before. */
  readonly joined?: boolean
}

interface Messages {
  readonly sender: string
  /** In this order. */
  must: Array<string>
  /** Sent before this client could be reached, or when it could not be reached any more. */
  may: Array<string>
}

const quoted = (text: string): string => JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text)

/** Cuts what arrived into lines without their ends and telnet's answers of three bytes; what is unfinished stays. */
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
  /** The line heard last is part of a reply that goes on. */
  private isOpen = false
  /** Gives telnet's answer that comes next in what the client sent, once. */
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

  /** Messages that may, but need not be heard. */
  perhaps(source: number, sender: string, texts: ReadonlyArray<string>): void {
    this.from(source, sender).may.push(...texts.map((text) => `FROM ${sender}: ${text}`))
  }

  /** The client has left; `isSure` says whose messages reach it nevertheless, and `repliesAre` whether its replies do. */
  ends(farewell: string | undefined, repliesAre: boolean, isSure: (source: number) => boolean): void {
    this.farewell = farewell
    if (!repliesAre) this.replies = this.replies.map((reply) => ({ ...reply, optional: true }))
    for (const [source, messages] of this.messages) {
      if (isSure(source)) continue
      messages.may.push(...messages.must)
      messages.must = []
    }
  }

  /** Whether it may still hear something of that source. */
  lacks(source: number): boolean {
    const { may = [], must = [] } = this.messages.get(source) ?? {}
    return may.length + must.length > 0
  }

  /** What of that source has not been heard by now, and did not have to be, will not be. */
  forgets(source: number): void {
    const messages = this.messages.get(source)
    if (messages !== undefined) messages.may = []
  }

  get lacksReplies(): boolean {
    return this.replies.some(({ optional }) => optional !== true)
  }

  /** The first thing that is still to come from a source that is not excused. */
  missing(isExcused: (source: number | "itself") => boolean): string | undefined {
    for (const [source, { must }] of this.messages) if (must[0] !== undefined && !isExcused(source)) return must[0]
    if (isExcused("itself")) return undefined
    return this.replies.find(({ optional }) => optional !== true)?.text ?? this.farewell
  }

  /** Compares what has arrived since the last time. */
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
