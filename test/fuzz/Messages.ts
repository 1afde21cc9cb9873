/** The messages of one sender to one recipient, and what becomes of them when the recipient's seat moves. */

export interface Message {
  /** The lines that it may arrive as: private messages are marked for those who WATCH. */
  forms: ReadonlyArray<string>
  readonly isPrivate: boolean
  /** The quiet point after which it was sent. */
  readonly epoch: number
  /** It moved to this connection, and has to come before all that is newer. */
  isMoved: boolean
  /** It may be the line that stayed with the connection from which the others moved. */
  begun: Begun | undefined
}

const plain = (sender: string, text: string): string => `FROM ${sender}: ${text}`
const marked = (sender: string, text: string): string => `MESG ${plain(sender, text)}`

/** A message for all. */
export const publicMessage = (sender: string, text: string, epoch: number): Message => ({
  forms: [plain(sender, text)],
  isPrivate: false,
  epoch,
  isMoved: false,
  begun: undefined
})

/** A message for somebody who WATCHes, or does not, or may. */
export const privateMessage = (
  sender: string,
  text: string,
  epoch: number,
  isWatching: boolean | "perhaps"
): Message => ({
  ...publicMessage(sender, text, epoch),
  isPrivate: true,
  forms: [
    ...(isWatching === true ? [] : [plain(sender, text)]),
    ...(isWatching === false ? [] : [marked(sender, text)])
  ]
})

/** The messages of which one, and no more, was begun on a connection whose seat moved: it is finished there, or lost. */
export class Begun {
  private candidates: ReadonlyArray<readonly [Messages, Message]>

  constructor(candidates: ReadonlyArray<readonly [Messages, Message]>) {
    this.candidates = candidates
    for (const [, message] of candidates) message.begun = this
  }

  /** Whether the line is the one that was begun. */
  finishes(line: string): boolean {
    const found = this.candidates.find(([, { forms }]) => forms.includes(line))
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

  /** The message that arrives as this line, if it may come now. */
  takes(line: string): Message | undefined {
    const [first, second] = this.must
    if (first?.forms.includes(line) === true) {
      this.must = this.must.slice(1)
      first.begun?.wasNot(first)
      return first
    }
    if (first?.begun !== undefined && second?.forms.includes(line) === true) {
      this.must = this.must.slice(2)
      first.begun.was(first)
      return second
    }
    const at = this.may.findIndex(({ forms }) => forms.includes(line))
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

  /** Messages to somebody whose seat has moved come first. */
  inherits({ may, must }: Messages, isOrdered: boolean): void {
    for (const message of must) message.isMoved = isOrdered
    this.must = [...must, ...this.must]
    this.may = [...may, ...this.may]
  }

  /** Private ones that were sent since that quiet point may yet enter an outbox in either form. */
  loosen(epoch: number): void {
    for (const message of [...this.must, ...this.may]) {
      if (!message.isPrivate || message.epoch < epoch) continue
      const line = (message.forms[0] ?? "").replace(/^MESG /, "")
      message.forms = [line, `MESG ${line}`]
    }
  }
}
