/** Enter: a typed line or a paste is sent, answered at once, or refused with a reason. */
import * as Chunk from "effect/Chunk"
import * as Command from "../client/Command.ts"
import { byteLength, take } from "../protocol/Text.ts"
import * as Editor from "./Editor.ts"
import * as History from "./History.ts"
import { Action, ending, inTurn, type Model, print, refusing, Sending, type Step } from "./Model.ts"
import * as Typed from "./Typed.ts"

/** Characters of a text that is not sent, by which its author recognizes it. */
const SHOWN = 40

/** The command that a text is sent with, and its record. */
const texting = (to: string | undefined, text: string): readonly [Command.Command, Sending] => [
  to === undefined ? Command.bcst(text) : Command.mesg(to, text),
  Sending.Text({ to, text, refusal: undefined })
]

const bytesOf = (command: Command.Command): number => byteLength(Command.lineOf(command))

/** The bytes of the line that Enter would send; 0 if it would send none. */
export const bytesToSend = (line: string): number => {
  const typed = Typed.parse(line)
  if (typed._tag === "Text") return bytesOf(Command.bcst(typed.text))
  if (typed._tag === "Message") return bytesOf(Command.mesg(typed.name, typed.text))
  return typed._tag === "Raw" ? bytesOf(Command.raw(typed.line)) : 0
}

const OFFLINE = "Not connected: nothing was sent. Your line is kept."

/** Whether PONG will come for the command without another PING. */
export const isPing = (sending: Sending): boolean => sending._tag === "Raw" && /^PING(?: |$)/.test(sending.line)

/** Sends a command with PING behind it, so that PONG proves it handled. */
const send = (model: Model, command: Command.Command, sending: Sending): Step => [
  { ...model, sending: Chunk.append(model.sending, sending) },
  [Action.Say({ command }), ...(isPing(sending) ? [] : [Action.Say({ command: Command.ping })])]
]

const help: ReadonlyArray<string> = [
  "What you type goes to everybody. Commands:",
  ...Array.from(Typed.commands.values(), ({ does, usage }) => `  ${usage.padEnd(20)} ${does}`),
  "A text that begins with / is typed with two: //shrug.",
  "Tab completes names and commands. Up and Down bring back what you typed.",
  "Ctrl-C clears the line; in an empty one, Ctrl-C and Ctrl-D leave."
]

/** The model once a line was dealt with: the input row is empty, and the line is in the history. */
const typed = (model: Model, line: string): Model => ({
  ...model,
  editor: { ...Editor.empty, killed: model.editor.killed },
  history: History.add(model.history, line)
})

/** Deals with a line that the user typed. A line that cannot be sent stays in the input row. */
export const submit = (model: Model, line: string): Step => {
  const parsed = Typed.parse(line)
  const after = typed(model, line)
  const isOffline = !model.isOnline
  const sends = (command: Command.Command, sending: Sending): Step => {
    const bytes = bytesOf(command)
    if (isOffline) return refusing(model, OFFLINE)
    if (bytes > model.maxLine) return refusing(model, `Too long: ${bytes} bytes of ${model.maxLine}. Nothing was sent.`)
    return send(after, command, sending)
  }
  switch (parsed._tag) {
    case "Nothing":
      return [{ ...model, editor: Editor.empty }, []]
    case "Text":
      return sends(...texting(undefined, parsed.text))
    case "Message":
      return sends(...texting(parsed.name, parsed.text))
    case "Raw": {
      const command = Command.raw(parsed.line)
      return Command.isQuit(command) ? [ending(after, 0), []] : sends(command, Sending.Raw({ line: parsed.line }))
    }
    case "List": {
      const [next, actions] = sends(Command.list, Sending.Raw({ line: "LIST" }))
      return [next, isOffline ? actions : [...actions, Action.Remember({ line })]]
    }
    case "Help":
      return [after, [...help.map((text) => print("notice", text)), Action.Remember({ line })]]
    case "Quit":
      return [ending(after, 0), [Action.Remember({ line })]]
    case "Wrong":
      return [after, [print("trouble", parsed.why)]]
  }
}

/** Sends a line of a paste. One that is too long is shown, because nothing else keeps it. */
const submitText = (model: Model, to: string | undefined, text: string): Step => {
  const [command, sending] = texting(to, text)
  const bytes = bytesOf(command)
  if (bytes <= model.maxLine) return send(model, command, sending)
  return refusing(model, `Too long: ${bytes} bytes of ${model.maxLine}. Not sent: ${take(text, SHOWN)} ...`)
}

/** Sends the lines of a paste, each as a text. */
export const submitPaste = (model: Model): Step => {
  const { isOnline, paste } = model
  if (paste === undefined) return [model, []]
  if (!isOnline) return refusing(model, OFFLINE)
  return inTurn({ ...model, paste: undefined, editor: Editor.empty }, paste.lines, (before, line) =>
    submitText(before, paste.to, line)
  )
}
