/** What a read's commands mean, decided all at once by a pure function. */

import type { Outbox } from "../connection/Outbox.ts"
import { DECISION_BYTES } from "../Limits.ts"
import * as Command from "../protocol/Command.ts"
import type { Batch, Item } from "../protocol/LineDecoder.ts"
import * as Reply from "../protocol/Reply.ts"
import { byteLength, clean } from "../protocol/Text.ts"
import { shown } from "../protocol/Username.ts"
import type { Request, StatusEvent } from "../status/StatusEvent.ts"
import { type Counts, count, none } from "./LineCounts.ts"
import * as Roster from "./Roster.ts"

/** Who asks. */
export interface Client {
  readonly fd: number
  readonly outbox: Outbox
  /** Its seat, if it is registered. */
  readonly member: Roster.Member | undefined
}

/** Lines that go to one outbox, or to every member but the client itself. Their length in bytes is `bytes`. */
export interface Delivery {
  readonly to: Outbox | "others"
  readonly text: string
  readonly bytes: number
  /** These lines are the client's own replies, which nobody else's may part. */
  readonly whole: boolean
}

/** What comes after the deliveries: the next command, a claim for a seat, or the end. */
export type Then =
  | { readonly _tag: "Continue" }
  | { readonly _tag: "Join"; readonly name: string }
  | { readonly _tag: "Quit" }

export interface Decision {
  readonly deliveries: ReadonlyArray<Delivery>
  readonly events: ReadonlyArray<StatusEvent>
  readonly counts: Readonly<Counts>
  /** Index of the first item that is not decided yet. */
  readonly next: number
  readonly then: Then
}

const proceed: Then = { _tag: "Continue" }
const quit: Then = { _tag: "Quit" }

const requestOf = (command: Command.Command): Request => {
  switch (command._tag) {
    case "List":
      return "LIST"
    case "Mesg":
      return "MESG"
    case "Bcst":
      return "BCST"
    case "Ping":
      return "PING"
    default:
      return "UNKNOWN Message"
  }
}

const mesgRequest = (fd: number, recipient: string): StatusEvent => ({
  event: "request",
  fd,
  request: "MESG",
  ...(recipient === "" ? {} : { recipient })
})

/**
 * Decides the items of `batch` from index `from` up to `end`, against the roster as it is. Stops after QUIT, before what follows
 * a JOIN (which changes the roster), and when it has produced about `DECISION_BYTES` of output. Events are left out
 * unless somebody reads them (`observed`).
 */
export const decide = (
  roster: Roster.Roster,
  client: Client,
  batch: Batch,
  from: number,
  observed: boolean,
  end = batch.items.length
): Decision => new Deciding(roster, client, batch, observed).from(from, end)

/** A decision while it is being made. An object and not a nest of closures: most reads are one line, and those cost 1 us. */
class Deciding {
  private readonly roster: Roster.Roster
  private readonly client: Client
  private readonly batch: Batch
  private readonly observed: boolean
  private readonly deliveries: Array<Delivery> = []
  private readonly events: Array<StatusEvent> = []
  private readonly counts = none()
  private produced = 0

  // Consecutive lines to the same recipients become one delivery.
  private to: Delivery["to"]
  private text = ""
  private bytes = 0
  private whole = false

  // Most lines of a read go to the same recipient: its name is looked up once, and the event is the same object.
  private lastName: string | undefined = undefined
  private lastMember: Roster.Member | undefined = undefined
  private lastRequest: StatusEvent | undefined = undefined

  constructor(roster: Roster.Roster, client: Client, batch: Batch, observed: boolean) {
    this.roster = roster
    this.client = client
    this.batch = batch
    this.observed = observed
    this.to = client.outbox
  }

