import type { Reporter, TestCase, TestModule } from "vitest/node"

/** The end of the name of a test that is skipped for something that is not there. */
const NEEDS = /\(needs:? ([^)]+)\)$/
const INSTALL = "apt-get install "

/** The skipped tests that need something, and the command that installs all of it. */
const needs = (tests: ReadonlyArray<TestCase>): ReadonlyArray<string> => {
  const needy = tests.filter((test) => NEEDS.test(test.name))
  const packages = needy
    .map(({ name }) => NEEDS.exec(name)?.[1] ?? "")
    .filter((need) => need.startsWith(INSTALL))
    .flatMap((need) => need.slice(INSTALL.length).split(" "))
  if (needy.length === 0) return []
  return [
    "Skipped:",
    ...needy.map(({ fullName, module }) => `  ${module.moduleId.replace(/^.*\/test\//, "test/")}: ${fullName}`),
    ...(packages.length === 0 ? [] : [`To run them: ${INSTALL}${[...new Set(packages)].sort().join(" ")}`])
  ]
}

/** Reporter that says which tests were skipped and why, and prints the counts alone on the last line, for scripts. */
export default class LastLine implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>): void {
    let passed = 0
    let failed = 0
    const skipped: Array<TestCase> = []
    for (const module of modules) {
      // A file that failed to load has no tests; it counts as one failure.
      if (module.errors().length > 0) failed++
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === "passed") passed++
        else if (state === "failed") failed++
        else skipped.push(test)
      }
    }
    const lines = [...needs(skipped), `${passed} passed, ${failed} failed, ${skipped.length} skipped`]
    // At exit, so that it follows the output of all other reporters.
    process.once("exit", () => process.stdout.write(`${lines.join("\n")}\n`))
  }
}
