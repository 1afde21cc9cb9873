/** The line that is being typed: its text on both sides of the cursor, and what keys do to it. */
import { firstOf, lastOf } from "./Graphemes.ts"
import type { Key } from "./Keys.ts"

export interface Editor {
  readonly before: string
  readonly after: string
  /** The last deletion of more than one character, for Ctrl-Y. */
  readonly killed: string
}

export const empty: Editor = { before: "", after: "", killed: "" }

export const textOf = ({ after, before }: Editor): string => before + after

/** The same editor with another text, and the cursor at its end. */
export const withText = (editor: Editor, text: string): Editor => ({ ...editor, before: text, after: "" })

export const insert = (editor: Editor, text: string): Editor => ({ ...editor, before: editor.before + text })

// `$` comes first, and the rest is matched backwards from there: the other way round it would be tried from each place, which takes
// the square of the length.
const wordBefore = (text: string): string => /$(?<=([\p{L}\p{N}\p{M}]*[^\p{L}\p{N}\p{M}]*))/u.exec(text)?.[1] ?? ""
const wordAfter = (text: string): string => /^[^\p{L}\p{N}\p{M}]*[\p{L}\p{N}\p{M}]*/u.exec(text)?.[0] ?? ""
/** Ctrl-W goes back to a space, Alt-Backspace to anything that is no letter, as in shells. */
const spacedBefore = (text: string): string => /$(?<=(\S*\s*))/.exec(text)?.[1] ?? ""

type Edit = (editor: Editor) => Editor

const back =
  (part: (text: string) => string): Edit =>
  (editor) => {
    const moved = part(editor.before)
    return {
      ...editor,
      before: editor.before.slice(0, editor.before.length - moved.length),
      after: moved + editor.after
    }
  }

const forth =
  (part: (text: string) => string): Edit =>
  (editor) => {
    const moved = part(editor.after)
    return { ...editor, before: editor.before + moved, after: editor.after.slice(moved.length) }
  }

const eraseBack =
  (part: (text: string) => string, isKept = true): Edit =>
  (editor) => {
    const gone = part(editor.before)
    const before = editor.before.slice(0, editor.before.length - gone.length)
    return { ...editor, before, killed: isKept && gone !== "" ? gone : editor.killed }
  }

const eraseForth =
  (part: (text: string) => string, isKept = true): Edit =>
  (editor) => {
    const gone = part(editor.after)
    return { ...editor, after: editor.after.slice(gone.length), killed: isKept && gone !== "" ? gone : editor.killed }
  }

const whole = (text: string): string => text

/** Edits by key, as in shells. */
const edits: { readonly [key: string]: Edit } = {
  left: back(lastOf),
  right: forth(firstOf),
  home: back(whole),
  end: forth(whole),
  backspace: eraseBack(lastOf, false),
  delete: eraseForth(firstOf, false),
  "ctrl-b": back(lastOf),
  "ctrl-f": forth(firstOf),
  "ctrl-a": back(whole),
  "ctrl-e": forth(whole),
  "ctrl-h": eraseBack(lastOf, false),
  "ctrl-d": eraseForth(firstOf, false),
  "ctrl-k": eraseForth(whole),
  "ctrl-u": eraseBack(whole),
  "ctrl-w": eraseBack(spacedBefore),
  "ctrl-y": (editor) => insert(editor, editor.killed),
  "ctrl-left": back(wordBefore),
  "ctrl-right": forth(wordAfter),
  "ctrl-backspace": eraseBack(wordBefore),
  "ctrl-delete": eraseForth(wordAfter),
  "meta-left": back(wordBefore),
  "meta-right": forth(wordAfter),
  "meta-b": back(wordBefore),
  "meta-f": forth(wordAfter),
  "meta-d": eraseForth(wordAfter),
  "meta-backspace": eraseBack(wordBefore)
}

/** The editor after a key; the same object if the key does nothing here. */
export const press = (editor: Editor, key: Key): Editor => {
  const edit = edits[key.name]
  if (edit !== undefined) return edit(editor)
  return key.text === "" ? editor : insert(editor, key.text)
}
