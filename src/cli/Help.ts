/** The usage statement and the help, in plain text of 80 columns. */
import { variable } from "../config/Environment.ts"
import { type Option, options } from "../config/Settings.ts"
import { type Description, descriptions } from "../kit/Options.ts"

export const usage = "usage: partyline [options] <port>"

const COLUMNS = 80
const INDENT = 27

/** Wraps words at `COLUMNS`, and indents every line but the first. */
const wrap = (words: string, indent = INDENT): string => {
  const lines = [""]
  for (const word of words.split(" ")) {
    const last = lines[lines.length - 1] as string
    if (indent + last.length + 1 + word.length > COLUMNS) lines.push(word)
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`
  }
  return lines.join(`\n${" ".repeat(indent)}`)
}

const row = (term: string, words: string): string => `  ${term.padEnd(INDENT - 3)} ${wrap(words)}\n`

const optionRow = ({ description, fallback, flags, value }: Option): string =>
  row(
    value === undefined ? flags.join(", ") : `${flags.join(", ")} ${value}`,
    fallback === undefined ? description : `${description} [${fallback}]`
  )

/** The output of --help. */
export const text = (version: string): string =>
  [
    `partyline ${version}: a small chat relay for telnet and nc\n\n`,
    `${usage}\n`,
    ...descriptions.map(({ name, operands }) => `       partyline ${name} [options] ${operands}\n`),
    "\n",
    row("<port>", "TCP port to listen on, 0 to 65535; 0 takes a free one. May be left out with --tls-port"),
    ...descriptions.map(({ name, summary }) => row(name, `${summary}; see partyline ${name} --help`)),
    "\nOptions [and their defaults]\n",
    ...options.map(optionRow),
    "\nDurations are written 500ms, 5s, 2m or 1h; a plain number is seconds.\n0 turns off --join-timeout, --idle-timeout, --max-connections, --max-per-address\nand --rate; --drain-timeout 0 waits for nobody.\n",
    `Each option has an environment variable: --max-users is ${variable("max-users")}.\n`,
    "\nTry it: partyline 8001, then in another terminal: telnet localhost 8001\n"
  ].join("")

/** The output of --help after the name of a client program. */
export const ofSubcommand = ({ name, notes, operands, options, summary }: Description): string =>
  [
    `partyline ${name}: ${summary}\n\n`,
    `usage: partyline ${name} [options] ${operands}\n\n`,
    ...options.map(optionRow),
    ...notes.map((note) => `\n${wrap(note, 0)}\n`)
  ].join("")
