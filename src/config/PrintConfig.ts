/** The output of --print-config. */
import { escaped } from "../protocol/Text.ts"
import type { Configuration, Resolved } from "./Resolve.ts"
import type { Setting } from "./Setting.ts"
import { entries, settings } from "./Settings.ts"

/** A basic string of TOML, which takes no control characters as they are. */
const quoted = (text: string): string => escaped(JSON.stringify(text))

const list = (text: string): string =>
  `[${text
    .split(",")
    .map((item) => quoted(item.trim()))
    .join(", ")}]`

const literal = (text: string, { isList, value }: Setting<unknown>): string => {
  if (isList === true) return list(text)
  // TOML has no numbers with leading zeros, and its readers hold no longer ones.
  return value === undefined || /^(?:0|[1-9]\d{0,14})$/.test(text) ? text : quoted(text)
}

const COLUMN = 32

const entry = (setting: Setting<unknown>, { text, from }: Resolved<unknown>): string => {
  const { description, flag, reload, value = "" } = setting
  const line = `${from === undefined ? "#" : ""}${flag} = ${literal(text ?? value, setting)}`
  const origin = from === undefined ? (text === undefined ? "not set" : "the default") : `from ${escaped(from)}`
  const note = reload === undefined ? "" : " Can be changed while the program runs."
  return `\n# ${description}.${note}\n${line.padEnd(COLUMN)} # ${origin}\n`
}

/**
 * The configuration as a TOML file, with the origin of each value; defaults are commented out. As `--config`, the file
 * gives the same configuration.
 */
export const toml = (version: string, configuration: Configuration): string =>
  [
    `# Configuration of partyline ${version}, with the origin of each value. To save it as a file:\n`,
    "#     partyline --print-config > partyline.toml && partyline --config partyline.toml 8001\n",
    "# The command line wins over the environment, that over the file, and that over the defaults.\n",
    ...entries.map(([name, setting]) => (setting === settings.config ? "" : entry(setting, configuration[name])))
  ].join("")
