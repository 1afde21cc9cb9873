/** The lines that one client has to hear: its own replies, the messages of each sender, and notices of the room. */
import { Begun, formsOf, type Message, Messages } from "./Messages.ts"
import { type Notice, Notices } from "./Notices.ts"
import { quoted, Violation } from "./Violation.ts"

/** One line of a reply. */
export interface Reply {
  readonly text: string
  /** The line that it may be instead. */
  or?: string
  /** It may be left out. */
  readonly optional?: boolean
  /** Whether it must directly follow the previous line of the reply. */
  readonly joined?: boolean
  /** It names a key, which only the server knows. */
  readonly isKey?: boolean
}

const isAcceptance = (line: string): boolean => /^(?:JOIN|RECLAIM) \w+ Request Accepted$/.test(line)
const matches = ({ isKey, or, text }: Reply, line: string): boolean =>
  isKey === true ? /^KEY [0-9a-f]{32}$/.test(line) : text === line || or === line

/** The next line without its end, or the next of telnet's answers, of three bytes; undefined while it is unfinished. */
const cut = (bytes: Buffer, from: number): { readonly line: string; readonly until: number } | undefined => {
  const isAnswer = bytes[from] === 0xff
  const end = isAnswer ? from + 3 : bytes.indexOf("\r\n", from)
  if (end < from || end > bytes.length) return undefined
  return { line: bytes.toString(isAnswer ? "latin1" : "utf8", from, end), until: isAnswer ? end : end + 2 }
}

export class Expectation {
  /** The keys that it was given. */
  readonly keys: Array<string> = []
  readonly notices = new Notices()
  private replies: Array<Reply> = []
  private messages = new Map<number, Messages>()
  /** Messages since the last quiet point. */
  recent = 0
  /** Its seat moves: messages go to another connection, and notices stay. */
  isLosingSeat = false
  /** The line that it was in the middle of when its seat moved. */
  private begun: Begun | undefined
  private farewell: string | undefined
  /** The status of the HTTP response with which it is sent away, and what has come of that. */
  private status: number | undefined
  private response = ""
  private bytes: Buffer = Buffer.alloc(0)
  private position = 0
  /** Whether the last line belongs to a reply that is not complete. */
  private isOpen = false
  /** It has heard that it has a seat. */
  private isMember = false
  /** It has heard that it WATCHes, and not yet that it does so no more. */
  private isWatching = false
  /** Gives telnet's answer that comes next in what the client sent, once. */
  private readonly nextAnswer: () => string | undefined

  constructor(nextAnswer: () => string | undefined) {
    this.nextAnswer = nextAnswer
  }

  reply(...lines: ReadonlyArray<Reply>): void {
    this.replies.push(...lines)
  }

  message(source: number, sender: string, message: Message): void {
    let messages = this.messages.get(source)
    if (messages === undefined) {
      messages = new Messages(sender)
      this.messages.set(source, messages)
    }
    messages.must = [...messages.must, message]
    this.recent++
  }

  notice(notice: Notice): void {
    this.notices.add(notice)
  }

  /** A line of LIST that may have been made before or after a seat moved. */
  loosensReply(text: string, or: string): void {
    for (const reply of this.replies) if (reply.text === text) reply.or = or
  }

  /** The client has left; `isSure` says whose messages reach it nevertheless, and `repliesAre` whether its replies do. */
  ends(farewell: string | number | undefined, repliesAre: boolean, isSure: (source: number) => boolean): void {
    if (typeof farewell === "number") this.status = farewell
    else this.farewell = farewell
    if (!repliesAre) this.replies = this.replies.map((reply) => ({ ...reply, optional: true }))
    this.notices.loosen()
    for (const [source, messages] of this.messages) if (!isSure(source)) messages.excuse()
  }

  /** The seat of another has moved to this client, with all that the other has not been sent by now. */
  inherits(other: Expectation, isOrdered: boolean): void {
    for (const [source, messages] of other.messages) {
      const own = this.messages.get(source) ?? new Messages(messages.sender)
      own.inherits(messages, isOrdered)
      this.messages.set(source, own)
    }
    other.begin([...other.messages.keys()].flatMap((source) => this.messages.get(source) ?? []))
    other.messages = new Map()
  }

