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

/** The first failed test in a report of vitest, its file, and how long it ran. */
const firstFailure = (report) => {
  for (const { assertionResults, name } of report.testResults) {
    const failed = assertionResults.find(({ status }) => status === "failed")
    const file = name.slice(name.indexOf("/test/") + 1)
    if (failed !== undefined) {
      return { failure: `${file.slice("test/".length)}: ${failed.fullName}`, file, milliseconds: failed.duration ?? 0 }
    }
  }
  return undefined
}

const runOnce = async (folder, files, patience, options) => {
  const report = join(folder, "report.json")
  rmSync(report, { force: true })
  const output = ["--bail=1", "--reporter=json", `--outputFile=${report}`]
  const vitest = [process.execPath, "node_modules/vitest/vitest.mjs", "run", ...options, ...output, ...files]
  const status = await statusOf(vitest, folder, patience)
  if (status === 0) return { verdict: "passed" }
  try {
    const found = firstFailure(JSON.parse(readFileSync(report, "utf8")))
    if (found !== undefined) return { verdict: "failed", ...found }
  } catch {
    // The run ended before it wrote its report.
  }
  return { verdict: status === null ? "hung" : "unknown" }
}

/**
 * Runs these test files of the folder: "passed"; "failed", with the name of the first test that failed, its file, and how
 * many milliseconds it ran; "hung": the run was ended after `patience` milliseconds; or, when that came about twice, since a
 * busy machine can do it once, "unknown": it ended without naming a test. `options` are vitest's.
 */
export const run = async (folder, files, patience, options = []) => {
  const first = await runOnce(folder, files, patience, options)
  return first.verdict === "unknown" ? runOnce(folder, files, patience, options) : first
}

/**
 * Runs test files one after another in this order: each with the milliseconds that it takes without a fault. The limits of
 * time are generous, because the machine may be busy.
 */
export const runInOrder = (folder, files) =>
  run(
    folder,
    files.map(({ test }) => test),
    files.reduce((patience, { milliseconds }) => patience + 3 * milliseconds, 60_000),
    ["--config=scripts/mutants/vitest.mjs"]
  )
