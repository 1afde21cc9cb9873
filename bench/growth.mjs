/**
 * How the cost of a delivery grows: with the number of receivers of a broadcast, and with the size of a direct message,
 * for partyline and beside it the coalescing peer. Linux only. Build first (npm run build), then:
 *
 *     node bench/growth.mjs [--rounds 3]
 */
import { parseArgs } from "node:util"
import { peers } from "./peers/index.mjs"
import { measure } from "./support/measure.mjs"
import { needsProc } from "./support/process.mjs"
import * as Server from "./support/server.mjs"
import { median, printTable } from "./support/table.mjs"
import { workloads } from "./workloads.mjs"

const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" } } })
const rounds = Number(values.rounds)
if (!(rounds >= 1 && rounds <= 100)) Server.fail("--rounds is 1 to 100")
needsProc()

const receivers = [10, 100, 1000, 10_000].map((count) => [
  `${count} receivers`,
  { ...workloads["fanout-1000"], clients: count + 1, warmUp: 500 }
])
const sizes = [16, 64, 256, 1024, 4000].map((size) => [
  `${size} bytes`,
  // About as many bytes in a write, and under way, whatever the size.
  { ...workloads.pair, size, batch: Math.ceil(4000 / (size + 20)), window: Math.ceil(40_000 / (size + 20)) }
])
const names = ["partyline", "coalescing"]
const results = new Map()
for (let round = 0; round < rounds; round++) {
  for (const [what, workload] of [...receivers, ...sizes]) {
    for (const name of names) {
      const { cpu, failed, lost } = await measure(peers[name], workload, 1000)
      if (failed !== undefined || lost > 0) Server.fail(`${name}, ${what}: ${failed ?? `${lost} lost`}`)
      results.set(`${what} ${name}`, [...(results.get(`${what} ${name}`) ?? []), cpu])
    }
  }
}
console.log(`server CPU us for each delivery, median of ${rounds} interleaved rounds; Node ${process.version}\n`)
printTable([
  ["", ...names, "ratio"],
  ...[...receivers, ...sizes].map(([what]) => {
    const [own, other] = names.map((name) => median(results.get(`${what} ${name}`)))
    return [what, own.toFixed(3), other.toFixed(3), (own / other).toFixed(2)]
  })
])
