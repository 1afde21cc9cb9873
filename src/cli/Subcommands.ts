/** The programs that the first word of the command line chooses. */
import type { Description } from "../kit/Options.ts"
import { listen, say } from "../kit/Options.ts"
import * as Help from "./Help.ts"

export interface Subcommand {
  readonly description: Description
  /** Loads the program: nothing of it is read before it is asked for. */
  readonly load: () => Promise<{ readonly main: (words: ReadonlyArray<string>) => Promise<void> }>
}

/** In the order of the help. */
export const subcommands: ReadonlyArray<Subcommand> = [
  { description: say, load: () => import("../kit/Say.ts") },
  { description: listen, load: () => import("../kit/Listen.ts") }
]

/** Whether help is asked for. Behind `--` is text. */
const wantsHelp = (words: ReadonlyArray<string>): boolean => {
  const end = words.indexOf("--")
  return (end < 0 ? words : words.slice(0, end)).some((word) => word === "--help" || word === "-h")
}

/** Runs the program of that name; undefined if there is none. */
export const start = (name: string, words: ReadonlyArray<string>): Promise<void> | undefined => {
  const subcommand = subcommands.find(({ description }) => description.name === name)
  if (subcommand === undefined) return undefined
  const { description, load } = subcommand
  if (!wantsHelp(words)) return load().then(({ main }) => main(words))
  process.stdout.write(Help.ofSubcommand(description))
  return Promise.resolve()
}
