import { defineConfig } from "vitest/config"
import common from "../../vitest.config.ts"
import { isOfProgram } from "./tests.mjs"

/** The test files as they are named on the command line: one after another, in that order. */
class AsNamed {
  sort(specifications) {
    const place = ({ moduleId }) => process.argv.findIndex((argument) => moduleId.endsWith(argument))
    return specifications.toSorted((one, other) => place(one) - place(other))
  }
  shard(specifications) {
    return specifications
  }
}

/** Runs the tests that are named, and builds the program only for those that need it. */
export default defineConfig({
  test: {
    ...common.test,
    ...(process.argv.some(isOfProgram) ? {} : { globalSetup: [] }),
    fileParallelism: false,
    // What a fault leaves behind in one file must not fail the next.
    isolate: true,
    testTimeout: 30_000,
    sequence: { sequencer: AsNamed }
  }
})
