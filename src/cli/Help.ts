/** The usage statement and the help, in plain text of 80 columns. */
import { variable } from "../config/Environment.ts"
import { offFlags, options } from "../config/Options.ts"
import { settings } from "../config/Settings.ts"
import { optionRow, row, wrap } from "../kit/Columns.ts"
import { descriptions } from "../kit/Options.ts"

export const usage = "usage: partyline [options] <port>"

/** The output of --help. */
export const text = (version: string): string =>
  [
    `partyline ${version}: a small chat relay for telnet, nc and browsers\n\n`,
    `${usage}\n`,
    ...descriptions.map(({ name, operands }) => `       partyline ${name} [options] ${operands}\n`),
    "\n",
    row("<port>", settings.port.description),
    ...descriptions.map(({ name, summary }) => row(name, `${summary}; see partyline ${name} --help`)),
    "\nOptions [and their defaults]\n",
    ...options.map(optionRow),
    "\nDurations are written 500ms, 5s, 2m or 1h; a plain number is seconds.\n",
    "Sizes are written 4096, 64k, 1M or 1MiB; a plain number is bytes.\n",
    `${wrap(`0 turns off ${offFlags}; --drain-timeout 0 waits for nobody.`)}\n`,
    `Each option has an environment variable: --max-users is ${variable("max-users")},\n`,
    `and <port> is ${variable("port")}. The command line wins over the environment,\nand that over the file.\n`,
    "\nTry it: partyline 8001, then in another terminal: telnet localhost 8001\n"
  ].join("")
