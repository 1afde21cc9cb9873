/**
 * partyline beside its peers (peers/index.mjs) under each workload (workloads.mjs), interleaved. Linux only. Build first:
 *
 *     node bench/run.mjs [--peers a,b] [--workloads a,b] [--rounds 3] [--quick] [--json file] [--svg file]
 *                        [--server "<command line>"]
 *
 * --server adds another server of partyline's protocol; {port} in it, or its end, is where the port goes. The server stays
 * on core 0 and the load on core 1, where taskset is there. All on 127.0.0.1. Exits 1 if a message was lost or doubled.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import progress from "cli-progress"
import { dialects } from "./dialects/index.mjs"
import { measure as measureIdle } from "./idle.mjs"
import { custom, peers } from "./peers/index.mjs"
import { chart } from "./report/chart.mjs"
import { needsProc } from "./support/process.mjs"
import * as Server from "./support/server.mjs"
import { median, printTable } from "./support/table.mjs"
import { workloads } from "./workloads.mjs"

const { values } = parseArgs({
  options: {
    peers: { type: "string" },
    workloads: { type: "string" },
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    svg: { type: "string" },
    server: { type: "string" }
  }
})
needsProc()
if (values.server !== undefined) peers["--server"] = custom(values.server)
const chosen = (given, known) => {
  const names = given === undefined ? Object.keys(known) : given.split(",")
  for (const name of names) if (known[name] === undefined) Server.fail(`${name}: one of ${Object.keys(known)}`)
  return names
}
const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
if (!(rounds >= 1 && rounds <= 100)) Server.fail("--rounds is 1 to 100")
const [warmUp, milliseconds] = values.quick ? [1500, 1000] : [300, 800]
const names = chosen(values.workloads, workloads)
const wanted = chosen(values.peers, peers)
const present = wanted.filter((name) => peers[name].missing === undefined)
const fits = (peer, name) => peers[peer].not?.[name] === undefined && (peers[peer].only?.includes(name) ?? true)

const run = async (peer, name) => {
  const { dialect, prepare, logs } = peers[peer]
  const folder = mkdtempSync(join(tmpdir(), "bench-"))
  const out = logs ? openSync(join(folder, "log"), "w") : "ignore"
  try {
    const port = await Server.freePort()
    const line = prepare(folder, port)
    const workload = workloads[name]
    const options = { core: 0, port, collects: false, stdout: out }
    if (workload.connections !== undefined) {
      const probe = dialects[dialect].probe
      const r = await measureIdle(line, workload.connections, { ...options, probe, settle: 1000 })
      const each = (from, to) => (to.before.rss - from.before.rss) / 1024 / workload.connections
      return {
        cpu: r.cpu,
        kib: each(r.base, r.full),
        left: each(r.base, r.closed),
        seconds: r.seconds,
        rss: r.full.before.rss
      }
    }
    const server = await Server.start(line, options)
    const job = { port, pids: server.pids, dialect, workload, warmUp, milliseconds }
    const load = Server.startLoad(new URL("./load/main.mjs", import.meta.url), job, 1)
    const result = await load.hears(30)
    load.stop()
    await server.stop()
    return result
  } finally {
    if (logs) closeSync(out)
    rmSync(folder, { recursive: true, force: true })
  }
}

const plan = []
for (let round = 0; round < rounds; round++) {
  for (const name of names) {
    if (round > 0 && workloads[name].once) continue
    const turned = [...present.slice(round % present.length), ...present.slice(0, round % present.length)]
    for (const peer of turned) if (fits(peer, name)) plan.push({ round, name, peer })
  }
}
const isTerminal = process.stderr.isTTY
const bar = new progress.SingleBar({ format: "{bar} {value}/{total} {what}", stream: process.stderr, hideCursor: true })
if (isTerminal) bar.start(plan.length, 0, { what: "" })
const results = []
for (const { round, name, peer } of plan) {
  if (isTerminal) bar.update(results.length, { what: `${name}: ${peer}` })
  results.push({ round, workload: name, peer, ...(await run(peer, name)) })
}
if (isTerminal) bar.stop()

const of = (name, peer, field) =>
  results.filter((r) => r.workload === name && r.peer === peer && r[field] != null).map((r) => r[field])
const show = (all, digits = 2) => (all.length === 0 ? "" : median(all).toFixed(digits))
const spread = (all, digits = 2) =>
  all.length === 0
    ? ""
    : `${show(all, digits)} (${Math.min(...all).toFixed(digits)}..${Math.max(...all).toFixed(digits)})`
const ratio = (name, peer, base) => {
  const all = of(name, peer, "cpu").map((cpu, round) => cpu / of(name, base, "cpu")[round])
  return show(all.filter(Number.isFinite))
}

const isPinned = Server.pinned(0).length > 0
console.log(`${rounds} interleaved rounds, medians (min..max); Node ${process.version}; ${milliseconds} ms each`)
console.log(isPinned ? "server on core 0, load on core 1" : "not pinned: no taskset, or one core")
for (const name of wanted) if (peers[name].missing) console.log(`not measured: ${name}, ${peers[name].missing}`)
for (const name of names) {
  const here = present.filter((peer) => fits(peer, name))
  console.log(`\n${name}: ${workloads[name].text}`)
  for (const peer of present)
    if (peers[peer].not?.[name]) console.log(`not measured: ${peer}, ${peers[peer].not[name]}`)
  const isIdle = workloads[name].connections !== undefined
  const head = isIdle
    ? ["", "x coalescing", "x plain", "CPU us to accept", "KiB each", "KiB left 1 s after", "seconds"]
    : [
        "",
        "x coal.",
        "x plain",
        `CPU us/${workloads[name].unit}`,
        "per second",
        "busy",
        "p50",
        "p99",
        "p99.9 us",
        "RSS MiB",
        "load us",
        "lost/dup/reord"
      ]
  const rows = here.map((peer) => {
    const get = (field) => of(name, peer, field)
    const first = [peer, ratio(name, peer, "coalescing"), ratio(name, peer, "plain"), spread(get("cpu"))]
    if (isIdle) return [...first, show(get("kib")), show(get("left")), show(get("seconds"))]
    const counted = ["lost", "duplicated", "reordered"].map((field) => get(field).reduce((a, b) => a + b, 0))
    const latency = ["p50", "p99", "p999"].map((field) => show(get(field), 1))
    const rss = show(
      get("rss").map((bytes) => bytes / 1024 / 1024),
      0
    )
    const isChurn = workloads[name].atOnce !== undefined
    return [
      ...first,
      spread(get("perSecond"), 0),
      show(get("busy")),
      ...latency,
      rss,
      show(get("loadCpu")),
      isChurn ? "" : counted.join("/")
    ]
  })
  printTable([head, ...rows])
}
const others = results.filter(({ failed, other }) => failed !== undefined || other?.length > 0)
for (const { peer, workload, failed, other } of others) console.log(`\n${peer}, ${workload}: ${failed ?? other}`)
if (results.some((r) => r.failed !== undefined || r.lost + r.duplicated + r.reordered > 0)) process.exitCode = 1
const write = (file, content) => file !== undefined && writeFileSync(file, content)
const about = { node: process.version, rounds, milliseconds, pinned: isPinned, date: new Date().toISOString() }
write(values.json, `${JSON.stringify({ ...about, results }, null, 1)}\n`)
const groups = names
  .filter((name) => name !== "idle")
  .map((name) => ({
    name,
    bars: present
      .map((peer) => ({ peer, value: Number(show(of(name, peer, "cpu"), 4)) }))
      .filter(({ value }) => value > 0)
  }))
write(
  values.svg,
  chart(
    groups.filter(({ bars }) => bars.length > 0),
    present
  )
)
