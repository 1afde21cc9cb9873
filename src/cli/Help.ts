/** The usage statement and the help, in plain text of 80 columns. */
import { variable } from "../config/Environment.ts"
import { options } from "../config/Settings.ts"
import { optionRow, row } from "../kit/Columns.ts"
import { descriptions } from "../kit/Options.ts"

export const usage = "usage: partyline [options] <port>"

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
