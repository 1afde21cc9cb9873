/** The meaning of commands: a pure function from a roster and commands to a decision. */
import { DECISION_BYTES } from "../Limits.ts"
import type { Command } from "../protocol/Command.ts"
import * as Reply from "../protocol/Reply.ts"
import { shown } from "../protocol/Username.ts"
import type { Request, StatusEvent } from "../status/StatusEvent.ts"
import * as Draft from "./Draft.ts"
import type * as Roster from "./Roster.ts"

/** The client whose commands are decided. */
export interface Client {
  readonly fd: number
  /** Absent until it has registered. */
  readonly member: Roster.Member | undefined
  /** Bytes that a line of this client may have. */
  readonly maxLine: number
}

/** The step after the deliveries: the next command, a change of the room, or the end. */
export type Next =
  | { readonly _tag: "Continue" }
  | { readonly _tag: "Key" }
  | { readonly _tag: "Reclaim"; readonly name: string; readonly key: string }
  | { readonly _tag: "Join"; readonly name: string }
  | { readonly _tag: "Quit" }

export interface Decision<M extends Roster.Member> {
  /** In order. Consecutive lines to the same recipients are one delivery. */
  readonly deliveries: ReadonlyArray<Draft.Delivery<M>>
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

export interface Settings {
  /** Whether events are wanted. */
  readonly isObserved: boolean
  /** The engine of a room over many machines cannot be reached: nobody is found, and what needs it is discarded. */
  readonly isUnavailable?: boolean
  /** Bytes of output after which the decision pauses; `DECISION_BYTES` unless given. */
  readonly pauseAfter?: number
}

/**
 * Decides the commands from index `from` up to `end`, against the roster as it is. Stops after a QUIT, at a JOIN (which
 * changes the roster), after a WATCH or UNWATCH (whose reply has to be in the outbox before anything else is decided), and
 * when it has produced about `DECISION_BYTES` of output.
 */
export const decide = <M extends Roster.Member>(
  room: Roster.View<M>,
  client: Client,
  commands: ReadonlyArray<Command>,
  from: number,
  end: number,
  { isObserved, isUnavailable = false, pauseAfter = DECISION_BYTES }: Settings
): Decision<M> => {
  const { fd, maxLine, member: sender } = client
  const draft = Draft.make<M>(isObserved, isUnavailable)
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
        request = isObserved ? mesgRequest(fd, name) : undefined
      }
      if (request !== undefined) draft.events.push(request)
      if (name === "" || command.text === "") Draft.reply(draft, Reply.incompleteMesg)
      else if (recipient === undefined && isUnavailable) Draft.unavailable(draft, fd, "MESG")
      else if (recipient === undefined) {
        Draft.log(draft, { event: "unknownRecipient", fd, recipient: shown(name) })
        Draft.reply(draft, Reply.unknownRecipient(name))
      } else {
        draft.accepted++
        Draft.message(draft, recipient, sender, command)
      }
      continue
    }
    if (command._tag === "Telnet") {
      Draft.deliver(draft, "self", command.answer, command.answer.length, "reply")
      continue
    }
    if (command._tag === "Quit") {
      Draft.log(draft, { event: "quitRequested", fd })
      return decided(draft, index + 1, quit)
    }
    if (command._tag === "Help") {
      Draft.log(draft, { event: "request", fd, request: "HELP" })
      Draft.reply(draft, Reply.help(maxLine))
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
      Draft.log(draft, { event: "request", fd, request: isOn ? "WATCH" : "UNWATCH" })
      if (isOn && isUnavailable) {
        Draft.unavailable(draft, fd, "WATCH")
        continue
      }
      Draft.watch(draft, isOn)
      return decided(draft, index + 1, proceed)
    }
    if (command._tag === "Key") {
      Draft.log(draft, { event: "request", fd, request: "KEY" })
      if (isUnavailable) {
        Draft.unavailable(draft, fd, "KEY")
        continue
      }
      return decided(draft, index + 1, key)
    }
    answer(draft, room, sender, command)
  }
  return decided(draft, end, proceed)
}

const decided = <M extends Roster.Member>(
  { accepted, deliveries, events }: Draft.Draft<M>,
  position: number,
  next: Next
): Decision<M> => ({ deliveries, events, accepted, position, next })

/** A name of which cleaning leaves nothing is a name nevertheless. */
const mesgRequest = (fd: number, name: string): StatusEvent => {
  const request: StatusEvent = { event: "request", fd, request: "MESG" }
  return name === "" ? request : { ...request, recipient: shown(name) }
}

/** Decides a command of a client that has not registered. */
const discard = <M extends Roster.Member>(draft: Draft.Draft<M>, fd: number, command: Command): void => {
  Draft.log(draft, { event: "unregisteredRequest", fd, request: requestOf(command) })
  Draft.reply(draft, Reply.unregistered)
}

/** Decides any other command of a member. */
const answer = <M extends Roster.Member>(
  draft: Draft.Draft<M>,
  { members, size }: Roster.View<M>,
  sender: Roster.Member,
  command: Exclude<Command, { readonly _tag: "Help" | "Key" | "Mesg" | "Quit" | "Telnet" | "Unwatch" | "Watch" }>
) => {
  const { fd } = sender
  switch (command._tag) {
    case "Bcst":
      Draft.log(draft, { event: "request", fd, request: "BCST" })
      if (command.text === "") return Draft.reply(draft, Reply.incompleteBcst)
      if (draft.isUnavailable) return Draft.unavailable(draft, fd, "BCST")
      draft.accepted += size - 1
      return Draft.message(draft, "others", sender, command)
    case "List":
      Draft.log(draft, { event: "request", fd, request: "LIST" })
      if (draft.isUnavailable) return Draft.unavailable(draft, fd, "LIST")
      return Draft.reply(draft, Reply.table(members))
    case "Ping":
      Draft.log(draft, { event: "request", fd, request: "PING" })
      return Draft.reply(draft, Reply.pong)
    case "Join":
    case "Reclaim":
      Draft.log(draft, { event: "alreadyRegistered", fd, request: command._tag === "Join" ? "JOIN" : "RECLAIM" })
      return Draft.reply(draft, Reply.alreadyRegistered(sender.name, fd))
    case "TooLong":
      Draft.log(draft, { event: "tooLong", fd })
      return Draft.reply(draft, Reply.messageTooLong)
    case "Unknown":
      Draft.log(draft, { event: "unrecognizable", fd })
      return Draft.reply(draft, Reply.unknownMessage)
  }
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
