/** The command line with random words, variables and files: it succeeds, or says in one line each what is wrong. */
import { deepStrictEqual, match, ok } from "node:assert/strict"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FastCheck from "effect/FastCheck"
import { run } from "../../src/cli/Cli.ts"
import { load } from "../../src/transports/Certificate.ts"
import { cleaned } from "./Bytes.ts"
import { contents, pem, variable, word } from "./OptionsInput.ts"
import { liveProperty, target } from "./Target.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-options-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

interface End {
  readonly isSuccess: boolean
  readonly out: string
  readonly complaints: ReadonlyArray<string>
}

/** Runs the command line in this process, with these variables and no others of partyline. */
const runs = (words: ReadonlyArray<string>, variables: ReadonlyArray<readonly [string, string]>): Effect.Effect<End> =>
  Effect.gen(function* () {
    const out: Array<string> = []
    const errors: Array<string> = []
    const into = (lines: Array<string>) => (text: unknown) => Effect.sync(() => void lines.push(String(text)))
    const console = yield* Console.consoleWith(Effect.succeed)
    const recording = { ...console, log: into(out), error: into(errors) }
    const names = Object.keys(process.env).filter((name) => /^(?:PARTYLINE|OTEL)_/.test(name))
    for (const name of names) delete process.env[name]
    for (const [name, text] of variables) process.env[name] = text
    const exit = yield* run(["node", "partyline", ...words]).pipe(
      Effect.provide(NodeContext.layer),
      Effect.withConsole(recording),
      Effect.exit,
      Effect.ensuring(
        Effect.sync(() => {
          for (const [name] of variables) delete process.env[name]
        })
      )
    )
    return { isSuccess: Exit.isSuccess(exit), out: out.join("\n"), complaints: errors }
  })

const USAGE = /^usage: /

/** The promises of every run to its user. */
const isClear = ({ complaints, isSuccess, out }: End): void => {
  for (const complaint of complaints) {
    if (USAGE.test(complaint)) continue
    match(complaint, /^partyline: /)
    ok(!complaint.includes("a fault of partyline's own"), complaint)
    deepStrictEqual(cleaned(complaint), complaint)
    ok(!complaint.includes(": line undefined:"), complaint)
  }
  deepStrictEqual(new Set(complaints).size, complaints.length, complaints.join("\n"))
  if (isSuccess) return
  deepStrictEqual(out, "")
  ok(
    complaints.some((complaint) => !USAGE.test(complaint)),
    "nothing was said"
  )
}

/** The configuration without the origins of its values. */
const valuesOf = (printed: string): string => printed.replace(/ *# (?:from |the default|not set).*$/gm, "")

const printsWhatItReads = liveProperty(
  folder,
  FastCheck.record({
    contents,
    hasFile: FastCheck.boolean(),
    words: FastCheck.array(word, { maxLength: 4 }).map((words) => words.flat()),
    variables: FastCheck.array(variable, { maxLength: 3 })
  }),
  (folder, { contents, hasFile, variables, words }) =>
    Effect.gen(function* () {
      const path = join(folder, "partyline.toml")
      writeFileSync(path, contents)
      const all = ["--print-config", ...words, ...(hasFile ? ["--config", path] : [])]
      const first = yield* runs(all, variables)
      isClear(first)
      if (!first.isSuccess || !first.out.startsWith("# Configuration")) return
      writeFileSync(path, first.out)
      const second = yield* runs(["--print-config", "--config", path], [])
      isClear(second)
      deepStrictEqual(second.complaints, [])
      deepStrictEqual(
        valuesOf(second.out).replace(/^#(?=[a-z-]+ = )/gm, ""),
        valuesOf(first.out).replace(/^#(?=[a-z-]+ = )/gm, "")
      )
    }),
  50
)

/** With a fault in an option, the server does not start, and says the same as --print-config. */
const startsWithoutFault = liveProperty(
  folder,
  FastCheck.record({ contents, variables: FastCheck.array(variable, { maxLength: 2 }) }),
  (folder, { contents, variables }) =>
    Effect.gen(function* () {
      const path = join(folder, "partyline.toml")
      writeFileSync(path, contents)
      const printed = yield* runs(["--print-config", "--config", path], variables)
      if (printed.isSuccess) return
      const started = yield* runs(["--config", path], variables)
      isClear(started)
      deepStrictEqual(started.isSuccess, false)
      for (const complaint of printed.complaints) {
        ok(USAGE.test(complaint) || started.complaints.includes(complaint), complaint)
      }
    })
)

/** Files named by options: certificates and keys, a message of the day, a token. */
const readsFiles = liveProperty(
  folder,
  FastCheck.record({ cert: pem, key: pem, bytes: FastCheck.uint8Array({ maxLength: 60 }) }),
  (folder, { bytes, cert, key }) =>
    Effect.gen(function* () {
      const file = (name: string, contents: string | Uint8Array) => {
        const path = join(folder, name)
        writeFileSync(path, contents)
        return path
      }
      const files = { cert: file("cert.pem", cert), key: file("key.pem", key), clientCa: file("ca.pem", bytes) }
      const { message } = yield* Effect.flip(load(files))
      match(message, /^cannot use [^\n]+: [^\n]+$/)
      const path = file("text", bytes)
      isClear(yield* runs(["--print-config", "--motd", `@${path}`, "--ops-token", `@${path}`], []))
    }).pipe(Effect.orDie)
)

export const options = target(
  "the command line, variables and files of options: one clear line for each fault, and nothing else",
  printsWhatItReads,
  startsWithoutFault,
  readsFiles
)
