/** What a read's commands mean, decided all at once by a pure function. */
import { DECISION_BYTES } from "../Limits.ts"
import * as Command from "../protocol/Command.ts"
import type { Batch } from "../protocol/LineDecoder.ts"
import * as Reply from "../protocol/Reply.ts"
import type { Request, StatusEvent } from "../protocol/StatusEvent.ts"
import { byteLength, clean } from "../protocol/Text.ts"
import { shown } from "../protocol/Username.ts"
import type { Outbox } from "./Outbox.ts"
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

/**
 * Decides the items of `batch` from index `from` on, against the roster as it is. Stops after QUIT, before what follows
 * a JOIN (which changes the roster), and when it has produced about `DECISION_BYTES` of output. Events are left out
 * unless somebody reads them (`observed`).
 */
export const decide = (
  roster: Roster.Roster,
  client: Client,
  batch: Batch,
  from: number,
  observed: boolean
): Decision => {
  const { fd, member } = client
  const deliveries: Array<Delivery> = []
  const events: Array<StatusEvent> = []
  let produced = 0

  // Consecutive lines to the same recipients become one delivery.
  let to: Delivery["to"] = client.outbox
  let text = ""
  let bytes = 0
  let whole = false

  const close = () => {
    if (text === "") return
    deliveries.push({ to, text, bytes, whole })
    produced += bytes
    text = ""
    bytes = 0
  }
  const deliver = (recipient: Delivery["to"], line: string, isReply: boolean, isNarrow: boolean) => {
    if (recipient !== to || isReply !== whole) {
      close()
      to = recipient
      whole = isReply
    }
    text += line
    bytes += isNarrow ? line.length : byteLength(line)
  }
  const reply = (line: string) => deliver(client.outbox, line, true, false)
  const log = (event: StatusEvent) => {
    if (observed) events.push(event)
  }
  const decided = (next: number, then: Then): Decision => {
    close()
    return { deliveries, events, next, then }
  }

  const message = (sender: Roster.Member, recipient: Delivery["to"], body: string) =>
    deliver(recipient, Reply.from(sender.name, body), false, batch.plain)

  // Most lines of a read go to the same recipient: its name is looked up once, and the event is the same object.
  let lastName: string | undefined
  let lastMember: Roster.Member | undefined
  let lastRequest: StatusEvent | undefined

  const mesg = (sender: Roster.Member, name: string, typed: string) => {
    if (name !== lastName || lastRequest === undefined) {
      lastName = name
      lastMember = Roster.find(roster, name)
      const recipient = shown(name)
      lastRequest =
        recipient === ""
          ? { event: "request", fd, request: "MESG" }
          : { event: "request", fd, request: "MESG", recipient }
    }
    log(lastRequest)
    const body = batch.plain ? typed : clean(typed)
    if (name === "" || body === "") return reply(Reply.incompleteMesg)
    if (lastMember !== undefined) return message(sender, lastMember.outbox, body)
    log({ event: "unknownRecipient", fd, recipient: shown(name) })
    reply(Reply.unknownRecipient(name))
  }

  const request = (sender: Roster.Member, command: Command.Command) => {
    switch (command._tag) {
      case "Mesg":
        return mesg(sender, command.name, command.text)
      case "Bcst": {
        log({ event: "request", fd, request: "BCST" })
        const body = batch.plain ? command.text : clean(command.text)
        return body === "" ? reply(Reply.incompleteBcst) : message(sender, "others", body)
      }
      case "List":
        log({ event: "request", fd, request: "LIST" })
        return reply(Reply.table(roster.members))
      case "Ping":
        log({ event: "request", fd, request: "PING" })
        return reply(Reply.pong)
      case "Join":
        log({ event: "alreadyRegistered", fd })
        return reply(Reply.alreadyRegistered(sender.name, fd))
      default:
        log({ event: "unrecognizable", fd })
        return reply(Reply.unknownMessage)
    }
  }

  const { items } = batch
  for (let index = from; index < items.length; index++) {
    if (produced + bytes >= DECISION_BYTES) return decided(index, proceed)
    const item = items[index] as Batch["items"][number]
    if (typeof item !== "string") {
      if (item._tag === "Answer") {
        // Its bytes are not text: joined to a reply in UTF-8 they would be spoilt.
        close()
        deliver(client.outbox, item.bytes, true, true)
        close()
      } else if (member === undefined) {
        log({ event: "unregisteredRequest", fd, request: "UNKNOWN Message" })
        reply(Reply.unregistered)
      } else {
        log({ event: "tooLong", fd })
        reply(Reply.messageTooLong)
      }
      continue
    }
    const command = Command.parse(item)
    if (command._tag === "Quit") {
      log({ event: "quitRequested", fd })
      return decided(index + 1, quit)
    }
    if (member !== undefined) request(member, command)
    else if (command._tag === "Join") return decided(index + 1, { _tag: "Join", name: command.name })
    else {
      log({ event: "unregisteredRequest", fd, request: requestOf(command) })
      reply(Reply.unregistered)
    }
  }
  return decided(items.length, proceed)
}
