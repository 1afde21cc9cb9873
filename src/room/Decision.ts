/** The meaning of commands: a pure function from a roster and commands to a decision. */
import type { Lines } from "../connection/SenderQueue.ts"
import { DECISION_BYTES } from "../Limits.ts"
import type { Command } from "../protocol/Command.ts"
import * as Reply from "../protocol/Reply.ts"
import { byteLength } from "../protocol/Text.ts"
import { shown } from "../protocol/Username.ts"
import type { Request, StatusEvent } from "../status/StatusEvent.ts"
import type * as Roster from "./Roster.ts"

/** The client whose commands are decided. */
export interface Client {
  readonly fd: number
  /** Absent until it has registered. */
  readonly member: Roster.Member | undefined
}

/** Lines for one member, for the client itself, or for every member but the client. */
export interface Delivery<M extends Roster.Member> extends Lines {
  readonly to: M | "self" | "others"
}

/** The step after the deliveries: the next command, a change of the room or of its view, or the end. */
export type Next =
  | { readonly _tag: "Continue" }
  | { readonly _tag: "Watch"; readonly isOn: boolean }
  | { readonly _tag: "Key" }
  | { readonly _tag: "Reclaim"; readonly name: string; readonly key: string }
  | { readonly _tag: "Join"; readonly name: string }
  | { readonly _tag: "Quit" }

export interface Decision<M extends Roster.Member> {
  /** In order. Consecutive lines to the same recipients are one delivery. */
  readonly deliveries: ReadonlyArray<Delivery<M>>
  /** In order; empty when nobody reads them. */
  readonly events: ReadonlyArray<StatusEvent>
  /** Messages accepted, one for each recipient. */
  readonly accepted: number
  /** Index of the first command that is not decided yet. */
  readonly position: number
  readonly next: Next
}

const proceed: Next = { _tag: "Continue" }
const quit: Next = { _tag: "Quit" }
const key: Next = { _tag: "Key" }

/** A decision while it is made. */
interface Draft<M extends Roster.Member> {
  readonly deliveries: Array<{ to: Delivery<M>["to"]; text: string; bytes: number; kind: Lines["kind"] }>
  readonly events: Array<StatusEvent>
  readonly isObserved: boolean
  readonly isUnavailable: boolean
  accepted: number
  /** Bytes of all deliveries. */
  bytes: number
}

export interface Settings {
  /** Whether events are wanted. */
  readonly isObserved: boolean
  readonly maxLine: number
  /** The engine of a room over many machines cannot be reached: nobody is found, and what needs it is discarded. */
  readonly isUnavailable?: boolean
  /** Bytes of output after which the decision pauses; `DECISION_BYTES` unless given. */
  readonly pauseAfter?: number
}

/**
 * Decides the commands from index `from` up to `end`, against the roster as it is. Stops after a QUIT, at a JOIN (which
 * changes the roster), and when it has produced about `DECISION_BYTES` of output.
 */
export const decide = <M extends Roster.Member>(
  room: Roster.View<M>,
  client: Client,
  commands: ReadonlyArray<Command>,
  from: number,
  end: number,
  { isObserved, isUnavailable = false, maxLine, pauseAfter = DECISION_BYTES }: Settings
): Decision<M> => {
  const { fd, member: sender } = client
  const draft: Draft<M> = { deliveries: [], events: [], isObserved, isUnavailable, accepted: 0, bytes: 0 }
  // A trick for speed: the lines of a chunk mostly go to one recipient, who is looked up once and logged as one object.
  let name: string | undefined
  let recipient: M | undefined
  let request: StatusEvent | undefined

  for (let index = from; index < end; index++) {
    if (draft.bytes >= pauseAfter) return decided(draft, index, proceed)
    const command = commands[index] as Command
    // The commonest command comes first: each test before it is 1 % of a message.
    if (command._tag === "Mesg") {
      if (sender === undefined) {
        discard(draft, fd, command)
        continue
      }
      if (command.name !== name) {
        name = command.name
        recipient = room.find(name)
        request = isObserved ? mesgRequest(fd, shown(name)) : undefined
      }
      if (request !== undefined) draft.events.push(request)
      if (name === "" || command.text === "") reply(draft, Reply.incompleteMesg)
      else if (recipient === undefined && isUnavailable) unavailable(draft, fd, "MESG")
      else if (recipient === undefined) {
        log(draft, { event: "unknownRecipient", fd, recipient: shown(name) })
        reply(draft, Reply.unknownRecipient(name))
      } else {
        draft.accepted++
        message(draft, recipient, sender, command)
      }
      continue
    }
    if (command._tag === "Telnet") {
      deliver(draft, "self", command.answer, command.answer.length, "reply")
      continue
    }
    if (command._tag === "Quit") {
      log(draft, { event: "quitRequested", fd })
      return decided(draft, index + 1, quit)
    }
    if (command._tag === "Help") {
      log(draft, { event: "request", fd, request: "HELP" })
      reply(draft, Reply.help(maxLine))
      continue
    }
    if (sender === undefined) {
      if (command._tag === "Reclaim") return decided(draft, index + 1, command)
      if (command._tag === "Join") return decided(draft, index + 1, { _tag: "Join", name: command.name })
      discard(draft, fd, command)
      continue
    }
    if (command._tag === "Watch" || command._tag === "Unwatch") {
      const isOn = command._tag === "Watch"
      log(draft, { event: "request", fd, request: isOn ? "WATCH" : "UNWATCH" })
      if (isOn && isUnavailable) {
        unavailable(draft, fd, "WATCH")
        continue
      }
      reply(draft, isOn ? Reply.watchAccepted : Reply.unwatchAccepted)
      return decided(draft, index + 1, { _tag: "Watch", isOn })
    }
    if (command._tag === "Key") {
      log(draft, { event: "request", fd, request: "KEY" })
      if (isUnavailable) {
        unavailable(draft, fd, "KEY")
        continue
      }
      return decided(draft, index + 1, key)
    }
    answer(draft, room, sender, command)
  }
  return decided(draft, end, proceed)
}

