/** Characters as people see them, and how many columns they can take in a terminal. */
import { eastAsianWidth } from "get-east-asian-width"

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" })

/** The characters of the text as people count them: a letter with its accents, a flag and a family are one each. */
export const graphemes = (text: string): ReadonlyArray<string> =>
  Array.from(segmenter.segment(text), ({ segment }) => segment)

/** The last character; empty if the text is. */
export const lastOf = (text: string): string => {
  // Segmenting from the start costs too much for each key. A character of more than 64 units is cut in parts.
  const tail = text.slice(-64)
  return graphemes(tail).at(-1) ?? ""
}

/** The first character; empty if the text is. */
export const firstOf = (text: string): string => graphemes(text.slice(0, 64))[0] ?? ""

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
