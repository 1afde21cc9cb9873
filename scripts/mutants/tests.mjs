// The test files that can notice a fault.
import { execFileSync } from "node:child_process"
import { readdirSync } from "node:fs"

/** They read sources and documents as text, or run other tests. */
const blind = /^test\/(?:house|supply|deploy|documents|field|mutants|skipping|program\/package)\./

/** Tests of the built program. */
export const isOfProgram = (test) => /^test\/(?:program|faults|cluster)\/|^test\/exports\./.test(test)

export const filesBelow = (folder, end) =>
  readdirSync(folder, { recursive: true })
    .map((name) => `${folder}/${name}`)
    .filter((file) => file.endsWith(end))
    .sort()

/** The files of npm test. */
export const testFiles = () =>
  execFileSync(process.execPath, ["node_modules/vitest/vitest.mjs", "list", "--filesOnly"], { encoding: "utf8" })
    .trim()
    .split("\n")
    .filter((test) => !blind.test(test))
    .sort()