const decided = <M extends Roster.Member>(
  { accepted, deliveries, events }: Draft<M>,
  position: number,
  next: Next
): Decision<M> => ({ deliveries, events, accepted, position, next })

const mesgRequest = (fd: number, recipient: string): StatusEvent =>
  recipient === "" ? { event: "request", fd, request: "MESG" } : { event: "request", fd, request: "MESG", recipient }

/** Decides a command of a client that has not registered. */
const discard = <M extends Roster.Member>(draft: Draft<M>, fd: number, command: Command): void => {
  log(draft, { event: "unregisteredRequest", fd, request: requestOf(command) })
  reply(draft, Reply.unregistered)
}

/** Decides any other command of a member. */
const answer = <M extends Roster.Member>(
  draft: Draft<M>,
  { members, size }: Roster.View<M>,
  sender: Roster.Member,
  command: Exclude<Command, { readonly _tag: "Help" | "Key" | "Mesg" | "Quit" | "Telnet" | "Unwatch" | "Watch" }>
) => {
  const { fd } = sender
  switch (command._tag) {
    case "Bcst":
      log(draft, { event: "request", fd, request: "BCST" })
      if (command.text === "") return reply(draft, Reply.incompleteBcst)
      if (draft.isUnavailable) return unavailable(draft, fd, "BCST")
      draft.accepted += size - 1
      return message(draft, "others", sender, command)
    case "List":
      log(draft, { event: "request", fd, request: "LIST" })
      if (draft.isUnavailable) return unavailable(draft, fd, "LIST")
      return reply(draft, Reply.table(members))
    case "Ping":
      log(draft, { event: "request", fd, request: "PING" })
      return reply(draft, Reply.pong)
    case "Join":
    case "Reclaim":
      log(draft, { event: "alreadyRegistered", fd, request: command._tag === "Join" ? "JOIN" : "RECLAIM" })
      return reply(draft, Reply.alreadyRegistered(sender.name, fd))
    case "TooLong":
      log(draft, { event: "tooLong", fd })
      return reply(draft, Reply.messageTooLong)
    case "Unknown":
      log(draft, { event: "unrecognizable", fd })
      return reply(draft, Reply.unknownMessage)
  }
}

/** Decides a command that needs an engine that cannot be reached. */
const unavailable = <M extends Roster.Member>(draft: Draft<M>, fd: number, request: Request): void => {
  log(draft, { event: "discarded", fd, request })
  reply(draft, Reply.discarded(request))
}

/** A command as the log names it. */
const requestOf = ({ _tag }: Command): Request => {
  switch (_tag) {
    case "List":
      return "LIST"
    case "Mesg":
      return "MESG"
    case "Bcst":
      return "BCST"
    case "Ping":
      return "PING"
    case "Watch":
      return "WATCH"
    case "Unwatch":
      return "UNWATCH"
    case "Key":
      return "KEY"
    default:
      return "UNKNOWN Message"
  }
}

const message = <M extends Roster.Member>(
  draft: Draft<M>,
  to: M | "others",
  sender: Roster.Member,
  { bytes, text }: { readonly bytes: number; readonly text: string }
): void => {
  const line = Reply.from(sender.name, text)
  deliver(draft, to, line, line.length + bytes - text.length, to === "others" ? "public" : "private")
}

const reply = <M extends Roster.Member>(draft: Draft<M>, line: string): void =>
  deliver(draft, "self", line, byteLength(line), "reply")

const log = <M extends Roster.Member>(draft: Draft<M>, event: StatusEvent): void => {
  if (draft.isObserved) draft.events.push(event)
}

const deliver = <M extends Roster.Member>(
  draft: Draft<M>,
  to: Delivery<M>["to"],
  line: string,
  bytes: number,
  kind: Lines["kind"]
): void => {
  const last = draft.deliveries[draft.deliveries.length - 1]
  draft.bytes += bytes
  // Text is not joined to telnet's bytes: encoded as UTF-8 with it, they would be spoilt.
  if (last !== undefined && last.to === to && (last.bytes === last.text.length) === (bytes === line.length)) {
    last.text += line
    last.bytes += bytes
  } else draft.deliveries.push({ to, text: line, bytes, kind })
}
