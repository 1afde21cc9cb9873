// Puts one deliberate fault at a time into a copy of the tree and runs the tests that must fail: npm run mutants
// Words as arguments select faults by name. --markdown prints the table of docs/reliability.md.
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { faults } from "./faults.mjs"

/** Milliseconds after which a run counts as hanging. A hanging run is a failure. */
const PATIENCE = 120_000

const copied = ["src", "test", "scripts", "bench", "docs", "package.json", "tsconfig.json", "vitest.config.ts"]

const words = process.argv.slice(2).filter((word) => !word.startsWith("--"))
const isMarkdown = process.argv.includes("--markdown")
const chosen = faults.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))

const folder = mkdtempSync(join(tmpdir(), "partyline-mutants-"))
process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130))
for (const name of copied) cpSync(name, join(folder, name), { recursive: true })
symlinkSync(join(process.cwd(), "node_modules"), join(folder, "node_modules"))

/** The first failure of these test files; undefined if all of them pass. */
const failureOf = (tests) => {
  const report = join(folder, "report.json")
  rmSync(report, { force: true })
  const files = tests.map((test) => `test/${test}.test.ts`)
  const args = [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--bail=1",
    "--reporter=json",
    `--outputFile=${report}`,
    ...files
  ]
  const { status } = spawnSync(process.execPath, args, { cwd: folder, timeout: PATIENCE, killSignal: "SIGKILL" })
  if (status === 0) return undefined
  try {
    const { testResults } = JSON.parse(readFileSync(report, "utf8"))
    for (const { assertionResults, name } of testResults) {
      const failed = assertionResults.find((result) => result.status === "failed")
      if (failed) return `${name.slice(name.indexOf("/test/") + 6)}: ${failed.fullName}`
    }
  } catch {
    // The run was killed before it wrote its report.
  }
  return `${tests.join()}: hangs or cannot be run`
}

const tests = [...new Set(chosen.flatMap((fault) => fault.tests))]
const early = failureOf(tests)
if (early !== undefined) {
  console.error(`without any fault, a test fails already: ${early}`)
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
  const caught = failureOf(tests)
  writeFileSync(join(folder, file), source)
  if (caught === undefined) survivors++
  const by = caught ?? "NOTHING"
  if (isMarkdown) console.log(`| ${name} | \`${file}\` | ${by.replaceAll("|", "\\|")} |`)
  else console.log(`${caught === undefined ? "SURVIVED" : "caught  "}  ${name} (${file})\n            ${by}`)
}
console.error(`${chosen.length - survivors} of ${chosen.length} faults were caught`)
process.exit(survivors === 0 ? 0 : 1)