  /**
   * The seat of another, at another node, has moved to this client. All that the other has not been sent was dropped, and
   * counted; but what was on its way when the seat moved may have found either.
   */
  mayInherit(other: Expectation, discarded: number): void {
    const all = [...other.messages.values()]
    const must = all.reduce((sum, messages) => sum + messages.must.length, 0)
    const may = all.reduce((sum, messages) => sum + messages.may.length, 0)
    // One line may have been begun, and is finished on the old connection.
    if (discarded > must + may || must - other.recent > discarded + 1)
      throw new Violation(`the log says that ${discarded} lines were discarded, of ${must} to ${must + may}`)
    for (const [source, messages] of other.messages) {
      const own = this.messages.get(source) ?? new Messages(messages.sender)
      this.messages.set(source, own)
      messages.excuse()
      own.mayInherit(messages)
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

  /** No fewer bytes than are on the way to it. */
  get mostBytes(): number {
    const messages = [...this.messages.values()].flatMap(({ may, must }) => [...may, ...must])
    const lines = [...this.replies.map(({ text }) => text), ...messages.map(({ line }) => `MESG ${line}`)]
    return lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 2, this.notices.bytes(true))
  }

  /** The first thing that is still to come from a source that is not excused. */
  missing(isExcused: (source: number | "itself") => boolean): string | undefined {
    const lost = new Set<Begun>()
    for (const [source, { must }] of this.messages) {
      if (isExcused(source)) continue
      // One line may have been begun elsewhere. It is not known of which sender, but it was one only.
      const begun = must[0]?.begun
      const first = begun === undefined || lost.has(begun) ? must[0] : must[1]
      if (begun !== undefined) lost.add(begun)
      if (first !== undefined) return this.textOf(first)
    }
    if (isExcused("itself")) return undefined
    const reply = this.notices.missing ?? this.replies.find(({ optional }) => optional !== true)?.text ?? this.farewell
    if (reply !== undefined || this.status === undefined) return reply
    return lengths(this.response, this.status)?.isWhole === true ? undefined : "an HTTP response"
  }

  /** Checks the output that has arrived since the last call. */
  hears(bytes: Buffer): void {
    this.bytes = bytes
    for (;;) {
      if (this.status !== undefined && bytes.toString("latin1", this.position).startsWith("HTTP/")) {
        if (this.lacksReplies)
          throw new Violation(`an HTTP response came before ${quoted(this.replies[0]?.text ?? "")}`)
        this.response = bytes.toString("latin1", this.position)
        if (lengths(this.response, this.status)?.isTooLong === true)
          throw new Violation(`there is more than an HTTP response: ${quoted(this.response)}`)
        return
      }
      const next = cut(bytes, this.position)
      if (next === undefined) return
      this.position = next.until
      this.hear(next.line)
    }
  }

  private hear(line: string): void {
    const sender = /^(?:MESG )?FROM ([A-Za-z0-9]{1,32}): ./su.exec(line)?.[1]
    const isNotice = /^(?:JOINED|LEFT) [A-Za-z0-9]{1,32}$/.test(line)
    if (sender === undefined && !isNotice) this.hearReply(line)
    else if (this.isOpen) throw new Violation(`${quoted(line)} came in the middle of a reply`)
    else if (!this.isMember) throw new Violation(`${quoted(line)} came before it has a seat`)
    else if (sender === undefined) this.hearNotice(line)
    else this.hearMessage(line, sender)
  }

  private hearMessage(line: string, sender: string): void {
    for (const [source, messages] of this.messages) {
      const message = messages.sender === sender ? messages.takes(line, this.isWatching) : undefined
      if (message === undefined) continue
      if (!message.isMoved) this.hasAllThatMoved(line)
      if (this.notices.isUnannounced(source)) throw new Violation(`${quoted(line)} came before its JOINED`)
      return
    }
    if (this.begun?.finishes(line) === true) {
      this.begun = undefined
      return
    }
    throw new Violation(`${quoted(line)} was not sent to it, or not now, or not twice; ${this.outlook(sender)}`)
  }

  private hearNotice(line: string): void {
    if (!this.isWatching) throw new Violation(`${quoted(line)} came to a client that does not WATCH`)
    const notice = this.notices.takes(line)
    if (notice === undefined)
      throw new Violation(`${quoted(line)} is not so, or not now; next is ${quoted(this.notices.missing ?? "none")}`)
    // Messages that have moved are not waited for.
    if (!notice.isLeft || this.isLosingSeat) return
    const messages = this.messages.get(notice.source)
    if (messages?.isLacking === true) throw new Violation(`${quoted(line)} came before ${this.outlook(notice.name)}`)
    this.forgets(notice.source)
  }

  private hearReply(line: string): void {
    if (this.isMember && !this.isOpen) this.hasAllThatMoved(line)
    const next = this.replies.findIndex(({ optional }) => optional !== true)
    const reply = this.replies[next]
    const isNext = reply !== undefined && matches(reply, line)
    const at = isNext
      ? next
      : this.replies.findIndex((reply, index) => matches(reply, line) && (next < 0 || index < next))
    const found = this.replies[at]
    if (found !== undefined) {
      if (found.isKey === true) this.keys.push(line.slice(4))
      this.isMember ||= isAcceptance(line)
      if (/^(?:UN)?WATCH Request Accepted$/.test(line)) this.isWatching = line.startsWith("WATCH")
      this.replies.splice(0, at + 1)
      this.isOpen = this.replies[0]?.joined === true
    } else if (next < 0 && line === this.farewell) {
      if (this.isOpen) throw new Violation(`${quoted(line)} came in the middle of a reply`)
      this.farewell = undefined
    } else if (next >= 0 || line !== this.nextAnswer())
      throw new Violation(
        `${quoted(line)} is not its next reply, which is ${quoted(this.replies[next]?.text ?? "none")}`
      )
  }

  /** Nothing that is newer comes before what has moved here. */
  private hasAllThatMoved(line: string): void {
    for (const { must } of this.messages.values()) {
      const first = must.find(({ begun, isMoved }) => isMoved && begun === undefined)
      if (first !== undefined) throw new Violation(`${quoted(line)} came before ${quoted(this.textOf(first))}`)
    }
  }

  /** The seat has moved: a message whose line has been begun stays here. */
  private begin(moved: ReadonlyArray<Messages>): void {
    const part = this.bytes.subarray(this.position)
    if (part.length === 0) return
    const isOf = (message: Message) =>
      formsOf(message, this.isWatching).some((form) => Buffer.from(`${form}\r\n`).subarray(0, part.length).equals(part))
    this.begun = new Begun(
      moved.flatMap((messages) => {
        const message = messages.must[0]
        return message !== undefined && isOf(message) ? [[messages, message] as const] : []
      })
    )
  }

  private outlook(sender: string): string {
    const next = [...this.messages.values()].flatMap((messages) => (messages.sender === sender ? messages.must : []))
    return next[0] === undefined ? "nothing is to come from there" : `${quoted(this.textOf(next[0]))} comes next`
  }

  private textOf(message: Message): string {
    return formsOf(message, this.isWatching).join(" or ")
  }
}

/** Whether a response of that status, which has to close the connection, is whole, or longer than it says. */
const lengths = (
  response: string,
  status: number
): { readonly isWhole: boolean; readonly isTooLong: boolean } | undefined => {
  const end = response.indexOf("\r\n\r\n")
  if (end < 0) return undefined
  const head = response.slice(0, end + 2)
  if (!head.startsWith(`HTTP/1.1 ${status} `) || !head.includes("\r\nConnection: close\r\n"))
    throw new Violation(`${quoted(head)} is not the head of a response of status ${status}`)
  const length = Number(/\r\nContent-Length: (\d+)\r\n/.exec(head)?.[1])
  const body = response.length - end - 4
  return { isWhole: body === length, isTooLong: body > length }
}
