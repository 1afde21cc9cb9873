/** Completion in real shells with the files in deploy/completions. */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { itNeeds, runs, tries } from "../support/Program.ts"

const file = (name: string) => fileURLToPath(new URL(`../../deploy/completions/${name}`, import.meta.url))
const levels = ["debug", "error", "info", "none", "warning"]

/** The proposals of a shell in alphabetical order, without descriptions. */
const proposals = (stdout: string) =>
  stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => line.replace(/\t.*/, ""))
    .sort()

describe("bash", () => {
  /** The proposals for the last word. */
  const completes = (...words: ReadonlyArray<string>) => {
    const script = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _partyline; printf '%s\\n' "\${COMPREPLY[@]}"`
    return Effect.map(runs(["bash", "-c", script, file("partyline.bash"), ...words]), ({ stdout }) => proposals(stdout))
  }

  it.scopedLive("completes partyline, its options, and their values", () =>
    Effect.gen(function* () {
      const registered = yield* runs(["bash", "-c", 'source "$0"; complete -p partyline', file("partyline.bash")])
      expect(registered).toMatchObject({ code: 0, stdout: "complete -F _partyline partyline\n", stderr: "" })
      expect(yield* completes("partyline", "--log")).toEqual(["--log-format", "--log-level"])
      expect(yield* completes("partyline", "8001", "--log-level", "")).toEqual(levels)
      expect(yield* completes("partyline", "--completions", "z")).toEqual(["zsh"])
      expect(yield* completes("partyline", "--patience", "")).toEqual([])
    })
  )

  it.scopedLive("completes the client programs, and the options of each", () =>
    Effect.gen(function* () {
      expect(yield* completes("partyline", "s")).toEqual(["say"])
      expect(yield* completes("partyline", "8001", "s")).toEqual([])
      expect(yield* completes("partyline", "listen", "--")).toEqual(
        expect.arrayContaining(["--count", "--json", "--tls"])
      )
      expect(yield* completes("partyline", "say", "--log")).toEqual([])
      expect(yield* completes("partyline", "say", "--to", "")).toEqual([])
    })
  )
})

describe("fish", () => {
  const completes = (line: string) => {
    const script = `source ${file("partyline.fish")}; complete -C '${line}'`
    return Effect.map(runs(["fish", "--no-config", "-c", script]), ({ stdout }) => proposals(stdout))
  }

  itNeeds("fish")("completes partyline, its options, and their values", () =>
    Effect.gen(function* () {
      expect(yield* completes("partyline --log")).toEqual(["--log-format", "--log-level"])
      expect(yield* completes("partyline 8001 --log-level ")).toEqual(levels)
      expect(yield* completes("partyline --completions z")).toEqual(["zsh"])
      expect(yield* completes("partyline --patience ")).toEqual([])
    })
  )

  itNeeds("fish")("completes the client programs, and the options of each", () =>
    Effect.gen(function* () {
      expect(yield* completes("partyline s")).toEqual(["say"])
      expect(yield* completes("partyline listen --c")).toEqual(["--ca", "--count"])
      expect(yield* completes("partyline say --log")).toEqual([])
    })
  )
})

describe("zsh", () => {
  /** Types a line with Tab after each shortened word, and prints the completed line. */
  const typingOf = (words: string) => `
    log_user 0
    set timeout 50
    spawn env TERM=dumb zsh -f -i
    send "PS1='READY> '; fpath=(${file("")} \\$fpath); autoload -Uz compinit; compinit -u -D; partyline() echo ran: \\$@\\r"
    expect -re {\\rREADY> }
    send "partyline "
    foreach {typed completed} {${words}} {
      send -- "$typed\\t"
      expect "$completed "
    }
    send "\\r"
    expect -re {ran: ([^\\r]*)\\r}
    puts $expect_out(1,string)
    send "exit\\r"
    expect eof
  `
  const typing = typingOf('--log-le vel deb ug --max-u sers "5 --completions z" sh')
  const typingListen = typingOf('lis ten --js on --coun t "5 --tl" s')

  itNeeds("zsh", "expect")("completes the client programs, and the options of each", () =>
    Effect.map(runs(["expect", "-c", typingListen]), ({ stdout }) =>
      expect(stdout.trim()).toBe("listen --json --count 5 --tls")
    )
  )

  itNeeds("zsh", "expect")("completes partyline, its options, and their values", () =>
    Effect.map(runs(["expect", "-c", typing]), ({ stdout }) =>
      expect(stdout.trim()).toBe("--log-level debug --max-users 5 --completions zsh")
    )
  )
})

describe("the files in deploy", () => {
  it("are up to date with the settings (else: npm run man)", () => {
    const root = fileURLToPath(new URL("../../", import.meta.url))
    expect(execFileSync(process.execPath, ["scripts/manual.mjs", "--check"], { cwd: root, encoding: "utf8" })).toBe("")
  })

  it.scopedLive("exist for no other shell", () =>
    Effect.gen(function* () {
      const { code, stderr, stdout } = yield* tries(["--completions", "tcsh"])
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
      expect(stderr).toContain("--completions must be bash, fish or zsh")
    })
  )
})
