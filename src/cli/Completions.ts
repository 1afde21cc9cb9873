/** Completion scripts for shells, made from the settings. */
import { options } from "../config/Options.ts"

/** Single quotes, valid in every shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Completions of values without fixed choices, by the name of the value. */
const valueKinds: { readonly [value: string]: { readonly bash: string; readonly zsh: string; readonly fish: string } } =
  {
    address: { bash: "-A hostname", zsh: "_hosts", fish: "-x -a '(__fish_print_hostnames)'" },
    file: { bash: "-f", zsh: "_files", fish: "-r -F" }
  }

const bash = (): string => {
  const cases = options.flatMap(({ flags, value, choices }) => {
    if (value === undefined) return []
    const words = choices === undefined ? valueKinds[value]?.bash : `-W ${quoted(choices.join(" "))}`
    const reply = words === undefined ? "" : `COMPREPLY=($(compgen ${words} -- "$word")); `
    return [`    ${flags.join("|")}) ${reply}return ;;`]
  })
  return [
    "_partyline() {",
    `  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}`,
    "  COMPREPLY=()",
    '  case "$before" in',
    ...cases,
    "  esac",
    `  COMPREPLY=($(compgen -W ${quoted(options.flatMap(({ flags }) => flags).join(" "))} -- "$word"))`,
    "}",
    "complete -F _partyline partyline"
  ].join("\n")
}

const zsh = (): string => {
  const specs = options.map(({ flags, value, description, choices }) => {
    const text = `[${description.replace(/[[\]:\\]/g, "\\$&")}]`
    const values = choices === undefined ? (valueKinds[value ?? ""]?.zsh ?? " ") : `(${choices.join(" ")})`
    const words = flags.length > 1 ? `{${flags.join(",")}}` : flags[0]
    return `${words}${quoted(value === undefined ? text : `${text}:${value}:${values}`)}`
  })
  return [
    "#compdef partyline",
    "_partyline() {",
    "  _arguments \\",
    ...specs.map((spec) => `    ${spec} \\`),
    `    ':port:_guard "[0-9]#" port'`,
    "}",
    // In fpath, zsh takes the file for the body of the function; with `source`, it must register the function.
    'if [ "$funcstack[1]" = _partyline ]; then _partyline "$@"; else compdef _partyline partyline; fi'
  ].join("\n")
}

const fish = (): string =>
  [
    "complete -c partyline -f",
    ...options.map(({ flags, value, description, choices }) => {
      const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
      const kind =
        choices === undefined ? (valueKinds[value ?? ""]?.fish ?? "-x") : `-x -a ${quoted(choices.join(" "))}`
      const parts = [...names, ...(value === undefined ? [] : [kind]), `-d ${quoted(description)}`]
      return `complete -c partyline ${parts.join(" ")}`
    })
  ].join("\n")

/** The scripts by shell. */
export const scripts: { readonly [shell: string]: () => string } = { bash, fish, zsh }

/** The value of --completions; undefined without that option. */
export const shellOf = (words: ReadonlyArray<string>): string | undefined =>
  words.flatMap((word, index) => {
    if (word === "--completions") return words[index + 1] ?? ""
    return word.startsWith("--completions=") ? word.slice("--completions=".length) : []
  })[0]
