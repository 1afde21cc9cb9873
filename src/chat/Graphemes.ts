/** Characters as people see them, and how many columns they can take in a terminal. */
import { eastAsianWidth } from "get-east-asian-width"

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" })

/** Most units of a character at the cursor, and of one anywhere: a longer one is cut in parts. */
export const CHARACTER = 64
/** As many units are segmented at a time: V8 takes the square of the length, which is 15 seconds for 100 KB. */
const PIECE = 512

/** Where a piece of the text ends. A pair of surrogates stays together. */
const endOf = (text: string, start: number): number => {
  const end = Math.min(text.length, start + PIECE)
  return /[\udc00-\udfff]/.test(text.charAt(end)) ? end + 1 : end
}

/** The characters of the text as people count them: a letter with its accents, a flag and a family are one each. */
export const graphemes = (text: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (let start = 0; start < text.length; ) {
    const end = endOf(text, start)
    const piece = Array.from(segmenter.segment(text.slice(start, end)), ({ segment }) => segment)
    // The last character may go on behind the piece.
    if (end < text.length && piece.length > 1) piece.pop()
    found.push(...piece)
    start += piece.join("").length
  }
  return found
}

/** The last character; empty if the text is. */
export const lastOf = (text: string): string => graphemes(text.slice(-CHARACTER)).at(-1) ?? ""

/** The first character; empty if the text is. */
export const firstOf = (text: string): string => graphemes(text.slice(0, CHARACTER))[0] ?? ""

/** Marks, and signs of format; but terminals show a soft hyphen, and the signs that no program may ignore, such as U+0600. */
const invisible = /^(?:[\p{Mn}\p{Me}]|(?!\u00ad)(?=\p{Cf})\p{Default_Ignorable_Code_Point})$/u
const isInvisible = (character: string): boolean => invisible.test(character)
const isRegionalIndicator = (point: number): boolean => point >= 0x1f1e6 && point <= 0x1f1ff

const EMOJI_PRESENTATION = "\ufe0f"

/**
 * The most columns that a terminal gives the text. Terminals disagree about emoji: some join a family, some show each
 * member. The sum over all code points is never too small, so what is wrapped by it is wrapped early and never late.
 */
export const widthBound = (text: string): number => {
  let width = 0
  let last = 0
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0
    if (character === EMOJI_PRESENTATION) {
      if (last === 1) width++
      last = 0
      continue
    }
    if (point >= 0x20 && point < 0x7f) last = 1
    else if (isInvisible(character)) continue
    else last = isRegionalIndicator(point) ? 2 : eastAsianWidth(point)
    width += last
  }
  return width
}