  from(first: number, end: number): Decision {
    const { items } = this.batch
    const { fd, member } = this.client
    for (let index = first; index < end; index++) {
      if (this.produced + this.bytes >= DECISION_BYTES) return this.decided(index, proceed)
      const item = items[index] as Batch["items"][number]
      if (typeof item !== "string") {
        this.interrupt(item)
        continue
      }
      const command = Command.parse(item)
      count(this.counts, command)
      if (command._tag === "Quit") {
        this.log({ event: "quitRequested", fd })
        return this.decided(index + 1, quit)
      }
      if (member !== undefined) this.request(member, command)
      else if (command._tag === "Join") return this.decided(index + 1, { _tag: "Join", name: command.name })
      else {
        this.log({ event: "unregisteredRequest", fd, request: requestOf(command) })
        this.reply(Reply.unregistered)
      }
    }
    return this.decided(end, proceed)
  }

  /** What stands in a line's place: telnet's own answers, and lines over the limit. */
  private interrupt(item: Exclude<Item, string>): void {
    const { fd, member } = this.client
    if (item._tag === "Answer") {
      // Its bytes are not text: joined to a reply in UTF-8 they would be spoilt.
      this.close()
      this.deliver(this.client.outbox, item.bytes, true, true)
      this.close()
      return
    }
    this.counts.tooLong++
    if (member === undefined) {
      this.log({ event: "unregisteredRequest", fd, request: "UNKNOWN Message" })
      this.reply(Reply.unregistered)
    } else {
      this.log({ event: "tooLong", fd })
      this.reply(Reply.messageTooLong)
    }
  }

  private request(sender: Roster.Member, command: Command.Command) {
    const { fd } = this.client
    switch (command._tag) {
      case "Mesg":
        return this.mesg(sender, command.name, command.text)
      case "Bcst": {
        this.log({ event: "request", fd, request: "BCST" })
        const body = this.batch.plain ? command.text : clean(command.text)
        return body === "" ? this.reply(Reply.incompleteBcst) : this.message(sender, "others", body)
      }
      case "List":
        this.log({ event: "request", fd, request: "LIST" })
        return this.reply(Reply.table(this.roster.members))
      case "Ping":
        this.log({ event: "request", fd, request: "PING" })
        return this.reply(Reply.pong)
      case "Join":
        this.log({ event: "alreadyRegistered", fd })
        return this.reply(Reply.alreadyRegistered(sender.name, fd))
      default:
        this.log({ event: "unrecognizable", fd })
        return this.reply(Reply.unknownMessage)
    }
  }

  private mesg(sender: Roster.Member, name: string, typed: string) {
    const { fd } = this.client
    if (name !== this.lastName) {
      this.lastName = name
      this.lastMember = Roster.find(this.roster, name)
      this.lastRequest = undefined
    }
    if (this.observed) {
      this.lastRequest ??= mesgRequest(fd, shown(name))
      this.events.push(this.lastRequest)
    }
    const body = this.batch.plain ? typed : clean(typed)
    if (name === "" || body === "") return this.reply(Reply.incompleteMesg)
    if (this.lastMember !== undefined) return this.message(sender, this.lastMember.outbox, body)
    this.log({ event: "unknownRecipient", fd, recipient: shown(name) })
    this.reply(Reply.unknownRecipient(name))
  }

  private message(sender: Roster.Member, recipient: Delivery["to"], body: string): void {
    this.counts.deliveries += recipient === "others" ? this.roster.members.length - 1 : 1
    this.deliver(recipient, Reply.from(sender.name, body), false, this.batch.plain)
  }

  private reply(line: string): void {
    this.deliver(this.client.outbox, line, true, false)
  }

  private log(event: StatusEvent): void {
    if (this.observed) this.events.push(event)
  }

  private deliver(recipient: Delivery["to"], line: string, isReply: boolean, isNarrow: boolean): void {
    if (recipient !== this.to || isReply !== this.whole) {
      this.close()
      this.to = recipient
      this.whole = isReply
    }
    this.text += line
    this.bytes += isNarrow ? line.length : byteLength(line)
  }

  private close(): void {
    if (this.text === "") return
    const { to, text, bytes, whole } = this
    this.deliveries.push({ to, text, bytes, whole })
    this.produced += bytes
    this.text = ""
    this.bytes = 0
  }

  private decided(next: number, then: Then): Decision {
    this.close()
    return { deliveries: this.deliveries, events: this.events, counts: this.counts, next, then }
  }
}
