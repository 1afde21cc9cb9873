/** Entries of a node's inbox: everything that happens in the room, in one order. */
import * as Effect from "effect/Effect"
import { isUsername, type Username } from "../protocol/Username.ts"
import { EngineError } from "./Script.ts"

/** A seat as the engine knows it. */
export interface Seat {
  /** Its place in LIST. */
  readonly order: number
  readonly node: string
  /** Its number at its node. With the node it names a seat for good. */
  readonly token: string
  readonly fd: number
  readonly name: Username
}

export interface Message {
  readonly sender: Username
  /** The token of the sender's seat at the node that sent this. */
  readonly token: string
  /** The sender waits for these recipients. */
  readonly waitsFor: ReadonlyArray<string>
  /** The folded name of the recipient, or `*` for everybody here. */
  readonly to: string
  readonly lines: string
}

export type Entry =
  | { readonly _tag: "Joined" | "Reclaimed"; readonly seat: Seat }
  | { readonly _tag: "Left"; readonly seats: ReadonlyArray<Pick<Seat, "node" | "token" | "name">> }
  | { readonly _tag: "Messages"; readonly node: string; readonly messages: ReadonlyArray<Message> }
  | { readonly _tag: "Taken"; readonly token: string; readonly recipient: string }
  | { readonly _tag: "Said"; readonly text: string }

/** Entries, and the position in the inbox after them. */
export interface Page {
  readonly entries: ReadonlyArray<Entry>
  /** Undefined when there are none. */
  readonly last: string | undefined
}

class Malformed extends Error {}

const strings = (value: unknown): ReadonlyArray<string> => {
  if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value
  throw new Malformed()
}

const array = (value: unknown): ReadonlyArray<unknown> => {
  if (Array.isArray(value)) return value
  throw new Malformed()
}

const username = (name: string | undefined): Username => {
  if (name !== undefined && isUsername(name)) return name
  throw new Malformed()
}

const word = (text: string | undefined): string => {
  if (text !== undefined && text !== "") return text
  throw new Malformed()
}

const wholeNumber = (text: string | undefined): number => {
  if (text !== undefined && /^-?\d{1,15}$/.test(text)) return Number(text)
  throw new Malformed()
}

/** Reads a record of the users' table. */
const seatOf = (record: string): Seat => {
  const [order, node, token, fd, name] = record.split(" ")
  return { order: wholeNumber(order), node: word(node), token: word(token), fd: wholeNumber(fd), name: username(name) }
}

const message = (head: string, lines: string): Message => {
  const [sender, token, waits, to] = head.split(" ")
  return {
    sender: username(sender),
    token: word(token),
    waitsFor: waits === "-" ? [] : word(waits).split(",").map(username),
    to: to === "*" ? to : username(to),
    lines
  }
}

/** The fields of an entry are pairs; the first says of which kind all are. */
const entry = (fields: ReadonlyArray<string>): Entry => {
  const [kind, value = ""] = fields
  switch (kind) {
    case "j":
      return { _tag: "Joined", seat: seatOf(value) }
    case "r":
      return { _tag: "Reclaimed", seat: seatOf(value) }
    case "l":
      return { _tag: "Left", seats: pairs(fields, 0, (_, left) => leftOf(left)) }
    case "m":
      return { _tag: "Messages", node: word(value), messages: pairs(fields, 2, message) }
    case "t": {
      const [token, recipient] = value.split(" ")
      return { _tag: "Taken", token: word(token), recipient: username(recipient) }
    }
    case "o":
      return { _tag: "Said", text: value }
    default:
      throw new Malformed()
  }
}

const leftOf = (text: string) => {
  const [node, token, name] = text.split(" ")
  return { node: word(node), token: word(token), name: username(name) }
}

const pairs = <A>(
  fields: ReadonlyArray<string>,
  from: number,
  f: (name: string, value: string) => A
): ReadonlyArray<A> => {
  const found: Array<A> = []
  for (let index = from; index + 1 < fields.length; index += 2)
    found.push(f(fields[index] ?? "", fields[index + 1] ?? ""))
  return found
}

const none: Page = { entries: [], last: undefined }

/** Reads the answer to XREAD of one stream. */
export const page = (answer: unknown): Effect.Effect<Page, EngineError> =>
  Effect.try({
    try: () => {
      if (answer === null) return none
      const found = array(array(array(answer)[0])[1]).map(array)
      const last = lastId(found)
      if (found.length > 0 && last === undefined) throw new Malformed()
      return { entries: found.map(([, fields]) => entry(strings(fields))), last }
    },
    catch: () => new EngineError({ problem: "an entry of the inbox is not understood" })
  })

/** Reads the answer to HSCAN of the users' table. */
export const users = (
  answer: unknown
): Effect.Effect<{ readonly cursor: string; readonly seats: ReadonlyArray<Seat> }, EngineError> =>
  Effect.try({
    try: () => {
      const [cursor, fields] = array(answer)
      if (typeof cursor !== "string" || !/^\d+$/.test(cursor)) throw new Malformed()
      return { cursor, seats: pairs(strings(fields), 0, (_, record) => seatOf(record)) }
    },
    catch: () => new EngineError({ problem: "the table of users is not understood" })
  })

const lastId = (found: ReadonlyArray<ReadonlyArray<unknown>>): string | undefined => {
  const id = found[found.length - 1]?.[0]
  return typeof id === "string" && /^\d+-\d+$/.test(id) ? id : undefined
}

/** The id of the last entry, from the answer to XREVRANGE. */
export const lastOf = (answer: unknown): string => (Array.isArray(answer) ? (lastId(answer) ?? START) : START)

/** Before every entry. */
export const START = "0-0"

/** Whether the first of two ids comes before the other. */
export const isBefore = (one: string, other: string): boolean => {
  const [time = 0, count = 0] = one.split("-").map(Number)
  const [otherTime = 0, otherCount = 0] = other.split("-").map(Number)
  return time < otherTime || (time === otherTime && count < otherCount)
}
