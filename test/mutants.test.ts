/** The deliberate faults of npm run mutants, and the program that runs them. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { starts } from "./support/Program.ts"

interface Fault {
  readonly name: string
  readonly file: string
  readonly from: string
  readonly to: string
  readonly tests: ReadonlyArray<string>
}

type Run = (folder: string, files: ReadonlyArray<string>, patience: number) => Promise<{ readonly verdict: string }>

const root = fileURLToPath(new URL("../", import.meta.url))
const script = (name: string) => new URL(`../scripts/mutants/${name}`, import.meta.url).href
const { faults }: { readonly faults: ReadonlyArray<Fault> } = await import(script("faults.mjs"))
const { run }: { readonly run: Run } = await import(script("TestRun.mjs"))

/** A folder of its own. */
const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

describe("a deliberate fault", () => {
  it.each(faults)("is in the code: $name", ({ file, from, tests, to }) => {
    assert.strictEqual(readFileSync(join(root, file), "utf8").split(from).length, 2, `${from} must be there once`)
    assert.notStrictEqual(from, to)
    for (const test of tests) assert.isTrue(existsSync(join(root, `test/${test}.test.ts`)), test)
  })

  it.scopedLive("is not caught by tests that cannot be run, though they are tried again", () =>
    Effect.gen(function* () {
      const empty = yield* folder
      const outcome = yield* Effect.promise(() => run(empty, [], 10_000))
      assert.deepStrictEqual(outcome, { verdict: "unknown" })
    })
  )

  it.scopedLive("leaves nothing behind when a signal ends its run", () =>
    Effect.gen(function* () {
      const temporary = yield* folder
      const command = `cd "$0" && exec "$1" scripts/mutants/main.mjs "Bob and bob"`
      const program = yield* starts(["bash", "-c", command, root, process.execPath], { TMPDIR: temporary })
      yield* program.until(() => (program.stderr.startsWith("1 faults") ? true : undefined))
      assert.strictEqual(readdirSync(temporary).length, 1)
      yield* program.signals("SIGTERM")
      assert.strictEqual((yield* program.ended).code, 130)
      assert.deepStrictEqual(readdirSync(temporary), [])
    })
  )
})
