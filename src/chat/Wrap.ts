/** Breaking a text into rows of a terminal. */
import { graphemes, widthBound } from "./Graphemes.ts"

export interface Widths {
  /** Columns of the first row, and of those below it. */
  readonly first: number
  readonly rest: number
  /** The first row is not broken at a space before this index. */
  readonly lead: number
}

/**
 * Breaks the text at spaces, and a word that is longer than a row anywhere between two characters. A character that is
 * wider than a row has a row of its own.
 */
export const wrap = (text: string, { first, lead, rest }: Widths): ReadonlyArray<string> => {
  const rows: Array<string> = []
  let row = ""
  let width = 0
  for (const character of graphemes(text)) {
    const more = widthBound(character)
    let isDropped = false
    // A word that has moved to the next row can be too wide for it together with the character.
    while (row !== "" && width + more > (rows.length === 0 ? first : rest)) {
      const space = character === " " ? row.length : row.lastIndexOf(" ")
      const isWord = space > (rows.length === 0 ? lead : 0)
      rows.push(isWord ? row.slice(0, space) : row)
      row = isWord ? row.slice(space + 1) : ""
      width = widthBound(row)
      isDropped = isWord && character === " "
    }
    if (isDropped) continue
    row += character
    width += more
  }
  return [...rows, row]
}
