// The test files that run a place of the source: each is run alone once, on sources that write down which places run.
// Programs that a test starts write too, which V8's own coverage would not tell of a bundle.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { digestOf } from "./Known.mjs"
import { marked } from "./syntax.mjs"
import { runInOrder } from "./TestRun.mjs"
import { share } from "./Tree.mjs"
import { filesBelow, isOfProgram, testFiles } from "./tests.mjs"

/** How many test files are asked before the others, so that a run that hangs is ended soon. */
const FIRST = 5

/** How many test files of the program are asked. */
const PROGRAM = 4

/** Milliseconds that a test file takes before that is known. */
const ANY = 60_000

/** Appends a place when it runs first; at once, because a program may be killed. */
const mark = (file) => `
import { appendFileSync } from "node:fs"
const seen = new Set()
export const mark = (place) => {
  if (seen.has(place)) return
  seen.add(place)
  appendFileSync(${JSON.stringify(file)}, place + "\\n")
}
`

const placesIn = (tree) => join(tree, "places")

const markSources = (tree, sources) => {
  writeFileSync(join(tree, "src/mark.mjs"), mark(placesIn(tree)))
  for (const [file, text] of sources) writeFileSync(join(tree, file), marked(file, text, "../mark.mjs"))
}

/** The verdict on a test file in a tree with marked sources, the places that it has run, and the time it took. */
const measured = async (tree, test, isLast = false) => {
  const file = placesIn(tree)
  rmSync(file, { force: true })
  const began = performance.now()
  const { verdict } = await runInOrder(tree, [{ test, milliseconds: ANY }])
  if (verdict !== "passed" && !isLast) return measured(tree, test, true)
  const places = existsSync(file) ? [...new Set(readFileSync(file, "utf8").trim().split("\n"))] : []
  return { verdict, milliseconds: Math.round(performance.now() - began), places }
}

const read = (file) => readFileSync(file, "utf8")

const sorted = (runs, rank) =>
  runs.sort((one, other) => rank(other) - rank(one) || one.milliseconds - other.milliseconds)

/**
 * Measures what is not known yet. `near` tells the tests that run the place of a fault, in the parts in which they are asked;
 * `digest` differs when any test differs. A test that fails without any fault is left out.
 */
export const measure = async (trees, sources, known) => {
  const support = filesBelow("test/support", ".ts").map(read)
  const keyOf = (test) => `${test} ${digestOf([...sources.values(), ...support, read(test)])}`
  const tests = testFiles().map((test) => ({ test, key: keyOf(test) }))
  const missing = tests.filter(({ key }) => known.get(key) === undefined)
  for (const tree of trees) markSources(tree, sources)
  await share(trees, async (tree) => {
    const next = missing.shift()
    if (next === undefined) return false
    const found = await measured(tree, next.test)
    known.set(next.key, found)
    console.error(`${found.verdict} without any fault: ${next.test}`)
    return true
  })
  for (const tree of trees) for (const [file, text] of sources) writeFileSync(join(tree, file), text)

  const runs = tests
    .map(({ key, test }) => ({ test, ...known.get(key) }))
    .filter(({ verdict }) => verdict === "passed")
    .map((found) => ({ ...found, places: new Set(found.places) }))
  const near = ({ file, place }) => {
    const covering = runs.filter(({ places }) => places.has(`${file}:${place}`))
    const inFolder = ({ test }) => Number(dirname(test) === dirname(file).replace("src", "test"))
    const inFile = ({ places }) => [...places].filter((place) => place.startsWith(`${file}:`)).length
    const alone = sorted(
      covering.filter(({ test }) => !isOfProgram(test)),
      inFolder
    )
    const ofProgram = sorted(
      covering.filter(({ test }) => isOfProgram(test)),
      inFile
    )
    return [alone.slice(0, FIRST), alone.slice(FIRST), ofProgram.slice(0, PROGRAM)]
  }
  return { digest: digestOf(tests.map(({ key }) => key)), near }
}
