/** The escape sequences that draw the input row. The program never computes the cursor's column: the terminal knows it. */

/** The two parts of the input row. The cursor stands between them. */
export interface Row {
  readonly beforeCursor: string
  readonly afterCursor: string
}

const AUTOWRAP_OFF = "\u001b[?7l"
const AUTOWRAP_ON = "\u001b[?7h"
const SAVE_CURSOR = "\u001b7"
const RESTORE_CURSOR = "\u001b8"
const ERASE_BELOW = "\u001b[J"
const PASTE_MARKS_ON = "\u001b[?2004h"
const PASTE_MARKS_OFF = "\u001b[?2004l"

export const begin = PASTE_MARKS_ON
/** Undoes what this file switches on, at every end of the program. */
export const end = `${AUTOWRAP_ON}${PASTE_MARKS_OFF}`

/**
 * Erases the input row. `width` is the bound of what was drawn before its cursor; a terminal that has become narrower has
 * folded that into several rows.
 */
export const erase = (width: number, columns: number): string => {
  const folds = Math.max(0, Math.ceil(width / Math.max(1, columns)) - 1)
  return `\r${folds === 0 ? "" : `\u001b[${folds}A`}${ERASE_BELOW}`
}

/** Draws the row where the cursor is, at the beginning of an empty one. */
export const draw = ({ afterCursor, beforeCursor }: Row): string =>
  `${AUTOWRAP_OFF}${beforeCursor}${SAVE_CURSOR}${afterCursor}${RESTORE_CURSOR}${AUTOWRAP_ON}`

/** Rows that stay, above the input row. */
export const above = (rows: ReadonlyArray<string>): string => rows.map((row) => `${row}\r\n`).join("")
