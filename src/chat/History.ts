/** Lines typed before, and the place among them that the Up and Down keys have reached. */

/** Lines kept while the program runs, and between runs. */
export const HISTORY_LINES = 500

export interface History {
  /** Oldest first. */
  readonly lines: ReadonlyArray<string>
  /** Index of the line that is shown; `lines.length` is the line being typed. */
  readonly at: number
  /** The line being typed, while an older one is shown. */
  readonly draft: string
}

export const of = (lines: ReadonlyArray<string>): History => ({ lines, at: lines.length, draft: "" })

/** Adds a line. Repeating the last one adds nothing. */
export const add = ({ lines }: History, line: string): History =>
  of(lines.at(-1) === line ? lines : [...lines, line].slice(-HISTORY_LINES))

/**
 * Goes up (-1) or down (1) from the text that is shown, and gives the text to show instead; undefined at either end.
 */
export const move = (
  { at, draft, lines }: History,
  step: -1 | 1,
  shown: string
): readonly [history: History, text: string] | undefined => {
  const next = at + step
  if (next < 0 || next > lines.length) return undefined
  const kept = at === lines.length ? shown : draft
  return [{ lines, at: next, draft: kept }, lines[next] ?? kept]
}
