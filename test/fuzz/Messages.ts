/** The messages of one sender to one recipient, and what becomes of them when the recipient's seat moves. */

export interface Message {
  /** The line that it arrives as, but for the mark of private messages. */
  readonly line: string
  readonly isPrivate: boolean
  /** It has its form from another connection, or gets it on this one. */
  isOfEitherForm: boolean
  /** It moved to this connection, and has to come before all that is newer. */
  isMoved: boolean
  /** It may be the line that stayed with the connection from which the others moved. */
  begun: Begun | undefined
}

export const message = (sender: string, text: string, isPrivate: boolean): Message => ({
  line: `FROM ${sender}: ${text}`,
  isPrivate,
  isOfEitherForm: false,
  isMoved: false,
  begun: undefined
})

/** The lines that it may arrive as at a client that has heard last that it WATCHes, or does not. */
export const formsOf = ({ isOfEitherForm, isPrivate, line }: Message, isWatching: boolean): ReadonlyArray<string> => {
  const marked = `MESG ${line}`
  if (!isPrivate) return [line]
  if (isOfEitherForm) return [line, marked]
  return [isWatching ? marked : line]
}

/** The messages of which one, and no more, was begun on a connection whose seat moved: it is finished there, or lost. */
export class Begun {
  private candidates: ReadonlyArray<readonly [Messages, Message]>

  constructor(candidates: ReadonlyArray<readonly [Messages, Message]>) {
    this.candidates = candidates
    for (const [, message] of candidates) message.begun = this
  }

  /** Whether the line is the one that was begun. */
  finishes(line: string): boolean {
    const found = this.candidates.find(([, message]) => formsOf(message, false).includes(line))
    if (found === undefined) return false
    const [messages, message] = found
    messages.drop(message)
    this.was(message)
    this.candidates = []
    return true
  }

  /** It was another. */
  wasNot(message: Message): void {
    message.begun = undefined
    this.candidates = this.candidates.filter(([, other]) => other !== message)
  }

  /** It was this one, and no other. */
  was(message: Message): void {
    for (const [, other] of this.candidates) if (other !== message) this.wasNot(other)
  }
}

export class Messages {
  readonly sender: string
  /** In this order. */
  must: ReadonlyArray<Message> = []
  /** Sent when this client could not be reached any more. */
  may: ReadonlyArray<Message> = []

  constructor(sender: string) {
    this.sender = sender
  }

  /** The message that arrives as this line, if it may come now, to a client that has heard last that it WATCHes, or does not. */
  takes(line: string, isWatching: boolean): Message | undefined {
    const isIt = (message: Message | undefined) => message !== undefined && formsOf(message, isWatching).includes(line)
    const [first, second] = this.must
    if (first !== undefined && isIt(first)) {
      this.must = this.must.slice(1)
      first.begun?.wasNot(first)
      return first
    }
    if (first?.begun !== undefined && isIt(second)) {
      this.must = this.must.slice(2)
      first.begun.was(first)
      return second
    }
    const at = this.may.findIndex(isIt)
    const found = this.may[at]
    this.may = this.may.slice(at + 1)
    return found
  }

  drop(message: Message): void {
    this.must = this.must.filter((other) => other !== message)
    this.may = this.may.filter((other) => other !== message)
  }

  /** Whether one has to be heard yet, for sure. */
  get isLacking(): boolean {
    return this.must.some(({ begun }) => begun === undefined)
  }

  /** They need not be heard any more. */
  excuse(): void {
    this.may = [...this.may, ...this.must]
    this.must = []
  }

  /** Messages that may arrive here too. */
  mayInherit({ may }: Messages): void {
    for (const message of may) message.isOfEitherForm = true
    this.may = [...may, ...this.may]
  }

  /** Messages to somebody whose seat has moved come first. */
  inherits({ may, must }: Messages, isOrdered: boolean): void {
    for (const message of [...must, ...may]) message.isOfEitherForm = true
    for (const message of must) message.isMoved = isOrdered
    this.must = [...must, ...this.must]
    this.may = [...may, ...this.may]
  }
}
