/**
 * partyline beside its peers (peers/index.mjs), or beside another server, in interleaved rounds. Linux only.
 *
 * --server compares partyline with another server of its protocol; {port} in it, or its end, is the port. --self measures
 * that server twice in each round: the spread of its ratio to itself is the noise. --connections is for --study idle,
 * --messages for --study million. --nodes measures one room on so many nodes, with an engine (nodes.mjs). The server stays on
 * core 0 and the load on core 1, where taskset is there. All on 127.0.0.1. Exits 1 if a message was lost, duplicated or
 * reordered.
 */
import { writeFileSync } from "node:fs"
import progress from "cli-progress"
import { readArguments } from "../scripts/arguments.mjs"
import { custom, peers } from "./peers/index.mjs"
import { chart } from "./report/chart.mjs"
import { printComparison, printWorkload, reader } from "./report/table.mjs"
import { studies } from "./studies.mjs"
import { measure } from "./support/measure.mjs"
import { needsProc } from "./support/process.mjs"
import * as Server from "./support/server.mjs"
import { median } from "./support/table.mjs"
import { workloads } from "./workloads.mjs"

const usage = `usage: npm run bench -- [--study growth|idle|million|polite|start] [--peers a,b] [--workloads a,b]
                        [--server "<command line>" [--self]] [--rounds 2] [--milliseconds 700]
                        [--connections 10000] [--messages 1000000] [--json file] [--svg file]
       npm run bench -- --nodes 2 [--milliseconds 3000] [--pairs 8] | --registered 100000 [--connections 8000]`

const texts = (...names) => Object.fromEntries(names.map((name) => [name, { type: "string" }]))
const { values } = readArguments(usage, {
  options: {
    ...texts("study", "peers", "workloads", "server", "nodes", "registered", "pairs"),
    ...texts("rounds", "milliseconds", "connections", "messages", "json", "svg"),
    self: { type: "boolean", default: false }
  }
})
needsProc()
const whole = (name, standard, least, most) => {
  const number = Number(values[name] ?? standard)
  if (!(Number.isInteger(number) && number >= least && number <= most)) Server.fail(`--${name} is ${least} to ${most}`)
  return number
}
const chosen = (given, known) => {
  const names = given?.split(",") ?? Object.keys(known)
  for (const name of names) if (known[name] === undefined) Server.fail(`${name}: one of ${Object.keys(known)}`)
  return names
}

const sizes = {
  connections: whole("connections", 10_000, 1, 100_000),
  messages: whole("messages", 1e6, 1000, 1e8)
}
const study = values.study === undefined ? undefined : studies[chosen(values.study, studies)[0]](sizes)
const rounds = whole("rounds", study === undefined ? 2 : (study.rounds ?? 3), 1, 100)
const milliseconds = whole("milliseconds", study?.milliseconds ?? 700, 100, 60_000)
const known = study === undefined ? workloads : Object.fromEntries(study.workloads)
const names = chosen(values.workloads, known)

if (values.nodes !== undefined) {
  const nodes = whole("nodes", 2, 1, 16)
  if (values.registered !== undefined) {
    const { run } = await import("./registered.mjs")
    const connected = values.connections === undefined ? 8000 : sizes.connections
    process.exit((await run(nodes, whole("registered", 100_000, 1, 1_000_000), connected)) ? 0 : 1)
  }
  const { run } = await import("./nodes.mjs")
  const options = { milliseconds: whole("milliseconds", 3000, 100, 60_000), pairs: whole("pairs", 8, 1, 1000) }
  process.exit((await run(nodes, options)) ? 0 : 1)
}

