/** The help of the client programs. */
import * as PrintFailure from "../PrintFailure.ts"
import { optionRow, wrap } from "./Columns.ts"
import { type Description, descriptions } from "./Options.ts"

const text = ({ name, notes, operands, options, summary }: Description): string =>
  [
    `partyline ${name}: ${summary}\n\n`,
    `usage: partyline ${name} [options] ${operands}\n\n`,
    ...options.map(optionRow),
    ...notes.map((note) => `\n${wrap(note)}\n`)
  ].join("")

/** Prints the help of the program of that name. */
export const print = (name: string): void => {
  PrintFailure.report()
  for (const description of descriptions) if (description.name === name) console.log(text(description).trimEnd())
}
