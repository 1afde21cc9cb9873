/** A server's messages to a client: each line, parsed. */
import * as List from "effect/List"

/** A registered user, as LIST shows it. */
export interface Member {
  readonly name: string
  /** The descriptor of the user's socket on the server. */
  readonly fd: number
}

export type RefusalReason =
  | "AlreadyRegistered"
  | "UsernameTaken"
  | "InvalidUsername"
  | "UnknownRecipient"
  | "IncompleteMesg"
  | "IncompleteBcst"
  | "UnableToReclaim"
  | "UnknownMessage"
  | "MessageTooLong"
  | "Unregistered"

export type FarewellReason =
  | "TooManyUsers"
  | "TooManyConnections"
  | "TooManyAttempts"
  | "RegistrationTimedOut"
  | "IdleTooLong"
  | "SessionReclaimed"
  | "ServerShuttingDown"
  | "RemovedByOperator"
  /** Words that this client does not know. */
  | "Other"

/** A message of somebody in the room. */
export interface From {
  readonly _tag: "From"
  /** `*` is the operator. */
  readonly sender: string
  readonly text: string
  /** `unknown` until the server has accepted WATCH: before that it does not tell private messages apart. */
  readonly audience: "public" | "private" | "unknown"
}

/** A command was refused. `text` is the server's line. */
export interface Refused {
  readonly _tag: "Refused"
  readonly reason: RefusalReason
  readonly text: string
}

/** The server closes the connection. `text` is its line. */
export interface Farewell {
  readonly _tag: "Farewell"
  readonly reason: FarewellReason
  readonly text: string
}

/** Everything is cleaned of control characters. */
export type Message =
  | From
  | Refused
  | Farewell
  /** A line before the first reply: the message of the day. */
  | { readonly _tag: "Motd"; readonly text: string }
  | { readonly _tag: "Joined"; readonly name: string }
  | { readonly _tag: "Left"; readonly name: string }
  | { readonly _tag: "Pong" }
  | { readonly _tag: "Accepted"; readonly command: "JOIN" | "RECLAIM"; readonly name: string }
  | { readonly _tag: "Accepted"; readonly command: "WATCH" | "UNWATCH" }
  | { readonly _tag: "Key"; readonly key: string }
  /** The whole table of LIST, in the order of registration. */
  | { readonly _tag: "List"; readonly members: ReadonlyArray<Member> }
  /** The last line of HELP: the most bytes of a line to the server. */
  | { readonly _tag: "LineLimit"; readonly bytes: number; readonly text: string }
  /** Any other line: help, or a reply that this client does not know. */
  | { readonly _tag: "Notice"; readonly text: string }

const refusals: ReadonlyArray<readonly [RegExp, RefusalReason]> = [
  [/^User Already Registered: Username \(.*\), FD \(\d+\)$/, "AlreadyRegistered"],
  [/^Username Already Taken \(.*\)\. JOIN Discarded\.$/, "UsernameTaken"],
  [/^Invalid Username \(.*\)\. JOIN Discarded\.$/, "InvalidUsername"],
  [/^Unknown Recipient \(.*\)\. MESG Discarded\.$/, "UnknownRecipient"],
  [/^Incomplete MESG\. /, "IncompleteMesg"],
  [/^Incomplete BCST\. /, "IncompleteBcst"],
  [/^Unable to Reclaim \(.*\)\. RECLAIM Discarded\.$/, "UnableToReclaim"],
  [/^Unknown Message\. Discarding UNKNOWN Message\.$/, "UnknownMessage"],
  [/^Message Too Long\. Discarding Message\.$/, "MessageTooLong"],
  [/^Unregistered User\. /, "Unregistered"]
]

const farewells: ReadonlyMap<string, FarewellReason> = new Map([
  ["Too Many Users", "TooManyUsers"],
  ["Too Many Connections", "TooManyConnections"],
  ["Too Many Attempts", "TooManyAttempts"],
  ["Registration Timed Out", "RegistrationTimedOut"],
  ["Idle Too Long", "IdleTooLong"],
  ["Session Reclaimed", "SessionReclaimed"],
  ["Server Shutting Down", "ServerShuttingDown"],
  ["Removed by Operator", "RemovedByOperator"]
])

const refused = (text: string): Refused | undefined => {
  const found = refusals.find(([pattern]) => pattern.test(text))
  return found === undefined ? undefined : { _tag: "Refused", reason: found[1], text }
}

const farewell = (text: string): Farewell | undefined => {
  const [, words] = /^(.+)\. Disconnecting User\.$/.exec(text) ?? []
  return words === undefined ? undefined : { _tag: "Farewell", reason: farewells.get(words) ?? "Other", text }
}

