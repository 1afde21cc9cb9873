/** Commands of a client, as the decoder hands them to the session. */
import { byteLength, clean } from "./Text.ts"

/** A line over the limit, which was discarded as it arrived. */
export interface TooLong {
  readonly _tag: "TooLong"
}

/** A telnet command that has to be answered with these bytes, one character each. */
export interface Telnet {
  readonly _tag: "Telnet"
  readonly answer: string
}

/**
 * Names are as typed and unchecked, since the contract says in which order checks happen; an empty name or text means
 * that there was none. `text` is cleaned, and `bytes` is its length in UTF-8.
 */
export type Command =
  | { readonly _tag: "Join"; readonly name: string }
  | { readonly _tag: "List" }
  | { readonly _tag: "Mesg"; readonly name: string; readonly text: string; readonly bytes: number }
  | { readonly _tag: "Bcst"; readonly text: string; readonly bytes: number }
  | { readonly _tag: "Ping" }
  | { readonly _tag: "Help" }
  | { readonly _tag: "Watch" }
  | { readonly _tag: "Unwatch" }
  | { readonly _tag: "Key" }
  | { readonly _tag: "Reclaim"; readonly name: string; readonly key: string }
  | { readonly _tag: "Quit" }
  | { readonly _tag: "Unknown" }
  | TooLong
  | Telnet

const list: Command = { _tag: "List" }
const ping: Command = { _tag: "Ping" }
const quit: Command = { _tag: "Quit" }
const help: Command = { _tag: "Help" }
const watch: Command = { _tag: "Watch" }
const unwatch: Command = { _tag: "Unwatch" }
const key: Command = { _tag: "Key" }
const unknown: Command = { _tag: "Unknown" }
export const tooLong: TooLong = { _tag: "TooLong" }

const mesg = (name: string, text: string, isPlain: boolean): Command => {
  if (isPlain) return { _tag: "Mesg", name, text, bytes: text.length }
  const cleaned = clean(text)
  return { _tag: "Mesg", name, text: cleaned, bytes: byteLength(cleaned) }
}

const bcst = (text: string, isPlain: boolean): Command => {
  if (isPlain) return { _tag: "Bcst", text, bytes: text.length }
  const cleaned = clean(text)
  return { _tag: "Bcst", text: cleaned, bytes: byteLength(cleaned) }
}

/**
 * The command of a line; every line is one, at worst `Unknown`. `isPlain` says that the line is printable ASCII: there is
 * nothing in it to clean, and each character is one byte.
 */
export const parse = (line: string, isPlain: boolean): Command => {
  const space = line.indexOf(" ")
  const word = space < 0 ? line : line.slice(0, space)
  const rest = space < 0 ? line.length : space + 1
  switch (word) {
    case "MESG": {
      const end = line.indexOf(" ", rest)
      return end < 0 ? mesg(line.slice(rest), "", true) : mesg(line.slice(rest, end), line.slice(end + 1), isPlain)
    }
    case "BCST":
      return bcst(line.slice(rest), isPlain)
    case "JOIN":
      return { _tag: "Join", name: line.slice(rest) }
    case "LIST":
      return list
    case "PING":
      return ping
    case "QUIT":
      return quit
    case "HELP":
      return help
    case "WATCH":
      return watch
    case "UNWATCH":
      return unwatch
    case "KEY":
      return key
    case "RECLAIM": {
      const end = line.indexOf(" ", rest)
      return end < 0
        ? { _tag: "Reclaim", name: line.slice(rest), key: "" }
        : { _tag: "Reclaim", name: line.slice(rest, end), key: line.slice(end + 1) }
    }
    default:
      return unknown
  }
}

/** Whether it is a request: telnet commands are not, and nobody is kept from being idle by them. */
export const isRequest = ({ _tag }: Command): boolean => _tag !== "Telnet"
