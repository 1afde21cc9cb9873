/** Keys and pastes, from the keypress events of Node. */
import * as Data from "effect/Data"
import { clean } from "../protocol/Text.ts"

/** A key: its name with modifiers in front (`ctrl-c`, `meta-b`, `up`), and the text that it types. */
export interface Key {
  readonly name: string
  readonly text: string
}

/** The part of a `keypress` event of node:readline that is used. */
export interface Keypress {
  readonly sequence?: string | undefined
  readonly name?: string | undefined
  readonly ctrl?: boolean | undefined
  readonly meta?: boolean | undefined
}

export type Input = Data.TaggedEnum<{
  Pressed: { readonly key: Key }
  /** Text that came between the terminal's marks of a paste. */
  Pasted: { readonly text: string }
}>
export const { Pasted, Pressed } = Data.taggedEnum<Input>()

/** The end mark of a paste. A paste that lacks it is ended by this one after a while. */
export const pasteEnd: Keypress = { name: "paste-end" }

const keyOf = ({ ctrl, meta, name = "", sequence = "" }: Keypress): Key => {
  const isPlain = ctrl !== true && meta !== true && !sequence.startsWith("\u001b")
  return {
    name: `${ctrl === true ? "ctrl-" : ""}${meta === true ? "meta-" : ""}${name}`,
    text: isPlain ? clean(sequence) : ""
  }
}

/** CSI and SS3. Node's own pattern takes ordinary text in front of a bell for a part of one. */
const escapeSequence = /\u001b(?:\[[ -?]*[@-~]|O.)/g

/** The text of a paste. Line ends and tabs stay. */
const pastedText = (raw: string): string => raw.replace(escapeSequence, "").replace(/[^\r\n]+/g, clean)

/**
 * Sorts what came into keys and pastes. `pasting` is the beginning of a paste whose end has not come yet; undefined
 * outside a paste.
 */
export const gather = (
  pasting: string | undefined,
  keypresses: Iterable<Keypress>
): readonly [inputs: ReadonlyArray<Input>, pasting: string | undefined] => {
  const inputs: Array<Input> = []
  let text = pasting
  for (const keypress of keypresses) {
    if (keypress.name === "paste-start") text ??= ""
    else if (keypress.name === "paste-end") {
      if (text !== undefined) inputs.push(Pasted({ text: pastedText(text) }))
      text = undefined
    } else if (text !== undefined) text += keypress.sequence ?? ""
    else inputs.push(Pressed({ key: keyOf(keypress) }))
  }
  return [inputs, text]
}
