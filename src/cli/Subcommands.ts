/** The client programs, which the first word of the command line chooses. Nothing of one is read before it is asked for. */

interface Program {
  /** Runs the program with the words that follow its name. */
  readonly main: (words: ReadonlyArray<string>) => Promise<void>
}

const programs: ReadonlyMap<string, () => Promise<Program>> = new Map([
  ["chat", () => import("../chat/Main.ts")],
  ["say", () => import("../kit/Say.ts")],
  ["listen", () => import("../kit/Listen.ts")]
])

/** Whether help is asked for. Behind `--` is text. */
const wantsHelp = (words: ReadonlyArray<string>): boolean => {
  const end = words.indexOf("--")
  return (end < 0 ? words : words.slice(0, end)).some((word) => word === "--help" || word === "-h")
}

/** Runs the program of that name; undefined if there is none. */
export const start = (name: string, words: ReadonlyArray<string>): Promise<void> | undefined => {
  const load = programs.get(name)
  if (load === undefined) return undefined
  return wantsHelp(words)
    ? import("../kit/Help.ts").then(({ print }) => print(name))
    : load().then(({ main }) => main(words))
}
