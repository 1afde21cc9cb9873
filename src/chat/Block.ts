/** Blocks of text above the input row, and their layout for a terminal or a pipe. */
import { wrap } from "./Wrap.ts"

/** The kinds differ by their mark as well as by their colour. */
export type Kind = "public" | "private" | "own" | "joined" | "left" | "notice" | "trouble"

export interface Block {
  readonly kind: Kind
  /** Milliseconds since 1970; undefined for what is no event, such as help. */
  readonly time: number | undefined
  /** The sender of a message: `bob`, or `bob (private)`. Empty for everything else. */
  readonly speaker: string
  readonly text: string
}

export interface Look {
  readonly columns: number
  readonly isColoured: boolean
  readonly clock: (time: number) => string
}

const styles: { readonly [kind in Kind]: { readonly mark: string; readonly colour: string } } = {
  public: { mark: " ", colour: "1" },
  private: { mark: "*", colour: "1;35" },
  own: { mark: ">", colour: "36" },
  joined: { mark: "+", colour: "32" },
  left: { mark: "-", colour: "33" },
  notice: { mark: "=", colour: "2" },
  trouble: { mark: "!", colour: "1;31" }
}

const painted = (text: string, colour: string): string => (text === "" ? "" : `\u001b[${colour}m${text}\u001b[0m`)

/** Columns by which the rows of a message below its first are indented: no text can pass for the beginning of a row. */
const indentOf = (columns: number): number => (columns >= 40 ? 8 : Math.min(2, columns - 2))

const TAB = "    "

/**
 * The rows of a block, none wider than the terminal less one column. The sender, or all of a block without one, is
 * coloured.
 */
export const rows = (
  { kind, speaker, text, time }: Block,
  { clock, columns, isColoured }: Look
): ReadonlyArray<string> => {
  const { colour, mark } = styles[kind]
  const start = `${time === undefined ? "     " : clock(time)} ${mark} `
  const lead = speaker === "" ? start : `${start}${speaker}: `
  const indent = Math.max(0, indentOf(columns))
  const first = Math.max(1, columns - 1)
  const wrapped = wrap(lead + text.replaceAll("\t", TAB), {
    first,
    rest: Math.max(1, first - indent),
    lead: lead.length
  })
  return wrapped.map((row, index) => {
    const coloured = speaker === "" ? row.length : index === 0 ? lead.length : 0
    const shown = isColoured ? painted(row.slice(0, coloured), colour) + row.slice(coloured) : row
    return index === 0 ? shown : " ".repeat(indent) + shown
  })
}

/** The block as one line, for an output that is no terminal. */
export const line = (block: Block, clock: (time: number) => string): string =>
  rows(block, { columns: Number.POSITIVE_INFINITY, isColoured: false, clock }).join("")
