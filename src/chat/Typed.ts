/** The meaning of a typed line: a text, or one of the commands. */
import * as Data from "effect/Data"
import { isUsername } from "../protocol/Username.ts"

export type Typed = Data.TaggedEnum<{
  Nothing: {}
  /** Text for everybody. */
  Text: { readonly text: string }
  Message: { readonly name: string; readonly text: string }
  List: {}
  Help: {}
  Quit: {}
  Raw: { readonly line: string }
  /** Nothing can be done, and this is why. */
  Wrong: { readonly why: string }
}>
export const Typed = Data.taggedEnum<Typed>()

interface Definition {
  readonly usage: string
  readonly does: string
  readonly read: (argument: string) => Typed
}

const message = (argument: string): Typed => {
  const [, name = "", text = ""] = /^ *(\S*) ?(.*)$/s.exec(argument) ?? []
  if (name === "") return Typed.Wrong({ why: "/msg needs a name and a text: /msg bob hello" })
  if (!isUsername(name)) return Typed.Wrong({ why: `${name} is no name: names are 1 to 32 letters and digits` })
  if (text === "") return Typed.Wrong({ why: `What should ${name} be told? /msg ${name} hello` })
  return Typed.Message({ name, text })
}

/** The commands, by name. */
export const commands: ReadonlyMap<string, Definition> = new Map([
  ["msg", { usage: "/msg <name> <text>", does: "send to one person", read: message }],
  ["list", { usage: "/list", does: "show who is here", read: () => Typed.List() }],
  ["help", { usage: "/help", does: "show this", read: () => Typed.Help() }],
  [
    "raw",
    {
      usage: "/raw <line>",
      does: "send a line of the protocol, as in /raw PING",
      read: (line) => (line === "" ? Typed.Wrong({ why: "/raw needs a line: /raw PING" }) : Typed.Raw({ line }))
    }
  ],
  ["quit", { usage: "/quit", does: "leave", read: () => Typed.Quit() }]
])

/** Reads a line that was typed. Two slashes begin a text that begins with one. */
export const parse = (line: string): Typed => {
  if (line.trim() === "") return Typed.Nothing()
  if (!line.startsWith("/")) return Typed.Text({ text: line })
  if (line.startsWith("//")) return Typed.Text({ text: line.slice(1) })
  const [, name = "", argument = ""] = /^\/(\S*) ?(.*)$/s.exec(line) ?? []
  const definition = commands.get(name)
  if (definition !== undefined) return definition.read(argument)
  return Typed.Wrong({ why: `There is no /${name}: /help shows the commands. To send it as a text, type //${name}.` })
}

/**
 * Whether the line may be kept between runs, which means on a disk: a command that carries no message. A line that begins
 * with an unknown command may be a mistyped /msg.
 */
export const isKept = (line: string): boolean => /^\/(?:list|help|quit) *$/.test(line)
