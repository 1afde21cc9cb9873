/** Completion by the Tab key: commands, and names of people who are here. */
import { type Editor, insert } from "./Editor.ts"
import { commands } from "./Typed.ts"

export interface Completion {
  readonly editor: Editor
  /** All that the word can become, where Tab could add nothing to it. */
  readonly candidates: ReadonlyArray<string>
}

/** The word before the cursor, what it can become, and what follows it then. */
interface Place {
  readonly word: string
  readonly choices: ReadonlyArray<string>
  readonly ending: string
}

/** In order, regardless of the case of letters. */
export const sorted = (names: Iterable<string>): ReadonlyArray<string> =>
  [...names].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1))

const placeOf = (before: string, people: Iterable<string>): Place | undefined => {
  const [, command] = /^\/([a-z]*)$/.exec(before) ?? []
  if (command !== undefined) return { word: command, choices: [...commands.keys()], ending: " " }
  // `$` comes first, so that it is not tried from each place: see Editor.
  const [, word = ""] = /$(?<=([A-Za-z0-9]*))/.exec(before) ?? []
  const isRecipient = /^\/msg +[A-Za-z0-9]*$/.test(before)
  if (word === "" && !isRecipient) return undefined
  return { word, choices: sorted(people), ending: word === before ? ": " : " " }
}

/** The longest beginning that all have, regardless of case; spelled as in the first. */
const commonStart = (texts: ReadonlyArray<string>): string => {
  const [first = "", ...others] = texts
  const isShared = (length: number) =>
    others.every((other) => other.slice(0, length).toLowerCase() === first.slice(0, length).toLowerCase())
  let length = first.length
  while (!isShared(length)) length--
  return first.slice(0, length)
}

/** Completes the word before the cursor: a command, or a name of `people`. Undefined if nothing begins so. */
export const complete = (editor: Editor, people: Iterable<string>): Completion | undefined => {
  const place = placeOf(editor.before, people)
  if (place === undefined) return undefined
  const { choices, ending, word } = place
  const found = choices.filter((choice) => choice.toLowerCase().startsWith(word.toLowerCase()))
  const start = commonStart(found)
  const stem = { ...editor, before: editor.before.slice(0, editor.before.length - word.length) }
  if (found.length === 0) return undefined
  if (found.length === 1) return { editor: insert(stem, start + ending), candidates: [] }
  return { editor: insert(stem, start), candidates: start.length > word.length ? [] : found }
}
