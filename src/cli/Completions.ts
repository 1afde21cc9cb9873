/** Completion scripts for shells, made from the settings. */
import { type Option, options } from "../config/Options.ts"
import { descriptions } from "../kit/Options.ts"

const programs = descriptions.map(({ name }) => name)

/** Single quotes, valid in every shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Completions of values without fixed choices, by the name of the value. */
const valueKinds: { readonly [value: string]: { readonly bash: string; readonly zsh: string; readonly fish: string } } =
  {
    address: { bash: "-A hostname", zsh: "_hosts", fish: "-x -a '(__fish_print_hostnames)'" },
    file: { bash: "-f", zsh: "_files", fish: "-r -F" }
  }

/** The cases of bash that complete the value before the cursor, and the flags. */
const bashCases = (some: ReadonlyArray<Option>) => ({
  cases: some.flatMap(({ flags, value, choices }) => {
    if (value === undefined) return []
    const words = choices === undefined ? valueKinds[value]?.bash : `-W ${quoted(choices.join(" "))}`
    const reply = words === undefined ? "" : `COMPREPLY=($(compgen ${words} -- "$word")); `
    return [`    ${flags.join("|")}) ${reply}return ;;`]
  }),
  flags: some.flatMap(({ flags }) => flags).join(" ")
})

const bash = (): string => {
  const own = bashCases(options)
  const subcommands = descriptions.flatMap(({ name, options }) => {
    const { cases, flags } = bashCases(options)
    return [
      `_partyline_${name}() {`,
      '  case "$before" in',
      ...cases,
      "  esac",
      `  COMPREPLY=($(compgen -W ${quoted(flags)} -- "$word"))`,
      "}"
    ]
  })
  return [
    ...subcommands,
    "_partyline() {",
    `  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]}`,
    "  COMPREPLY=()",
    "  if ((COMP_CWORD > 1)); then",
    `    case "\${COMP_WORDS[1]}" in ${programs.join("|")}) "_partyline_\${COMP_WORDS[1]}"; return ;; esac`,
    "  fi",
    '  case "$before" in',
    ...own.cases,
    "  esac",
    `  COMPREPLY=($(compgen -W ${quoted(own.flags)} -- "$word"))`,
    `  ((COMP_CWORD > 1)) || COMPREPLY+=($(compgen -W ${quoted(programs.join(" "))} -- "$word"))`,
    "}",
    "complete -F _partyline partyline"
  ].join("\n")
}

const zshSpecs = (some: ReadonlyArray<Option>): ReadonlyArray<string> =>
  some.map(({ flags, value, description, choices }) => {
    const text = `[${description.replace(/[[\]:\\]/g, "\\$&")}]`
    const values = choices === undefined ? (valueKinds[value ?? ""]?.zsh ?? " ") : `(${choices.join(" ")})`
    const words = flags.length > 1 ? `{${flags.join(",")}}` : flags[0]
    return `${words}${quoted(value === undefined ? text : `${text}:${value}:${values}`)}`
  })

const zsh = (): string =>
  [
    "#compdef partyline",
    "_partyline() {",
    "  if ((CURRENT > 2)); then",
    '    case "$words[2]" in',
    ...descriptions.flatMap(({ name, options }) => [
      `    ${name})`,
      "      shift words; ((CURRENT--))",
      "      _arguments \\",
      ...zshSpecs(options).map((spec) => `        ${spec} \\`),
      `        '*:word:_guard "[^-]*" word'`,
      "      return ;;"
    ]),
    "    esac",
    "  fi",
    `  ((CURRENT == 2)) && compadd -- ${programs.join(" ")}`,
    "  _arguments \\",
    ...zshSpecs(options).map((spec) => `    ${spec} \\`),
    `    ':port:_guard "[0-9]#" port'`,
    "}",
    // In fpath, zsh takes the file for the body of the function; with `source`, it must register the function.
    'if [ "$funcstack[1]" = _partyline ]; then _partyline "$@"; else compdef _partyline partyline; fi'
  ].join("\n")

const fishLines = (some: ReadonlyArray<Option>, condition: string): ReadonlyArray<string> =>
  some.map(({ flags, value, description, choices }) => {
    const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
    const kind = choices === undefined ? (valueKinds[value ?? ""]?.fish ?? "-x") : `-x -a ${quoted(choices.join(" "))}`
    const parts = [...names, ...(value === undefined ? [] : [kind]), `-d ${quoted(description)}`]
    return `complete -c partyline -n ${quoted(condition)} ${parts.join(" ")}`
  })

const fish = (): string =>
  [
    "complete -c partyline -f",
    ...descriptions.map(
      ({ name, summary }) => `complete -c partyline -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`
    ),
    ...fishLines(options, `not __fish_seen_subcommand_from ${programs.join(" ")}`),
    ...descriptions.flatMap(({ name, options }) => fishLines(options, `__fish_seen_subcommand_from ${name}`))
  ].join("\n")

/** The scripts by shell. */
export const scripts: { readonly [shell: string]: () => string } = { bash, fish, zsh }

/** The value of --completions; undefined without that option. */
export const shellOf = (words: ReadonlyArray<string>): string | undefined =>
  words.flatMap((word, index) => {
    if (word === "--completions") return words[index + 1] ?? ""
    return word.startsWith("--completions=") ? word.slice("--completions=".length) : []
  })[0]
