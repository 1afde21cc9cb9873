/** The input row of a model. */
import * as Chunk from "effect/Chunk"
import * as Option from "effect/Option"
import * as Editor from "./Editor.ts"
import { layOut } from "./InputRow.ts"
import type { Model, Paste } from "./Model.ts"
import type { Row } from "./Paint.ts"
import { bytesToSend } from "./Submit.ts"

/** The count of bytes is shown from this share of the limit on. */
const NEARLY_FULL = 0.9

const question = ({ lines, to }: Paste): string =>
  `${lines.length} lines to ${to ?? "everybody"}: Enter sends them, Esc drops them `

/** Lines that the server has not handled yet, in front of the prompt. */
const onItsWay = ({ sending }: Model): string => {
  const first = Option.getOrUndefined(Chunk.head(sending))
  if (sending.length > 1) return `(sending ${sending.length} lines) `
  return first?._tag === "Text" ? `(sending: ${first.text}) ` : ""
}

const state = (model: Model): string => {
  if (model.isOnline) return onItsWay(model)
  return model.attempts < 2 ? "(connecting) " : `(not connected, try ${model.attempts}) `
}

const count = ({ editor, maxLine }: Model): string => {
  const bytes = bytesToSend(Editor.textOf(editor))
  return bytes < maxLine * NEARLY_FULL ? "" : `(${bytes} of ${maxLine} bytes) `
}

const promptOf = (model: Model): string =>
  model.name === "" ? "Your name: " : `${state(model)}${count(model)}${model.name}> `

/** The input row for this state. */
export const inputRow = (model: Model): Row => {
  const { columns, editor, paste } = model
  if (paste !== undefined) return layOut({ prompt: "", before: question(paste), after: "", columns })
  return layOut({ prompt: promptOf(model), before: editor.before, after: editor.after, columns })
}
