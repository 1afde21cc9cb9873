/** A client's request to a server, and the line that makes it. */
import { clean } from "../protocol/Text.ts"

export type Command =
  /** To one user. A name or text that the contract does not allow is refused by the server. */
  | { readonly _tag: "Mesg"; readonly name: string; readonly text: string }
  /** To everybody else. */
  | { readonly _tag: "Bcst"; readonly text: string }
  | { readonly _tag: "List" }
  | { readonly _tag: "Ping" }
  | { readonly _tag: "Help" }
  | { readonly _tag: "Watch" }
  | { readonly _tag: "Unwatch" }
  | { readonly _tag: "Key" }
  | { readonly _tag: "Quit" }
  /** A line as it is. */
  | { readonly _tag: "Raw"; readonly line: string }

export const mesg = (name: string, text: string): Command => ({ _tag: "Mesg", name, text })
export const bcst = (text: string): Command => ({ _tag: "Bcst", text })
export const raw = (line: string): Command => ({ _tag: "Raw", line })
export const list: Command = { _tag: "List" }
export const ping: Command = { _tag: "Ping" }
export const help: Command = { _tag: "Help" }
export const watch: Command = { _tag: "Watch" }
export const unwatch: Command = { _tag: "Unwatch" }
export const key: Command = { _tag: "Key" }
export const quit: Command = { _tag: "Quit" }

const words = (command: Command): string => {
  switch (command._tag) {
    case "Mesg":
      return `MESG ${command.name} ${command.text}`
    case "Bcst":
      return `BCST ${command.text}`
    case "Raw":
      return command.line
    default:
      return command._tag.toUpperCase()
  }
}

/** The line of a command, without its end. Control characters are removed, so no text can begin a second line. */
export const lineOf = (command: Command): string => clean(words(command))

/** Whether the server will answer by closing the connection. */
export const isQuit = (command: Command): boolean => /^QUIT(?: |$)/.test(lineOf(command))

/** Whether the server will answer PONG. */
export const isPing = (command: Command): boolean => /^PING(?: |$)/.test(lineOf(command))
