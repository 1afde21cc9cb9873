/** The options as help, manual, completions and the command line see them. */
import type { Setting } from "./Setting.ts"
import { settings } from "./Settings.ts"

export interface Option {
  /** All spellings. */
  readonly flags: ReadonlyArray<string>
  /** The name of the value; absent for a switch. */
  readonly value?: string
  readonly description: string
  readonly fallback?: string | undefined
  readonly choices?: ReadonlyArray<string>
}

/** Options that do something instead of serving. */
export const actions: ReadonlyArray<Option> = [
  { flags: ["-h", "--help"], description: "Show this help" },
  { flags: ["-v", "-V", "--version"], description: "Show the version" },
  {
    flags: ["--check"],
    description: "Report everything that is wrong with these options and this machine, then exit with 0 or 1"
  },
  {
    flags: ["--probe"],
    description: "Ask the server that runs with these options whether it answers, then exit with 0 or 1"
  },
  {
    flags: ["--print-config"],
    description: "Print each option with its value and origin, as a file for --config, then exit"
  },
  {
    flags: ["--completions"],
    value: "shell",
    description: "Print a completion script for bash, fish or zsh",
    choices: ["bash", "fish", "zsh"]
  }
]

const all: ReadonlyArray<Setting<unknown>> = Object.values(settings)

/** Every option with a flag, in the order of the help. */
export const options: ReadonlyArray<Option> = [
  ...all
    .filter(({ isOperand }) => isOperand !== true)
    .map(({ choices, description, fallback, flag, value }) => ({
      flags: [`--${flag}`],
      description,
      ...(value === undefined ? {} : { value, fallback }),
      ...(choices === undefined ? {} : { choices })
    })),
  ...actions
]

/** The flags that 0 turns off, in words. */
export const offFlags = all
  .filter(({ zero }) => zero === "off")
  .map(({ flag }) => `--${flag}`)
  .join(", ")
  .replace(/, (\S+)$/, " and $1")

const isFlagOf = (word: string, { flags }: Option): boolean => flags.includes(word)

/** The option with this flag. */
export const optionOf = (flag: string): Option | undefined => options.find((option) => isFlagOf(flag, option))

/** Whether the word is an option that takes a value. */
export const takesValue = (word: string): boolean => optionOf(word)?.value !== undefined

/** Whether the word is an option without a value that @effect/cli parses. */
export const isSwitch = (word: string): boolean =>
  ["--check", "--probe", "--print-config"].includes(word) ||
  all.some(({ flag, value }) => value === undefined && word === `--${flag}`)

/** Whether the words contain one of the flags as an option, and not as the value of another one. */
export const isGiven = (words: ReadonlyArray<string>, flags: ReadonlyArray<string>): boolean =>
  words.some((word, index) => flags.includes(word) && !takesValue(words[index - 1] ?? ""))
