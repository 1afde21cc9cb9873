/** The usage statement and the help, in plain text of 80 columns. */
import { variable } from "../config/Environment.ts"
import { options } from "../config/Settings.ts"

export const usage = "usage: partyline [options] <port>"

const COLUMNS = 80
const INDENT = 27

/** Wraps words at `COLUMNS` and indents every line but the first. */
const wrap = (words: string): string => {
  const lines = [""]
  for (const word of words.split(" ")) {
    const last = lines[lines.length - 1] as string
    if (INDENT + last.length + 1 + word.length > COLUMNS) lines.push(word)
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`
  }
  return lines.join(`\n${" ".repeat(INDENT)}`)
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
    row("<port>", "TCP port to listen on, 0 to 65535; 0 takes a free one. May be left out with --tls-port"),
    "\nOptions [and their defaults]\n",
    ...rows,
    "\nDurations are written 500ms, 5s, 2m or 1h; a plain number is seconds.\n0 turns off --join-timeout, --idle-timeout, --max-connections, --max-per-address\nand --rate; --drain-timeout 0 waits for nobody.\n",
    `Each option has an environment variable: --max-users is ${variable("max-users")}.\n`,
    "\nTry it: partyline 8001, then in another terminal: telnet localhost 8001\n"
  ].join("")
}
