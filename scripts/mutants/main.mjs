// Puts one deliberate fault at a time into a copy of the tree and runs the tests that must fail. --random: random.mjs.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { readArguments } from "../arguments.mjs"
import { faults } from "./faults.mjs"
import { random } from "./random.mjs"
import { run } from "./TestRun.mjs"
import { makeTree } from "./Tree.mjs"

/**
 * Milliseconds after which a run counts as hanging: on a busy machine, a test that waits in vain takes minutes with all
 * around it.
 */
const PATIENCE = 300_000

const usage = `usage: npm run mutants -- [--markdown] [<words>]
       npm run mutants -- --random <number> [--seed 1] [--workers 2] [--known coverage/mutants.jsonl]

Words select faults by name. --markdown prints the table of docs/reliability.md. --random makes that many random faults;
a run that was ended goes on where it was, by the file of known results.`

const { positionals: words, values } = readArguments(usage, {
  allowPositionals: true,
  options: {
    markdown: { type: "boolean", default: false },
    random: { type: "string" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: "2" },
    known: { type: "string", default: "coverage/mutants.jsonl" }
  }
})
if (values.random !== undefined) {
  if (![values.random, values.seed, values.workers].every((value) => Number(value) > 0)) {
    console.error(usage)
    process.exit(2)
  }
  const survivors = await random(Number(values.random), Number(values.seed), Number(values.workers), values.known)
  process.exit(survivors === 0 ? 0 : 1)
}

const isMarkdown = values.markdown
const chosen = faults.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)))
const folder = makeTree()

/** The suite that a test file is in. */
const configOf = (test) => (test.startsWith("outages/") ? "vitest.cluster.ts" : "vitest.config.ts")

/** Runs test files, suite by suite, as long as all pass. */
const result = async (tests) => {
  for (const config of new Set(tests.map(configOf))) {
    const files = tests.filter((test) => configOf(test) === config).map((test) => `test/${test}.test.ts`)
    const found = await run(folder, files, PATIENCE, [`--config=${config}`])
    if (found.verdict !== "passed") return found
  }
  return { verdict: "passed" }
}

/** Only a test that says what is wrong has caught a fault. */
const outcomes = {
  passed: () => ["SURVIVED", "NOTHING"],
  failed: ({ failure }) => ["caught  ", failure],
  hung: () => ["SURVIVED", "NOTHING: the tests hang"],
  unknown: () => ["SURVIVED", "NOTHING: the tests cannot be run"]
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
