/** CPU, memory and descriptors of the process, under the metric names of the official Prometheus clients. */
import * as Fs from "node:fs/promises"
import { performance } from "node:perf_hooks"
import * as Effect from "effect/Effect"
import type { MetricFamily } from "./Prometheus.ts"

const metric = (name: string, type: "counter" | "gauge", help: string, value: number): MetricFamily => ({
  name,
  type,
  help,
  samples: [{ value }]
})

/** Empty where the system has no /proc. */
const descriptors: Effect.Effect<ReadonlyArray<MetricFamily>> = Effect.tryPromise(async () => {
  const open = await Fs.readdir("/proc/self/fd")
  const limits = await Fs.readFile("/proc/self/limits", "utf8")
  const most = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY)
  return [
    metric("process_open_fds", "gauge", "Open file descriptors.", open.length),
    metric("process_max_fds", "gauge", "Most file descriptors that can be open.", most)
  ]
}).pipe(Effect.orElseSucceed(() => []))

/** The values at the time the effect runs. */
export const families: Effect.Effect<ReadonlyArray<MetricFamily>> = Effect.map(descriptors, (descriptors) => {
  const cpu = process.cpuUsage()
  const memory = process.memoryUsage()
  return [
    metric("process_cpu_seconds_total", "counter", "CPU time, user and system.", (cpu.user + cpu.system) / 1e6),
    metric("process_resident_memory_bytes", "gauge", "Resident memory.", memory.rss),
    metric("nodejs_heap_size_used_bytes", "gauge", "JavaScript heap in use.", memory.heapUsed),
    metric("nodejs_heap_size_total_bytes", "gauge", "JavaScript heap, in use or free.", memory.heapTotal),
    metric(
      "process_start_time_seconds",
      "gauge",
      "Start time of the process, in seconds since 1970.",
      performance.timeOrigin / 1000
    ),
    ...descriptors
  ]
})
