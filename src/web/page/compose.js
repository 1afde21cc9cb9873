// @ts-check
/** The meaning of a text in the input, and the completion of a name in it. */
import { byteLength, clean, isName } from "./text.js"

/**
 * @typedef {{ kind: "everybody", text: string } | { kind: "one", to: string, text: string }} Message
 * @typedef {Message | { kind: "list" } | { kind: "help" } | { kind: "quit" } | { kind: "nothing" } | { kind: "mistake", why: string }} Meaning
 * @typedef {object} Completion
 * @property {string} text
 * @property {number} caret
 * @property {string} before the text before the word
 * @property {string} after the text after the caret
 * @property {string} suffix
 * @property {ReadonlyArray<string>} matches
 * @property {number} index
 */

/** Commands begin with a slash; everything else is for everybody. @param {string} typed @returns {Meaning} */
export const meaningOf = (typed) => {
  const text = clean(typed)
  if (text.trim() === "") return { kind: "nothing" }
  if (!text.startsWith("/")) return { kind: "everybody", text }
  if (text.startsWith("//")) return { kind: "everybody", text: text.slice(1) }
  const [, command = "", rest = ""] = /^\/(\S*) ?(.*)$/.exec(text) ?? []
  switch (command.toLowerCase()) {
    case "msg": {
      const [, to = "", words = ""] = /^ *(\S*) ?(.*)$/.exec(rest) ?? []
      if (!isName(to) || words.trim() === "")
        return { kind: "mistake", why: "For one person: /msg, a name, and the text." }
      return { kind: "one", to, text: words }
    }
    case "list":
      return { kind: "list" }
    case "help":
      return { kind: "help" }
    case "quit":
      return { kind: "quit" }
    default:
      return {
        kind: "mistake",
        why: `There is no command /${command}. /help shows them all. To send it as a text, type //${command}.`
      }
  }
}

/** The one person that a text would go to; empty for everybody. @param {string} typed */
export const addressee = (typed) => /^\/msg +([A-Za-z0-9]{1,32}) /i.exec(typed)?.[1] ?? ""

/** @param {Meaning} meaning */
export const lineOf = (meaning) =>
  meaning.kind === "one"
    ? `MESG ${meaning.to} ${meaning.text}`
    : meaning.kind === "everybody"
      ? `BCST ${meaning.text}`
      : ""

/**
 * Bytes left on the line that a text becomes; negative if it is too long.
 * @param {string} typed @param {number} maxLine
 */
export const room = (typed, maxLine) => maxLine - byteLength(lineOf(meaningOf(typed)))

/** @param {Completion} completion @param {number} index @returns {Completion} */
const shown = (completion, index) => {
  const head = completion.before + completion.matches[index] + completion.suffix
  return { ...completion, index, text: head + completion.after, caret: head.length }
}

/**
 * The text after Tab. A second Tab shows the next match. Undefined where no name can follow, where none matches, and after the last
 * match: Tab then moves the focus, so that it is no trap for the keyboard.
 * @param {string} text @param {number} caret @param {ReadonlyArray<string>} names @param {Completion | undefined} previous
 * @returns {Completion | undefined}
 */
export const complete = (text, caret, names, previous) => {
  if (previous !== undefined && previous.text === text && previous.caret === caret) {
    const index = previous.index + 1
    return index < previous.matches.length ? shown(previous, index) : undefined
  }
  const [head, after] = [text.slice(0, caret), text.slice(caret)]
  if (/^[A-Za-z0-9]/.test(after)) return undefined
  // A pattern that ends in `$` would be tried from each place: the square of the length.
  const word = head.split(/[^A-Za-z0-9]/).at(-1) ?? ""
  const before = head.slice(0, head.length - word.length)
  const isRecipient = /^\/msg +$/i.test(before)
  const isText = !before.startsWith("/") || before.startsWith("//") || /^\/msg +\S+ /i.test(before)
  if (!isRecipient && (word === "" || !isText)) return undefined
  const matches = names.filter((name) => name.toLowerCase().startsWith(word.toLowerCase())).sort()
  if (matches.length === 0) return undefined
  const suffix = before === "" ? ": " : after.startsWith(" ") ? "" : " "
  return shown({ text, caret, before, after, suffix, matches, index: 0 }, 0)
}
