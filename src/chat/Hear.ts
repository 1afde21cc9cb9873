/** Messages of the server: how each changes the state, and what is printed of it. */
import * as Chunk from "effect/Chunk"
import * as HashSet from "effect/HashSet"
import * as Option from "effect/Option"
import type { From, Message, Refused } from "../client/Message.ts"
import { sorted } from "./Completion.ts"
import { Action, type Model, print, printMessage, Sending, type Step } from "./Model.ts"
import { isPing } from "./Submit.ts"

/** Whether the text has the name in it, as a word. */
const mentions = (text: string, name: string): boolean =>
  new RegExp(`(?<![\\p{L}\\p{N}])${name}(?![\\p{L}\\p{N}])`, "iu").test(text)

const audiences: { readonly [audience in From["audience"]]: string } = {
  public: "",
  private: " (private)",
  unknown: " (perhaps private)"
}

const from = ({ name }: Model, { audience, sender, text }: From, time: number): ReadonlyArray<Action> => {
  // `*` can be nobody's name.
  if (sender === "*") return [printMessage("notice", "The operator", text, time), Action.Ring()]
  const kind = audience === "public" ? "public" : "private"
  const printed = printMessage(kind, sender + audiences[audience], text, time)
  return audience === "private" || mentions(text, name) ? [printed, Action.Ring()] : [printed]
}

/** Refusals of a text in other words than the server's, which were made for people who type commands. */
const reasons: { readonly [reason in Refused["reason"]]?: (to: string) => string } = {
  UnknownRecipient: (to) => `nobody here is called ${to}`,
  MessageTooLong: () => "the server takes shorter lines only",
  IncompleteMesg: () => "nothing is left of it without control characters",
  IncompleteBcst: () => "nothing is left of it without control characters"
}

/** The name of the user, and for whom the text is. */
export const speakerOf = (name: string, to: string | undefined): string =>
  to === undefined ? name : `${name} to ${to} (private)`

/** The line that is answered next: nothing else is answered before it. */
const headOf = ({ sending }: Model): Sending | undefined => Option.getOrUndefined(Chunk.head(sending))

/** The first line that is on its way is handled. */
const handled = (model: Model, time: number): Step => {
  const first = headOf(model)
  const next = { ...model, sending: Chunk.drop(model.sending, 1) }
  if (first !== undefined && isPing(first)) return [next, [print("notice", "PONG", time)]]
  if (first?._tag !== "Text") return [next, []]
  const speaker = speakerOf(model.name, first.to)
  return first.refusal === undefined
    ? [next, [printMessage("own", speaker, first.text, time)]]
    : [next, [printMessage("trouble", `Not sent, ${first.refusal}`, first.text, time), Action.Ring()]]
}

/** A refusal comes before the PONG of the line that it is about. */
const refused = (model: Model, { reason, text }: Refused, time: number): Step => {
  const first = headOf(model)
  if (first?._tag === "Limit") return [model, []]
  if (first?._tag !== "Text") return [model, [print("trouble", text, time)]]
  const refusal = reasons[reason]?.(first.to ?? "everybody") ?? text
  return [{ ...model, sending: Chunk.modify(model.sending, 0, () => Sending.Text({ ...first, refusal })) }, []]
}

/** The state after a message, and what is to be printed. */
export const hear = (model: Model, message: Message, time: number): Step => {
  const { name, people } = model
  const first = headOf(model)
  /** Replies to a line of the user's own making are shown as they are. */
  const isRaw = first?._tag === "Raw"
  switch (message._tag) {
    case "From":
      return [model, from(model, message, time)]
    case "Joined":
      return [
        { ...model, people: HashSet.add(people, message.name) },
        [print("joined", `${message.name} is here`, time)]
      ]
    case "Left":
      return [
        { ...model, people: HashSet.remove(people, message.name) },
        [print("left", `${message.name} has left`, time)]
      ]
    case "List": {
      const others = sorted(message.members.map((member) => member.name).filter((other) => other !== name))
      const text = others.length === 0 ? "Nobody else is here." : `Here with you: ${others.join(", ")}`
      return [{ ...model, people: HashSet.fromIterable(others) }, [print("notice", text, time)]]
    }
    case "Pong":
      return handled(model, time)
    case "Refused":
      return refused(model, message, time)
    case "LineLimit":
      return [{ ...model, maxLine: message.bytes }, isRaw ? [print("notice", message.text, time)] : []]
    case "Notice":
      return [model, first?._tag === "Limit" ? [] : [print("notice", message.text, time)]]
    case "Key":
      return [model, isRaw ? [print("notice", `KEY ${message.key}`, time)] : []]
    case "Accepted":
      return [model, isRaw ? [print("notice", `${message.command} Request Accepted`, time)] : []]
    case "Motd":
      return [model, [print("notice", message.text, time)]]
    // The end of the link, which follows, says it.
    case "Farewell":
      return [model, []]
  }
}