/** Peers of the comparison: partyline, the other server, and the other server again. */
let compared = study === undefined ? [] : chosen(values.peers ?? study.peers.join(), peers)
if (values.self && values.server === undefined) Server.fail("--self needs --server")
if (values.server !== undefined) {
  compared = ["partyline", "server", ...(values.self ? ["again"] : [])]
  for (const name of compared.slice(1)) peers[name] = custom(values.server)
}
const more = values.peers === undefined ? [] : chosen(values.peers, peers)
const wanted = compared.length === 0 && more.length === 0 ? Object.keys(peers) : [...new Set([...compared, ...more])]
const present = wanted.filter((name) => peers[name].missing === undefined)
for (const name of compared) if (!present.includes(name)) Server.fail(`${name}: ${peers[name].missing}`)
const fits = (peer, name) =>
  peers[peer].not?.[name] === undefined &&
  (peers[peer].only?.includes(name) ?? true) &&
  (known[name].peers?.includes(peer) ?? true)

/** The peers are rotated by a round, and every second round is reversed: three peers take all six orders. */
const inTurn = (round) => {
  const at = round % present.length
  const turned = [...present.slice(at), ...present.slice(0, at)]
  return round % 2 === 0 ? turned : turned.reverse()
}
const plan = []
for (let round = 0; round < rounds; round++) {
  for (const name of names) {
    if (round > 0 && known[name].once && compared.length === 0) continue
    for (const peer of inTurn(round)) if (fits(peer, name)) plan.push({ round, workload: name, peer })
  }
}
const bar = new progress.SingleBar({ format: "{bar} {value}/{total} {what}", stream: process.stderr, hideCursor: true })
if (process.stderr.isTTY) bar.start(plan.length, 0, { what: "" })
const results = []
for (const { round, workload, peer } of plan) {
  bar.update(results.length, { what: `${workload}: ${peer}` })
  results.push({ round, workload, peer, ...(await measure(peers[peer], known[workload], milliseconds)) })
}
bar.stop()

console.log(`${rounds} interleaved rounds, medians (min..max); Node ${process.version}; ${milliseconds} ms each`)
console.log(Server.canPin ? "server on core 0, load on core 1" : "not pinned: no taskset, or one core")
for (const name of wanted) if (peers[name].missing) console.log(`not measured: ${name}, ${peers[name].missing}`)
if (study === undefined) {
  for (const name of names) {
    /** The result of a server that lacks what the workload needs. */
    const lacks = (peer) => results.find((r) => r.workload === name && r.peer === peer && r.missing !== undefined)
    const here = present.filter((peer) => fits(peer, name) && lacks(peer) === undefined)
    printWorkload(name, known[name], here, results)
    for (const peer of present) {
      const { missing } = lacks(peer) ?? {}
      if (missing !== undefined) console.log(`not measured: ${peer}, ${missing}`)
    }
    for (const peer of present) {
      if (peers[peer].not?.[name] !== undefined) console.log(`not measured: ${peer}, ${peers[peer].not[name]}`)
    }
  }
}
if (values.server !== undefined) console.log(`\nserver: ${values.server}`)
if (compared.length > 0) {
  console.log()
  const rows = names.map((name) => [name, known[name]])
  printComparison(rows, compared, results)
}
for (const { peer, workload, failed, other } of results) {
  if (failed !== undefined || other?.length > 0) console.log(`\n${peer}, ${workload}: ${failed ?? other}`)
}
if (results.some((r) => r.failed !== undefined || r.lost + r.duplicated + r.reordered > 0)) process.exitCode = 1

if (values.json !== undefined) {
  const about = { node: process.version, rounds, milliseconds, pinned: Server.canPin, date: new Date().toISOString() }
  writeFileSync(values.json, `${JSON.stringify({ ...about, server: values.server, results }, null, 1)}\n`)
}
if (values.svg !== undefined) {
  const { of } = reader(results)
  const bars = (name) =>
    present.map((peer) => ({ peer, value: median(of(name, peer, "cpu")) })).filter(({ value }) => value > 0)
  const groups = names.filter((name) => name !== "idle").map((name) => ({ name, bars: bars(name) }))
  writeFileSync(
    values.svg,
    chart(
      groups.filter(({ bars }) => bars.length > 0),
      present
    )
  )
}
