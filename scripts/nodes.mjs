// Runs the tests of the server and of the package on each supported major version of Node.js, or on the versions given as
// arguments. Prints one line for each of them.
import { spawnSync } from "node:child_process"

const supported = ["20", "22", "24", "26"]

/** Arguments of vitest. */
const suites = {
  server: [],
  package: ["--config", "vitest.clients.ts", "test/program/package.test.ts"]
}

/** Output and success of a run on this version, whose binary npm downloads. */
const run = (version, args) => {
  const { status, stderr, stdout } = spawnSync("npx", ["--yes", "--package", `node@${version}`, "node", ...args], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024
  })
  return { isGood: status === 0, output: stdout + stderr }
}

const asked = process.argv.slice(2)
for (const version of asked.length > 0 ? asked : supported) {
  const [exact = version] = /^v\S+/m.exec(run(version, ["--version"]).output) ?? []
  for (const [suite, args] of Object.entries(suites)) {
    const { isGood, output } = run(version, ["node_modules/vitest/vitest.mjs", "run", ...args])
    const [counts = "it did not run"] = /^\d+ passed, \d+ failed.*$/m.exec(output) ?? []
    if (!isGood) {
      process.stdout.write(output)
      process.exitCode = 1
    }
    process.stdout.write(`node-${exact}, ${suite}: ${counts}\n`)
  }
}
