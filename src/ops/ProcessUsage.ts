/** What the process takes of the machine, under the names that Prometheus' own clients use. */
import * as Fs from "node:fs/promises"
import { performance } from "node:perf_hooks"
import * as Effect from "effect/Effect"
import type { Family } from "./Prometheus.ts"

const one = (name: string, type: "counter" | "gauge", help: string, value: number): Family => ({
  name,
  type,
  help,
  samples: [{ value }]
})

/** Descriptors; nothing where the system has no /proc. */
const descriptors: Effect.Effect<ReadonlyArray<Family>> = Effect.tryPromise(async () => {
  const open = await Fs.readdir("/proc/self/fd")
  const limits = await Fs.readFile("/proc/self/limits", "utf8")
  const most = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY)
  return [
    one("process_open_fds", "gauge", "Open file descriptors.", open.length),
    one("process_max_fds", "gauge", "How many file descriptors may be open.", most)
  ]
}).pipe(Effect.orElseSucceed(() => []))

/** Taken when the effect runs. */
export const families: Effect.Effect<ReadonlyArray<Family>> = Effect.map(descriptors, (descriptors) => {
  const cpu = process.cpuUsage()
  const memory = process.memoryUsage()
  return [
    one("process_cpu_seconds_total", "counter", "CPU time, user and system.", (cpu.user + cpu.system) / 1e6),
    one("process_resident_memory_bytes", "gauge", "Resident memory.", memory.rss),
    one("nodejs_heap_size_used_bytes", "gauge", "JavaScript heap in use.", memory.heapUsed),
    one("nodejs_heap_size_total_bytes", "gauge", "JavaScript heap, in use or free.", memory.heapTotal),
    one("process_start_time_seconds", "gauge", "When the process started.", performance.timeOrigin / 1000),
    ...descriptors
  ]
})
