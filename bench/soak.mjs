/**
 * A mixed load on the built server for some minutes. Fails if a message is lost or the server's memory grows. Linux only.
 *
 *     npm run soak -- [--minutes 10] [--nodes <number>]
 *
 * Without --nodes it is the bad hour (hour/main.mjs). With --nodes, ten talkers, a flooder, one that reads nothing, one that
 * reconnects all the time, five visitors, and a quiet one, whose PING measures the delay of the event loop, are spread over
 * the nodes of one room, with an engine: after two fifths of the time the last node is killed (its clients come back
 * elsewhere), after three fifths the engine is restarted. What may be lost by that is said: to the sender, or by the end of
 * a connection. Memory is that of the first node.
 */
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { readArguments } from "../scripts/arguments.mjs"
import { badHour } from "./hour/main.mjs"
import { startNodes } from "./nodes.mjs"
import { row } from "./soak/chart.mjs"
import { Crowd } from "./soak/crowd.mjs"
import { Ledger } from "./soak/ledger.mjs"
import { growing } from "./soak/memory.mjs"
import { needsProc } from "./support/process.mjs"
import { fail, HOST } from "./support/server.mjs"
import { median, mib } from "./support/table.mjs"

const usage = "usage: npm run soak -- [--minutes 10] [--nodes <number>]"
const { values } = readArguments(usage, {
  options: { minutes: { type: "string", default: "10" }, nodes: { type: "string" } }
})
const minutes = Number(values.minutes)
if (!(minutes > 0)) fail(usage)
needsProc()
if (values.nodes === undefined) process.exit((await badHour(minutes)) ? 0 : 1)

/** Milliseconds after which a message is called delayed. */
const LATE = 100
/** Number of looks at the server. Each collects the garbage first, so that only live memory counts. */
const LOOKS = Math.max(30, Math.round(minutes * 6))

const folder = mkdtempSync(join(tmpdir(), "partyline-soak-"))
process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
const log = join(folder, "log")
const options = `--host ${HOST} --max-users 40 --outbox 262144 --patience 1s --log-level warning`
const stdout = openSync(log, "w")
const room = await startNodes(Number(values.nodes), options, { stdout })
const { nodes } = room
const [server] = nodes

const ledger = new Ledger(LATE)
const crowd = new Crowd(
  nodes.map(({ port }) => port),
  ledger
)
await crowd.starts()

const pings = []
const pinging = (async () => {
  while (!crowd.isOver) {
    const millis = await crowd.quiet.pings()
    if (millis === undefined) return ledger.wrong.push("the quiet client was disconnected")
    pings.push(millis)
    await sleep(20)
  }
})()

const began = performance.now()
const end = began + minutes * 60_000
const secondsAfter = () => `after ${Math.round((performance.now() - began) / 1000)} s`
const outages = async () => {
  await sleep(minutes * 24_000)
  if (nodes.length > 1) {
    await room.replacesNode()
    console.log(`${secondsAfter()} a node has been killed, and another started in its place`)
  }
  await sleep(minutes * 12_000)
  await room.restartsEngine(3000)
  console.log(`${secondsAfter()} the engine has been restarted, and was away for 3 s`)
}
outages()

const looks = []
while (performance.now() < end) {
  await sleep((minutes * 60_000) / LOOKS - 300)
  // Taken before the collection, which stops the server for a moment.
  const heard = pings.length === 0 ? [(minutes * 60_000) / LOOKS] : pings.splice(0)
  const heap = await server.collect()
  pings.length = 0
  looks.push({ heap, rss: server.memory().rss, ping: median(heard), worst: Math.max(...heard) })
  if (process.stdout.isTTY) process.stdout.write(`\r${ledger.delivered} delivered, ${mib(heap)} of heap   `)
}
const missing = await crowd.ends()
const lost = missing.lost.length
await pinging
for (const one of nodes) await one.stop()
await room.engine.stop()

const lines = readFileSync(log, "utf8")
const cut = lines.match(/Slow Consumer/g)?.length ?? 0
const ms = (value) => `${value.toFixed(1)} ms`
console.log(`\n${minutes} minutes, ${looks.length} looks`)
console.log(`delivered  ${ledger.delivered}, ${ledger.talked} of them from talkers`)
console.log(
  `delayed    ${ledger.delayed} of the talkers' (over ${LATE} ms: up to 1 s behind a client that reads nothing)`
)
console.log(`cut        ${cut} of ${crowd.counts.stalls} that read nothing`)
console.log(`lost       ${lost} (out of place: ${ledger.wrong.length}; said to be lost: ${missing.said})`)
console.log(`came back  ${crowd.counts.losses} that had lost their node`)
console.log(`sessions   ${crowd.counts.joins} came and left\n`)
const rows = [
  ["heap after collection", "heap", mib],
  ["resident memory", "rss", mib],
  ["PING, median", "ping", ms],
  ["PING, worst", "worst", ms]
]
for (const [name, figure, show] of rows) {
  console.log(
    row(
      name,
      looks.map((look) => look[figure]),
      show
    )
  )
}

const grows = growing(looks)
for (const what of [...ledger.wrong, ...missing.lost].slice(0, 10)) console.log(`wrong: ${what}`)
for (const what of grows) console.log(`${what} grows`)
process.exit(lost === 0 && ledger.wrong.length === 0 && grows.length === 0 ? 0 : 1)
