/** The input row: a prompt and the line that is being typed, scrolled sideways where it does not fit. */
import { CHARACTER, graphemes, widthBound } from "./Graphemes.ts"
import type { Row } from "./Paint.ts"

/** As many characters as fit into the columns. */
const fitting = (characters: ReadonlyArray<string>, columns: number): ReadonlyArray<string> => {
  let width = 0
  const end = characters.findIndex((character) => {
    width += widthBound(character)
    return width > columns
  })
  return end < 0 ? characters : characters.slice(0, end)
}

const firstColumns = (text: string, columns: number): string => fitting(graphemes(text), columns).join("")
const lastColumns = (text: string, columns: number): string =>
  [...fitting([...graphemes(text)].reverse(), columns)].reverse().join("")

/** The text, or the part of it that fits, with a mark where something is missing. */
const beginning = (text: string, columns: number): string =>
  widthBound(text) <= columns ? text : `${firstColumns(text, columns - 1)}>`
const ending = (text: string, columns: number): string =>
  widthBound(text) <= columns ? text : `<${lastColumns(text, columns - 1)}`

/** A TAB would move the cursor by a number of columns that depends on where it is. */
const inOneColumn = (text: string): string => text.replaceAll("\t", " ")

export interface Parts {
  readonly prompt: string
  readonly before: string
  readonly after: string
  readonly columns: number
}

/** Lays the row out in at most one column less than the terminal has: a full row would be folded by some. */
export const layOut = ({ after, before, columns, prompt }: Parts): Row => {
  const width = Math.max(1, columns - 1)
  // Nothing further from the cursor can be in the row: a key in a line of 100 KB does not take longer than in a short one.
  const reach = CHARACTER * width
  const shownPrompt = lastColumns(inOneColumn(prompt.slice(-reach)), Math.floor((width * 2) / 3)).trimStart()
  const room = Math.max(1, width - widthBound(shownPrompt))
  const shownAfter = inOneColumn(after.slice(0, reach))
  const reserved = Math.min(widthBound(shownAfter), Math.floor(room / 3))
  const shownBefore = ending(inOneColumn(before.slice(-reach)), room - reserved)
  const left = room - widthBound(shownBefore)
  return {
    beforeCursor: shownPrompt + shownBefore,
    afterCursor: left <= 0 ? "" : beginning(shownAfter, left)
  }
}
