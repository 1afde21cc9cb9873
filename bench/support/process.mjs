/** Costs of a process, from /proc. Linux only. */
import { execFileSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync } from "node:fs"

/** Clock ticks a second, the unit of CPU time in /proc/PID/stat. */
const TICKS = Number(execFileSync("getconf", ["CLK_TCK"]))

export const needsProc = () => {
  if (existsSync("/proc/self/status")) return
  console.error("this benchmark reads /proc and runs on Linux only")
  process.exit(1)
}

const status = (pid, field) => {
  const match = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))
  return Number(match?.[1]) * 1024
}

/** Resident bytes, and the part of them that is the process's own data, not files (libraries, node itself). */
export const memory = (pid) => ({ rss: status(pid, "VmRSS"), anon: status(pid, "RssAnon") })

export const descriptors = (pid) => readdirSync(`/proc/${pid}/fd`).length

export const openFilesLimit = () =>
  Number(/^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1])

/** The process and its descendants, the youngest at the end. */
export const family = (pid) => {
  const pids = [pid]
  for (const parent of pids) {
    try {
      pids.push(
        ...readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number)
      )
    } catch {
      // It has ended, or this kernel does not say.
    }
  }
  return pids
}

/** Nanoseconds of all running threads; NaN where the kernel does not keep them. */
const exact = (pid) => {
  let sum = 0
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ")[0])
    } catch {
      if (thread === String(pid)) return Number.NaN
    }
  }
  return sum === 0 ? Number.NaN : sum
}

const inTicks = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ")
  return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1e6
}

/**
 * Microseconds of CPU in user and kernel mode, of all threads of these processes: from schedstat, which is exact, or else
 * from utime and stime, which count in steps of a hundredth of a second.
 */
export const cpu = (pids) =>
  pids.reduce((sum, pid) => {
    const nanoseconds = exact(pid)
    return sum + (Number.isNaN(nanoseconds) ? inTicks(pid) : nanoseconds / 1000)
  }, 0)
