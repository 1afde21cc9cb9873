/** One server under one workload, once: both in fresh processes, the server on core 0 and the load on core 1. */
import { spawnSync } from "node:child_process"
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { openFilesLimit } from "./process.mjs"
import * as Server from "./server.mjs"

const startLoad = (job) => Server.startLoad(new URL("../load/main.mjs", import.meta.url), job, 1)

const traffic = async (server, { dialect, workload, milliseconds }) => {
  const { port, pids } = server
  const { kind, warmUp = 300 } = workload
  const flooder = workload.flooder ? startLoad({ kind: "flood", port, dialect, workload }) : undefined
  const flooded = await flooder?.hears(10)
  if (flooded?.failed !== undefined) return flooded
  const load = startLoad({ kind, port, pids, dialect, workload, warmUp, milliseconds })
  const result = await load.hears(workload.messages === undefined ? 90 : 900)
  await load.stop()
  await flooder?.stop()
  return result
}

const CONNECTIONS_PER_PROCESS = 5000
/** Descriptors that a process needs besides its connections. */
const SPARE = 64
const MIB = 1024 * 1024

/** Memory before, with and after idle connections, each before and after a garbage collection; the cost of accepting. */
const idle = async (server, { dialect, workload: { connections, settle = 1000 } }) => {
  if (openFilesLimit() < connections + SPARE) {
    return { failed: `ulimit -n is ${openFilesLimit()}: ${connections + SPARE} open files are needed` }
  }
  const look = async () => {
    await sleep(settle)
    const before = server.memory()
    const heap = await server.collect()
    return { before, heap, after: server.collects ? server.memory() : { rss: Number.NaN, anon: Number.NaN } }
  }
  const base = await look()
  const descriptors = server.descriptors()
  const accepted = () => server.descriptors() - descriptors

  const loads = []
  const [began, cpuBefore] = [performance.now(), server.cpu()]
  for (let left = connections; left > 0; left -= CONNECTIONS_PER_PROCESS) {
    // One source address has some 28,000 ephemeral ports. Binding to a second one is slower.
    const source = loads.length < 4 ? undefined : `127.0.0.${loads.length}`
    const count = Math.min(left, CONNECTIONS_PER_PROCESS)
    loads.push(startLoad({ kind: "idle", port: server.port, dialect, source, connections: count }))
  }
  const replies = await Promise.all(loads.map(({ hears }) => hears(60)))
  for (let tries = 0; accepted() < connections && tries < 100; tries++) await sleep(20)
  const failed = replies.find((reply) => reply.failed !== undefined)?.failed
  if (failed !== undefined || accepted() < connections) {
    await Promise.all(loads.map(({ stop }) => stop()))
    return { failed: failed ?? "not all connections were accepted" }
  }
  const seconds = (performance.now() - began) / 1000
  const cpu = (server.cpu() - cpuBefore) / connections

  const full = await look()
  await Promise.all(loads.map(({ stop }) => stop()))
  const closed = await look()
  const each = (from, to) => (to - from) / 1024 / connections
  const memory = ["before", "after"].map((when) => {
    const [first, most, last] = [base, full, closed].map((look) => look[when])
    const words = when === "before" ? "" : ", collected"
    return {
      [`base RSS MiB${words}`]: first.rss / MIB,
      [`RSS MiB${words}`]: most.rss / MIB,
      [`RSS MiB, all closed${words}`]: last.rss / MIB,
      [`KiB of RSS each${words}`]: each(first.rss, most.rss),
      [`KiB of RSS left by each${words}`]: each(first.rss, last.rss),
      [`KiB of RssAnon each${words}`]: each(first.anon, most.anon)
    }
  })
  return {
    ...Object.assign({}, ...memory),
    "KiB of heap each": each(base.heap, full.heap),
    "KiB of heap left by each": each(base.heap, closed.heap),
    "descriptors left open": accepted(),
    seconds,
    cpu
  }
}

/** Milliseconds of `node -e 0`, of the server's --version if it is a script, and until the server accepts connections. */
const start = (server, { line }) => {
  const took = (args) => {
    const [began, { status }] = [performance.now(), spawnSync(process.execPath, args, { stdio: "ignore" })]
    return status === 0 ? performance.now() - began : Number.NaN
  }
  const script = /^node (\S+)/.exec(line)?.[1]
  const bare = took(["-e", "0"])
  const version = script === undefined ? Number.NaN : took([script, "--version"])
  return {
    "node -e 0, ms": bare,
    "--version, ms": version,
    "--version / node -e 0": version / bare,
    "until it listens, ms": server.listens,
    "until it listens / node -e 0": server.listens / bare
  }
}

const kinds = { idle, start }

/** @param peer one of peers/index.mjs @param workload one of workloads.mjs @param milliseconds how long it is measured */
export const measure = async ({ dialect, prepare, logs }, workload, milliseconds) => {
  const folder = mkdtempSync(join(tmpdir(), "bench-"))
  const stdout = logs ? openSync(join(folder, "log"), "w") : "ignore"
  try {
    const port = await Server.freePort()
    const line = prepare(folder, port)
    const core = workload.kind === "start" ? undefined : 0
    const server = await Server.start(line, { core, port, collects: workload.collects === true, stdout })
    const result = await (kinds[workload.kind] ?? traffic)(server, { line, dialect, workload, milliseconds })
    await server.stop()
    return result
  } finally {
    if (logs) closeSync(stdout)
    rmSync(folder, { recursive: true, force: true })
  }
}
