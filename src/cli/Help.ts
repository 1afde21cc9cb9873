/** The usage statement and the help, in plain text of 80 columns. */
import { variable } from "../config/Environment.ts"
import { offFlags, options } from "../config/Options.ts"
import { settings } from "../config/Settings.ts"

export const usage = "usage: partyline [options] <port>"

const COLUMNS = 80
const INDENT = 27

/** Wraps words at `COLUMNS` and indents every line but the first. */
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

/** The output of --help. */
export const text = (version: string): string => {
  const rows = options.map(({ flags, value, description, fallback }) =>
    row(
      value === undefined ? flags.join(", ") : `${flags.join(", ")} ${value}`,
      fallback === undefined ? description : `${description} [${fallback}]`
    )
  )
  return [
    `partyline ${version}: a small chat relay for telnet and nc\n\n`,
    `${usage}\n\n`,
    row("<port>", settings.port.description),
    "\nOptions [and their defaults]\n",
    ...rows,
    "\nDurations are written 500ms, 5s, 2m or 1h; a plain number is seconds.\n",
    "Sizes are written 4096, 64k, 1M or 1MiB; a plain number is bytes.\n",
    `${wrap(`0 turns off ${offFlags}; --drain-timeout 0 waits for nobody.`, 0)}\n`,
    `Each option has an environment variable: --max-users is ${variable("max-users")},\n`,
    `and <port> is ${variable("port")}. The command line wins over the environment,\nand that over the file.\n`,
    "\nTry it: partyline 8001, then in another terminal: telnet localhost 8001\n"
  ].join("")
}
