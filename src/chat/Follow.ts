/** The link's coming and going: how each change of it changes the state, and what is printed of it. */
import * as Chunk from "effect/Chunk"
import * as HashSet from "effect/HashSet"
import * as Command from "../client/Command.ts"
import type { Ending } from "../client/Ending.ts"
import type { LinkEvent } from "../client/Link.ts"
import type { FarewellReason } from "../client/Message.ts"
import { hear, speakerOf } from "./Hear.ts"
import { Action, ASK_NAME, ending, inTurn, type Model, print, printMessage, Sending, type Step } from "./Model.ts"
import { submit } from "./Submit.ts"

/** Exit codes of a chat that the link ends. */
const REFUSED = 1
const NO_CONNECTION = 2

/** Lines whose PONG can not come any more. They are never sent again: they may have been handled. */
const unconfirmed = ({ name, sending }: Model, time: number): ReadonlyArray<Action> =>
  Chunk.toReadonlyArray(sending).flatMap((line) =>
    line._tag === "Text" ? [printMessage("trouble", `Not confirmed: ${speakerOf(name, line.to)}`, line.text, time)] : []
  )

const online = (model: Model, isReclaimed: boolean, time: number): Step => {
  const greeting = isReclaimed
    ? `Connected again. You are still ${model.name}, and what was kept for you follows.`
    : model.loss !== ""
      ? `Connected again as ${model.name}. What was said meanwhile did not reach you.`
      : `You are ${model.name}. What you type goes to everybody; /help shows more.`
  const connected: Model = {
    ...model,
    isOnline: true,
    loss: "",
    attempts: 0,
    waiting: Chunk.empty(),
    sending: Chunk.of(Sending.Limit())
  }
  const [next, actions] = inTurn(connected, model.waiting, submit)
  return [
    next,
    [
      print("notice", greeting, time),
      Action.Say({ command: Command.help }),
      Action.Say({ command: Command.ping }),
      ...actions
    ]
  ]
}

/** Farewells in other words than the server's, which were made for people who type commands. */
const farewells: { readonly [reason in FarewellReason]: string } = {
  TooManyUsers: "the room is full",
  TooManyConnections: "the server takes no more connections",
  TooManyAttempts: "the server refused the key for this name too often",
  RegistrationTimedOut: "the server waited too long for a name",
  IdleTooLong: "the server ended the session, because nothing was sent for too long",
  SessionReclaimed: "another program has taken over this name with its key",
  ServerShuttingDown: "the server is shutting down",
  RemovedByOperator: "the operator has ended this session",
  Other: "the server has ended the session"
}

const reasonOf = (why: Ending): string => {
  if (why._tag === "Dismissed") return `${farewells[why.farewell.reason]} (${why.farewell.text})`
  if (why._tag !== "NameRefused") return why.message
  return why.answer.reason === "UsernameTaken" ? "somebody here has this name already" : why.message
}

/** Words with a capital letter and a full stop. */
const sentence = (words: string): string => `${words.slice(0, 1).toUpperCase()}${words.slice(1).replace(/\.$/, "")}.`

const lost = (model: Model, why: Ending, time: number): Step => {
  const loss = sentence(reasonOf(why))
  const next: Model = { ...model, isOnline: false, loss, sending: Chunk.empty(), people: HashSet.empty() }
  // An attempt that fails like the one before it is counted in the input row, and not said again.
  if (model.loss === loss) return [next, []]
  return [next, [...unconfirmed(model, time), print("trouble", `${loss} Trying again.`, time), Action.Ring()]]
}

const over = (model: Model, why: Ending, time: number): Step => {
  const said = [...unconfirmed(model, time), print("trouble", sentence(reasonOf(why)), time)]
  const next: Model = {
    ...model,
    sending: Chunk.empty(),
    people: HashSet.empty(),
    attempts: 0,
    isOnline: false,
    loss: ""
  }
  if (why._tag === "HasQuit") return [ending(next, 0), []]
  // Another name may be free.
  if (why._tag === "NameRefused" && model.isInteractive)
    return [{ ...next, name: "" }, [...said, print("notice", ASK_NAME)]]
  return [ending(next, why._tag === "NameRefused" || why._tag === "Dismissed" ? REFUSED : NO_CONNECTION), said]
}

/** The state after an event of the link. */
export const follow = (model: Model, event: LinkEvent, time: number): Step => {
  switch (event._tag) {
    case "Connecting":
      return [{ ...model, attempts: event.attempt }, []]
    case "Online":
      return online(model, event.isReclaimed, time)
    case "Heard":
      return hear(model, event.message, time)
    case "Lost":
      return lost(model, event.why, time)
    case "Over":
      return over(model, event.why, time)
  }
}
