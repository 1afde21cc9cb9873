// Runs test files in a folder, as a process of its own that can be stopped.
import { spawn } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"

/** The processes that run now. Each leads a group, so that the workers end with it. */
const running = new Set()

const stop = ({ pid }) => {
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // It has ended.
  }
}

/** Ends what runs now. */
export const stopAll = () => running.forEach(stop)

/** The exit status of a command; null when it was killed, after `patience` milliseconds at the latest. */
const statusOf = ([file, ...args], cwd, patience) =>
  new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, stdio: "ignore", detached: true })
    const timer = setTimeout(() => stop(child), patience)
    running.add(child)
    child.once("error", reject)
    child.once("exit", (status) => {
      clearTimeout(timer)
      running.delete(child)
      resolve(status)
    })
  })

/** The first failed test in a report of vitest. */
const firstFailure = (report) => {
  for (const { assertionResults, name } of report.testResults) {
    const failed = assertionResults.find(({ status }) => status === "failed")
    if (failed !== undefined) return `${name.slice(name.indexOf("/test/") + 6)}: ${failed.fullName}`
  }
  return undefined
}

const runOnce = async (folder, files, patience) => {
  const report = join(folder, "report.json")
  rmSync(report, { force: true })
  const options = ["--bail=1", "--reporter=json", `--outputFile=${report}`]
  const vitest = [process.execPath, "node_modules/vitest/vitest.mjs", "run", ...options, ...files]
  if ((await statusOf(vitest, folder, patience)) === 0) return { verdict: "passed" }
  try {
    const failure = firstFailure(JSON.parse(readFileSync(report, "utf8")))
    if (failure !== undefined) return { verdict: "failed", failure }
  } catch {
    // The run ended before it wrote its report.
  }
  return { verdict: "unknown" }
}

/**
 * Runs these test files of the folder: "passed"; "failed", with the name of the first test that failed; or "unknown" when
 * twice the run ended, or was ended after `patience` milliseconds, without naming one. A busy machine can do that once.
 */
export const run = async (folder, files, patience) => {
  const first = await runOnce(folder, files, patience)
  return first.verdict === "unknown" ? runOnce(folder, files, patience) : first
}
