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

interface Syntax {
  readonly faultsOf: (
    file: string,
    text: string
  ) => ReadonlyArray<{ readonly start: number; readonly end: number; readonly to: string }>
  readonly marked: (file: string, text: string, imported: string) => string
}

interface Equivalent {
  readonly within: string
  readonly file: string
  readonly reason: string
}

const root = fileURLToPath(new URL("../", import.meta.url))
const script = (name: string) => new URL(`../scripts/mutants/${name}`, import.meta.url).href
const { faults }: { readonly faults: ReadonlyArray<Fault> } = await import(script("faults.mjs"))
const { run }: { readonly run: Run } = await import(script("TestRun.mjs"))
const { faultsOf, marked }: Syntax = await import(script("syntax.mjs"))
const { equivalent }: { readonly equivalent: ReadonlyArray<Equivalent> } = await import(script("equivalent.mjs"))

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

describe("a random fault", () => {
  it.each([
    { text: "if (a < b) go()", faults: ["if (!(a < b)) go()", "if (a <= b) go()", "if (a < b) ;"] },
    {
      text: "let a = b ? c + 1 : d",
      faults: ["let a = b ? d : c + 1", "let a = b ? c - 1 : d", "let a = b ? c + (1 + 1) : d"]
    },
    { text: "function* a() { yield* wait }", faults: ["function* a() { ; }"] },
    { text: "a = await b", faults: [";", "a = b"] },
    { text: "a ??= b ?? []", faults: [";", "a = b ?? []", "a ??= []"] },
    { text: "n++", faults: [";", "n--"] },
    { text: "a.pipe(b, c)", faults: [";", "a.pipe( c)", "a.pipe(b,)"] },
    { text: "x = min(a, b)", faults: [";", "x = a"] },
    { text: "let a = !b || c", faults: ["let a = !b && c", "let a = b || c"] },
    { text: "let a = 'b' === c", faults: ["let a = 'b' !== c", 'let a = "" === c'] },
    { text: "import a from 'b'; type A = 1; let a: 2", faults: [] }
  ])("of $text", ({ faults, text }) => {
    const made = faultsOf("a.ts", text).map(({ end, start, to }) => text.slice(0, start) + to + text.slice(end))
    assert.deepStrictEqual(made, faults)
  })

  it("is at a place that says when it runs", () => {
    assert.strictEqual(
      marked("a.ts", "import b from 'b'\nconst f = (x) => x + 1\nif (a) return\nelse { b() }", "./m.mjs"),
      [
        `import { mark as __mark } from "./m.mjs"; __mark("a.ts:0");import b from 'b'`,
        `__mark("a.ts:18"); const f = (x) => (__mark("a.ts:35"), x + 1)`,
        `__mark("a.ts:41"); if (a) { __mark("a.ts:48"); return }`,
        `else { __mark("a.ts:62"); b() }`
      ].join("\n")
    )
  })

  it.each(equivalent)("of $file is left out where it is: $within", ({ file, reason, within }) => {
    assert.strictEqual(readFileSync(join(root, "src", file), "utf8").split(within).length, 2)
    assert.notStrictEqual(reason, "")
  })
})
