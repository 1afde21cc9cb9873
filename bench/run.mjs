/**
 * partyline beside its peers (peers/index.mjs) under each workload (workloads.mjs), interleaved. Linux only. `npm run
 * bench`, or, after npm run build:
 *
 *     node bench/run.mjs [--peers a,b] [--workloads a,b] [--rounds 2] [--milliseconds 700] [--json file] [--svg file]
 *                        [--server "<command line>"]
 *
 * --server adds another server of partyline's protocol; {port} in it, or its end, is where the port goes. The server stays
 * on core 0 and the load on core 1, where taskset is there. All on 127.0.0.1. Exits 1 if a message was lost or doubled.
 */
import { writeFileSync } from "node:fs"
import { parseArgs } from "node:util"
import progress from "cli-progress"
import { custom, peers } from "./peers/index.mjs"
import { chart } from "./report/chart.mjs"
import { printWorkload, reader } from "./report/table.mjs"
import { measure } from "./support/measure.mjs"
import { needsProc } from "./support/process.mjs"
import * as Server from "./support/server.mjs"
import { median } from "./support/table.mjs"
import { workloads } from "./workloads.mjs"

const { values } = parseArgs({
  options: {
    peers: { type: "string" },
    workloads: { type: "string" },
    rounds: { type: "string", default: "2" },
    milliseconds: { type: "string", default: "700" },
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
const [rounds, milliseconds] = [Number(values.rounds), Number(values.milliseconds)]
if (!(rounds >= 1 && rounds <= 100)) Server.fail("--rounds is 1 to 100")
if (!(milliseconds >= 100 && milliseconds <= 60_000)) Server.fail("--milliseconds is 100 to 60000")
const names = chosen(values.workloads, workloads)
const wanted = chosen(values.peers, peers)
const present = wanted.filter((name) => peers[name].missing === undefined)
const fits = (peer, name) => peers[peer].not?.[name] === undefined && (peers[peer].only?.includes(name) ?? true)

const plan = []
for (let round = 0; round < rounds; round++) {
  for (const name of names) {
    if (round > 0 && workloads[name].once) continue
    const turned = [...present.slice(round % present.length), ...present.slice(0, round % present.length)]
    for (const peer of turned) if (fits(peer, name)) plan.push({ round, workload: name, peer })
  }
}
const bar = new progress.SingleBar({ format: "{bar} {value}/{total} {what}", stream: process.stderr, hideCursor: true })
if (process.stderr.isTTY) bar.start(plan.length, 0, { what: "" })
const results = []
for (const { round, workload, peer } of plan) {
  bar.update(results.length, { what: `${workload}: ${peer}` })
  results.push({ round, workload, peer, ...(await measure(peers[peer], workloads[workload], milliseconds)) })
}
bar.stop()

const isPinned = Server.pinned(0).length > 0
console.log(`${rounds} interleaved rounds, medians (min..max); Node ${process.version}; ${milliseconds} ms each`)
console.log(isPinned ? "server on core 0, load on core 1" : "not pinned: no taskset, or one core")
for (const name of wanted) if (peers[name].missing) console.log(`not measured: ${name}, ${peers[name].missing}`)
for (const name of names) {
  const here = present.filter((peer) => fits(peer, name))
  printWorkload(name, workloads[name], here, results)
  for (const peer of present) {
    if (peers[peer].not?.[name] !== undefined) console.log(`not measured: ${peer}, ${peers[peer].not[name]}`)
  }
}
for (const { peer, workload, failed, other } of results) {
  if (failed !== undefined || other?.length > 0) console.log(`\n${peer}, ${workload}: ${failed ?? other}`)
}
if (results.some((r) => r.failed !== undefined || r.lost + r.duplicated + r.reordered > 0)) process.exitCode = 1

if (values.json !== undefined) {
  const about = { node: process.version, rounds, milliseconds, pinned: isPinned, date: new Date().toISOString() }
  writeFileSync(values.json, `${JSON.stringify({ ...about, results }, null, 1)}\n`)
}
if (values.svg !== undefined) {
  const { of } = reader(results)
  const bars = (name) =>
    present.flatMap((peer) => {
      const all = of(name, peer, "cpu")
      return all.length === 0 ? [] : [{ peer, value: median(all) }]
    })
  const groups = names.filter((name) => name !== "idle").map((name) => ({ name, bars: bars(name) }))
  writeFileSync(
    values.svg,
    chart(
      groups.filter(({ bars }) => bars.length > 0),
      present
    )
  )
}
