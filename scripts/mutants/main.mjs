// Puts one deliberate fault at a time into a copy of the tree and runs the tests that must fail: npm run mutants
// Words as arguments select faults by name. --markdown prints the table of docs/reliability.md.
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { faults } from "./faults.mjs"
import { run, stopAll } from "./TestRun.mjs"

/** Milliseconds after which a run counts as hanging. */
const PATIENCE = 120_000

const copied = ["src", "test", "scripts", "bench", "docs", "package.json", "tsconfig.json", "vitest.config.ts"]

const words = process.argv.slice(2).filter((word) => !word.startsWith("--"))
const isMarkdown = process.argv.includes("--markdown")
const chosen = faults.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))

const folder = mkdtempSync(join(tmpdir(), "partyline-mutants-"))
process.once("exit", () => {
  stopAll()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130))
for (const name of copied) cpSync(name, join(folder, name), { recursive: true })
symlinkSync(join(process.cwd(), "node_modules"), join(folder, "node_modules"))

const result = (tests) =>
  run(
    folder,
    tests.map((test) => `test/${test}.test.ts`),
    PATIENCE
  )

/** Only a test that says what is wrong has caught a fault. */
const outcomes = {
  passed: () => ["SURVIVED", "NOTHING"],
  failed: ({ failure }) => ["caught  ", failure],
  unknown: () => ["SURVIVED", "NOTHING: the tests hang or cannot be run"]
}

console.error(`${chosen.length} faults; first the tests without any`)
const early = await result([...new Set(chosen.flatMap(({ tests }) => tests))])
if (early.verdict !== "passed") {
  console.error(`without any fault, a test fails already: ${early.failure ?? "they hang or cannot be run"}`)
  process.exit(1)
}

let survivors = 0
if (isMarkdown) console.log("| fault | where | caught by |\n|---|---|---|")
for (const { file, from, name, tests, to } of chosen) {
  const source = readFileSync(file, "utf8")
  if (source.split(from).length !== 2) {
    console.error(`${name}: ${JSON.stringify(from)} must be in ${file} once`)
    survivors++
    continue
  }
  writeFileSync(
    join(folder, file),
    source.replace(from, () => to)
  )
  const { verdict, ...found } = await result(tests)
  writeFileSync(join(folder, file), source)
  if (verdict !== "failed") survivors++
  const [word, by] = outcomes[verdict](found)
  if (isMarkdown) console.log(`| ${name} | \`${file}\` | ${by.replaceAll("|", "\\|")} |`)
  else console.log(`${word}  ${name} (${file})\n            ${by}`)
}
console.error(`${chosen.length - survivors} of ${chosen.length} faults were caught`)
process.exit(survivors === 0 ? 0 : 1)
