/** What a client can ask for. */

/**
 * A request. Names and texts are as typed, nothing in them checked or cleaned: the contract says in which order that
 * happens. An empty name or text means that there was none.
 */
export type Command =
  | { readonly _tag: "Join"; readonly name: string }
  | { readonly _tag: "List" }
  | { readonly _tag: "Mesg"; readonly name: string; readonly text: string }
  | { readonly _tag: "Bcst"; readonly text: string }
  | { readonly _tag: "Ping" }
  | { readonly _tag: "Quit" }
  | { readonly _tag: "Unknown" }

const list: Command = { _tag: "List" }
const ping: Command = { _tag: "Ping" }
const quit: Command = { _tag: "Quit" }
const unknown: Command = { _tag: "Unknown" }

/** The command that a line is. Every line is one, at worst `Unknown`. */
export const parse = (line: string): Command => {
  const space = line.indexOf(" ")
  const word = space < 0 ? line : line.slice(0, space)
  const rest = space < 0 ? line.length : space + 1
  switch (word) {
    case "MESG": {
      const end = line.indexOf(" ", rest)
      return end < 0
        ? { _tag: "Mesg", name: line.slice(rest), text: "" }
        : { _tag: "Mesg", name: line.slice(rest, end), text: line.slice(end + 1) }
    }
    case "BCST":
      return { _tag: "Bcst", text: line.slice(rest) }
    case "JOIN":
      return { _tag: "Join", name: line.slice(rest) }
    case "LIST":
      return list
    case "PING":
      return ping
    case "QUIT":
      return quit
    default:
      return unknown
  }
}