const accepted = (text: string): Message | undefined => {
  const [, command, name = ""] = /^(JOIN|RECLAIM) ([A-Za-z0-9]{1,32}) Request Accepted$/.exec(text) ?? []
  return command === "JOIN" || command === "RECLAIM" ? { _tag: "Accepted", command, name } : undefined
}

/** The replies that can come first: JOIN or RECLAIM is what a client sends first. */
const first = (text: string): Message | undefined => {
  const found = accepted(text) ?? farewell(text) ?? refused(text)
  return found?._tag !== "Refused" || /^(?:User|Unable)|JOIN Discarded\.$/.test(text) ? found : undefined
}

const from = (text: string, isWatching: boolean): From | undefined => {
  const [, mark, sender, said] = /^(MESG )?FROM ([A-Za-z0-9]{1,32}|\*): (.*)$/s.exec(text) ?? []
  if (sender === undefined || said === undefined) return undefined
  const plain = isWatching || sender === "*" ? "public" : "unknown"
  return { _tag: "From", sender, text: said, audience: mark === undefined ? plain : "private" }
}

const notice = (text: string): Message => ({ _tag: "Notice", text })

/** A line outside LIST's table, after the first reply. */
const line = (text: string, isWatching: boolean): Message => {
  if (text === "PONG") return { _tag: "Pong" }
  if (text === "WATCH Request Accepted") return { _tag: "Accepted", command: "WATCH" }
  if (text === "UNWATCH Request Accepted") return { _tag: "Accepted", command: "UNWATCH" }
  const [, word, name] = /^(JOINED|LEFT) ([A-Za-z0-9]{1,32})$/.exec(text) ?? []
  if (name !== undefined) return { _tag: word === "LEFT" ? "Left" : "Joined", name }
  const [, key] = /^KEY ([0-9a-f]{32})$/.exec(text) ?? []
  if (key !== undefined) return { _tag: "Key", key }
  const [, bytes] = /^A line holds at most (\d{1,9}) bytes\.$/.exec(text) ?? []
  if (bytes !== undefined) return { _tag: "LineLimit", bytes: Number(bytes), text }
  return from(text, isWatching) ?? accepted(text) ?? refused(text) ?? farewell(text) ?? notice(text)
}

const row = (name: string, fd: string): string => `${name.padEnd(22)} ${fd}`
const HEAD = row("USERNAME", "FD")
const RULE = "-".repeat(28)
/** Most rows of a table that are kept: the most users that a server can be set to. */
const MOST_ROWS = 1_000_000

const member = (text: string): Member | undefined => {
  const [, name = "", fd = ""] = /^([A-Za-z0-9]{1,32}) +(\d{1,9})$/.exec(text) ?? []
  return name !== "" && row(name, fd) === text ? { name, fd: Number(fd) } : undefined
}

/** The facts about the lines before that are needed to read the next one. */
export interface Reading {
  /** The first reply has come. */
  readonly isAnswered: boolean
  /** WATCH was accepted: private messages are told apart. */
  readonly isWatching: boolean
  /** The part of LIST's table that has come: its head, or its rows so far. */
  readonly table: "none" | "head" | Rows
}

/** Rows of a table, the last one first. */
interface Rows {
  readonly count: number
  readonly members: List.List<Member>
}

/** The beginning of a connection. */
export const beginning: Reading = { isAnswered: false, isWatching: false, table: "none" }

/** Reads one line. A line inside a table is no message yet, and an unfinished table is dropped. */
export const read = (reading: Reading, text: string): readonly [Reading, ReadonlyArray<Message>] => {
  const { isAnswered, isWatching, table } = reading
  if (!isAnswered) {
    const reply = first(text)
    return [{ ...reading, isAnswered: reply !== undefined }, [reply ?? { _tag: "Motd", text }]]
  }
  if (table === "none" && text === HEAD) return [{ ...reading, table: "head" }, []]
  if (table === "head" && text === RULE) return [{ ...reading, table: { count: 0, members: List.empty() } }, []]
  if (typeof table === "object") {
    const { count, members } = table
    const found = member(text)
    if (found !== undefined && count < MOST_ROWS) {
      return [{ ...reading, table: { count: count + 1, members: List.prepend(members, found) } }, []]
    }
    if (text === RULE) {
      return [{ ...reading, table: "none" }, [{ _tag: "List", members: List.toArray(List.reverse(members)) }]]
    }
  }
  const message = line(text, isWatching)
  const isWatchingNow =
    message._tag === "Accepted" && message.command !== "JOIN" ? message.command === "WATCH" : isWatching
  return [{ ...reading, table: "none", isWatching: isWatchingNow }, [message]]
}
