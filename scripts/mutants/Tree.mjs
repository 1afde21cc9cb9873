// Copies of the tree into which faults are put. They are removed when the process ends.
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { stopAll } from "./TestRun.mjs"

/** Not copied: what is not of the sources, or is made from them. */
const left = [".git", "node_modules", "dist", "coverage"]

const trees = []
process.once("exit", () => {
  stopAll()
  for (const tree of trees) rmSync(tree, { recursive: true, force: true, maxRetries: 5 })
})
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130))

/** Copies the tree in the current folder, with a link to its node_modules. Returns the folder. */
export const makeTree = () => {
  const tree = mkdtempSync(join(tmpdir(), "partyline-mutants-"))
  trees.push(tree)
  for (const name of readdirSync(".").filter((name) => !left.includes(name))) {
    cpSync(name, join(tree, name), { recursive: true })
  }
  symlinkSync(join(process.cwd(), "node_modules"), join(tree, "node_modules"))
  return tree
}

/** Lets each tree work, one piece after another, until there is none. */
export const share = (trees, work) =>
  Promise.all(
    trees.map(async (tree) => {
      while (await work(tree));
    })
  )
