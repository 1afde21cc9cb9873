/** Keys and pastes: how each changes the state, and what it sends. */
import { clean } from "../protocol/Text.ts"
import { isUsername } from "../protocol/Username.ts"
import { complete } from "./Completion.ts"
import * as Editor from "./Editor.ts"
import * as History from "./History.ts"
import type { Key } from "./Keys.ts"
import { Action, ending, type Model, print, refusing, type Step } from "./Model.ts"
import { submit, submitPaste } from "./Submit.ts"
import * as Typed from "./Typed.ts"

const withEditor = (model: Model, editor: Editor.Editor): Step => [{ ...model, editor }, []]

const recall = (model: Model, step: -1 | 1): Step => {
  const moved = History.move(model.history, step, Editor.textOf(model.editor))
  if (moved === undefined) return [model, []]
  const [history, text] = moved
  return [{ ...model, history, editor: Editor.withText(model.editor, text) }, []]
}

const tab = (model: Model): Step => {
  const completion = complete(model.editor, model.people)
  if (completion === undefined) return [model, [Action.Ring()]]
  const { candidates, editor } = completion
  return [{ ...model, editor }, candidates.length === 0 ? [] : [print("notice", candidates.join("  "))]]
}

/** Takes the name that the user was asked for. */
const named = (model: Model, line: string): Step => {
  const name = line.trim()
  if (isUsername(name)) return [{ ...model, name, editor: Editor.empty }, [Action.Connect({ name })]]
  return [model, name === "" ? [] : [print("trouble", `${name} is no name: names are 1 to 32 letters and digits.`)]]
}

/** Deals with a whole line. */
export const enter = (model: Model, line: string): Step =>
  model.name === "" ? named(model, line) : submit(model, line)

type Press = (model: Model) => Step

/** Ctrl-C clears the line. With nothing to clear it leaves. */
const interrupt: Press = (model) =>
  Editor.textOf(model.editor) === "" ? [ending(model, 130), []] : withEditor(model, Editor.empty)

const keys: ReadonlyMap<string, Press> = new Map<string, Press>([
  ["return", (model) => enter(model, Editor.textOf(model.editor))],
  ["enter", (model) => enter(model, Editor.textOf(model.editor))],
  ["tab", tab],
  ["up", (model) => recall(model, -1)],
  ["down", (model) => recall(model, 1)],
  ["ctrl-p", (model) => recall(model, -1)],
  ["ctrl-n", (model) => recall(model, 1)],
  ["ctrl-c", interrupt],
  ["ctrl-z", (model) => [model, [Action.Suspend()]]]
])

const drop: Press = (model) => [{ ...model, paste: undefined }, []]

/** Keys while the user is asked whether a paste is sent. Others do nothing, so that typing ahead does not answer. */
const answers: ReadonlyMap<string, Press> = new Map<string, Press>([
  ["return", submitPaste],
  ["enter", submitPaste],
  ["escape", drop],
  ["meta-escape", drop],
  ["ctrl-c", drop],
  ["ctrl-z", (model) => [model, [Action.Suspend()]]]
])

export const press = (model: Model, key: Key): Step => {
  if (model.paste !== undefined) return answers.get(key.name)?.(model) ?? [model, []]
  if (key.name === "ctrl-d" && Editor.textOf(model.editor) === "") return [ending(model, 0), []]
  const pressed = keys.get(key.name)
  return pressed === undefined ? withEditor(model, Editor.press(model.editor, key)) : pressed(model)
}

/** Where the lines of a paste go; undefined if they cannot be sent from this input row. */
const recipientOf = (before: string): { readonly to: string | undefined; readonly start: string } | undefined => {
  const [, to, start = ""] = /^\/msg +(\S+) (.*)$/s.exec(before) ?? []
  if (to !== undefined) return isUsername(to) ? { to, start } : undefined
  return before.startsWith("/") && Typed.parse(before)._tag !== "Text"
    ? undefined
    : { to, start: before.replace(/^\/\//, "/") }
}

/** Inserts a paste of one line. More lines are sent only if the user says so, and a `/` in them is text. */
export const pasted = (model: Model, text: string): Step => {
  // The paste before it has to be answered first.
  if (model.paste !== undefined) return [model, [Action.Ring()]]
  const all = text.split(/\r\n|\r|\n/)
  const lines = all.slice(0, Math.max(1, all.findLastIndex((line) => line !== "") + 1))
  if (lines.length === 1 || model.name === "")
    return withEditor(model, Editor.insert(model.editor, clean(lines[0] ?? "")))
  const recipient = recipientOf(model.editor.before)
  if (recipient === undefined) {
    return refusing(model, "Several lines can be pasted after /msg and a name, or where no command is.")
  }
  const whole = (recipient.start + lines.join("\n") + model.editor.after).split("\n")
  const messages = whole.filter((line) => line.trim() !== "")
  if (messages.length < 2) return withEditor(model, Editor.insert(model.editor, clean(lines.join(""))))
  return [{ ...model, paste: { to: recipient.to, lines: messages } }, []]
}
