/** One server under one workload, once: both in fresh processes, the server on core 0 and the load on core 1. */
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { dialects } from "../dialects/index.mjs"
import { measure as measureIdle } from "../idle.mjs"
import * as Server from "./server.mjs"

const idle = async (line, dialect, { connections }, options) => {
  const { probe } = dialects[dialect]
  const { base, full, closed, cpu, seconds } = await measureIdle(line, connections, { ...options, probe, settle: 1000 })
  const each = (from, to) => (to.before.rss - from.before.rss) / 1024 / connections
  return { cpu, seconds, kib: each(base, full), left: each(base, closed), rss: full.before.rss }
}

const traffic = async (line, dialect, workload, milliseconds, options) => {
  const server = await Server.start(line, options)
  const { port, pids } = server
  const job = { port, pids, dialect, workload, warmUp: workload.warmUp ?? 300, milliseconds }
  const load = Server.startLoad(new URL("../load/main.mjs", import.meta.url), job, 1)
  const result = await load.hears(60)
  load.stop()
  await server.stop()
  return result
}

/** @param peer one of peers/index.mjs @param workload one of workloads.mjs @param milliseconds how long it is measured */
export const measure = async ({ dialect, prepare, logs }, workload, milliseconds) => {
  const folder = mkdtempSync(join(tmpdir(), "bench-"))
  const stdout = logs ? openSync(join(folder, "log"), "w") : "ignore"
  try {
    const port = await Server.freePort()
    const line = prepare(folder, port)
    const options = { core: 0, port, collects: false, stdout }
    return await (workload.connections === undefined
      ? traffic(line, dialect, workload, milliseconds, options)
      : idle(line, dialect, workload, options))
  } finally {
    if (logs) closeSync(stdout)
    rmSync(folder, { recursive: true, force: true })
  }
}
