// Makes random one-place faults, one at a time in a copy of the tree, and asks whether a test notices:
// npm run mutants -- --random 300 [--seed 1] [--workers 2] [--known coverage/mutants.jsonl]
//
// Only those tests are asked that run the place of the fault: Coverage.mjs has their order.
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { measure } from "./Coverage.mjs"
import { makeDraw } from "./draw.mjs"
import { openKnown } from "./Known.mjs"
import { runInOrder } from "./TestRun.mjs"
import { makeTree, share } from "./Tree.mjs"
import { filesBelow } from "./tests.mjs"

const floors = ["protocol", "room", "connection", "server", "transports", "web"]

/** Milliseconds after which a failed test ran long. */
const LONG = 2000

/**
 * Asks the tests in turn about a fault in `file`: `by` is the one that has noticed, or else `why` says that none has. A test that
 * ran long may have failed because the machine is busy: it has to pass right after, with the `right` text of the file.
 */
const ask = async (tree, parts, { file, text }, right) => {
  const put = (content) => writeFileSync(join(tree, file), content)
  const isSure = async (test) => {
    put(right)
    const { verdict } = await runInOrder(tree, [test])
    put(text)
    return verdict === "passed"
  }
  try {
    put(text)
    for (const part of parts) {
      let left = part
      while (left.length > 0) {
        const found = await runInOrder(tree, left)
        if (found.verdict === "passed") break
        if (found.verdict === "hung") return { by: "the time limit: the tests hang" }
        if (found.verdict === "unknown") return { why: "the tests end without naming one that fails" }
        const failed = left.findIndex(({ test }) => test === found.file)
        if (found.milliseconds < LONG || (await isSure(left[failed]))) return { by: found.failure }
        left = left.slice(failed + 1)
      }
    }
    return { why: parts.flat().length === 0 ? "no test runs it" : "all tests pass" }
  } finally {
    put(right)
  }
}

/** Returns how many faults have survived. */
export const random = async (count, seed, workers, knownFile) => {
  const files = floors.flatMap((floor) => filesBelow(`src/${floor}`, ".ts"))
  const sources = new Map(files.map((file) => [file, readFileSync(file, "utf8")]))
  const known = openKnown(knownFile)
  const trees = Array.from({ length: workers }, makeTree)
  const { digest, near } = await measure(trees, sources, known)
  const faults = makeDraw(sources, seed, known)
  const results = []
  let drawn = 0
  await share(trees, async (tree) => {
    const fault = drawn++ < count ? faults.next() : undefined
    if (fault === undefined) return false
    const { file, key, title } = fault
    // Other tests may notice what those of an earlier run have not.
    const { by: before, digest: asked } = known.get(key)
    if (before === undefined && asked !== digest) {
      known.set(key, { ...(await ask(tree, near(fault), fault, sources.get(file))), digest })
    }
    const { by, why } = known.get(key)
    results.push({ file, title, by, why })
    console.error(`${results.length} ${by === undefined ? "SURVIVED" : "caught"} ${title}\n    ${by ?? why}`)
    return true
  })
  report(results)
  for (const { reason, title } of faults.same) console.log(`changes nothing: ${title} (${reason})`)
  console.log(`${faults.refused} more were refused by the compiler`)
  return results.filter(({ by }) => by === undefined).length
}

const report = (results) => {
  const shareOf = (some) => `${some.filter(({ by }) => by !== undefined).length} of ${some.length}`
  console.log("| file | caught |\n|---|---|")
  for (const file of [...new Set(results.map(({ file }) => file))].sort()) {
    console.log(`| \`${file}\` | ${shareOf(results.filter((result) => result.file === file))} |`)
  }
  console.log(`| **all** | **${shareOf(results)}** |`)
  for (const { by, title, why } of results) if (by === undefined) console.log(`survived: ${title} (${why})`)
}
