/** The layout of help: terms on the left, words on the right, in 80 columns. */
import type { Option } from "../config/Options.ts"

const COLUMNS = 80
const INDENT = 27

/** Wraps words at `COLUMNS`, and indents every line but the first. */
export const wrap = (words: string, indent = 0): string => {
  const lines = [""]
  for (const word of words.split(" ")) {
    const last = lines[lines.length - 1] as string
    if (indent + last.length + 1 + word.length > COLUMNS) lines.push(word)
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`
  }
  return lines.join(`\n${" ".repeat(indent)}`)
}

export const row = (term: string, words: string): string => `  ${term.padEnd(INDENT - 3)} ${wrap(words, INDENT)}\n`

export const optionRow = ({ description, fallback, flags, value }: Option): string =>
  row(
    value === undefined ? flags.join(", ") : `${flags.join(", ")} ${value}`,
    fallback === undefined ? description : `${description} [${fallback}]`
  )
