/**
 * Soaks the built server in an ordinary bad day, and says whether anything was lost or its memory grows:
 *
 *     npm run soak -- [--minutes 10]
 *
 * Ten talkers, one who floods, one who reads nothing, one who reconnects all the time, five who come and go, and a quiet
 * one, whose PING shows how long the event loop keeps anybody waiting. Linux only.
 */
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { parseArgs } from "node:util"
import { row } from "./soak/chart.mjs"
import { Crowd } from "./soak/crowd.mjs"
import { Ledger } from "./soak/ledger.mjs"
import { needsProc } from "./support/process.mjs"
import { fail, HOST, start } from "./support/server.mjs"
import { median, mib } from "./support/table.mjs"

const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" } } })
const minutes = Number(values.minutes)
if (!(minutes > 0)) fail("usage: npm run soak -- [--minutes <number>]")
needsProc()

/** Milliseconds after which a message is called delayed. */
const LATE = 100
/** Looks at the server; each collects its garbage first, so that what is left is what it holds. */
const LOOKS = Math.max(30, Math.round(minutes * 6))
/** What the last third may have more than the middle one, in the median: 5 % and what a few busy outboxes hold. */
const growth = { heap: 2 * 1024 * 1024, rss: 16 * 1024 * 1024, share: 1.05 }

const folder = mkdtempSync(join(tmpdir(), "partyline-soak-"))
process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
const log = join(folder, "log")
const options = `--host ${HOST} --max-users 40 --outbox 262144 --patience 1s --log-level warning`
const server = await start(`node dist/bin.js ${options} {port}`, { stdout: openSync(log, "w") })

const ledger = new Ledger(LATE)
const crowd = new Crowd(server.port, ledger)
await crowd.starts()

const pings = []
const pinging = (async () => {
  while (!crowd.isOver) {
    const millis = await crowd.quiet.pings()
    if (millis === undefined) return ledger.wrong.push("the quiet one was disconnected")
    pings.push(millis)
    await sleep(20)
  }
})()

const looks = []
const end = performance.now() + minutes * 60_000
while (performance.now() < end) {
  await sleep((minutes * 60_000) / LOOKS - 300)
  // Before the collection, which is ours and stops the server for a moment.
  const heard = pings.length === 0 ? [(minutes * 60_000) / LOOKS] : pings.splice(0)
  const heap = await server.collect()
  pings.length = 0
  looks.push({ heap, rss: server.memory().rss, ping: median(heard), worst: Math.max(...heard) })
  if (process.stdout.isTTY) process.stdout.write(`\r${ledger.delivered} delivered, ${mib(heap)} of heap   `)
}
const lost = await crowd.ends()
await pinging
await server.stop()

const lines = readFileSync(log, "utf8")
const cut = lines.match(/Slow Consumer/g)?.length ?? 0
const ms = (value) => `${value.toFixed(1)} ms`
console.log(`\n${minutes} minutes, ${looks.length} looks`)
console.log(`delivered  ${ledger.delivered}, of them ${ledger.talked} of talkers`)
console.log(
  `delayed    ${ledger.delayed} of the talkers' (more than ${LATE} ms: they wait up to 1 s for who reads nothing)`
)
console.log(`cut        ${cut} of ${crowd.counts.stalls} who read nothing`)
console.log(`lost       ${lost} (out of place: ${ledger.wrong.length})`)
console.log(`came and left ${crowd.counts.joins} times\n`)
console.log(
  row(
    "heap after collection",
    looks.map(({ heap }) => heap),
    mib
  )
)
console.log(
  row(
    "resident memory",
    looks.map(({ rss }) => rss),
    mib
  )
)
console.log(
  row(
    "PING, median",
    looks.map(({ ping }) => ping),
    ms
  )
)
console.log(
  row(
    "PING, worst",
    looks.map(({ worst }) => worst),
    ms
  )
)

const third = Math.floor(looks.length / 3)
const grows = ["heap", "rss"].filter((what) => {
  const part = (from, to) => median(looks.slice(from, to).map((look) => look[what]))
  const [middle, last] = [part(third, 2 * third), part(2 * third)]
  console.log(`${what}: median of the middle third ${mib(middle)}, of the last ${mib(last)}`)
  return last > middle * growth.share + growth[what]
})
for (const what of ledger.wrong.slice(0, 10)) console.log(`wrong: ${what}`)
for (const what of grows) console.log(`${what} grows`)
process.exit(lost === 0 && ledger.wrong.length === 0 && grows.length === 0 ? 0 : 1)
