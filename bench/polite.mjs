/**
 * How long a polite client waits for its PONG while another floods without limit (clients of this machine are exempt from
 * --rate), and without anybody. The flooder and the polite one are processes of their own. Build first, then:
 *
 *     node bench/polite.mjs [--seconds 5] [--server "<command line>"]
 */
import { connect } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { build } from "hdr-histogram-js"
import * as Server from "./support/server.mjs"
import { printTable } from "./support/table.mjs"

/** Messages to itself that the flooder has in one write. */
const WRITE = 1000
/** Milliseconds between two PINGs. */
const BETWEEN = 10

const flood = (port) => {
  const socket = connect({ port, host: Server.HOST, noDelay: true })
  const lines = "MESG flooder 0123456789012345678901234567890123456789012345678901234567890123\n".repeat(WRITE)
  const go = () => {
    while (socket.write(lines));
  }
  socket.on("drain", go).on("data", () => {})
  socket.on("error", (error) => Server.fail(`the flooder's connection broke: ${error.message}`))
  socket.write("JOIN flooder\n")
  go()
  process.send("floods")
}

/** Milliseconds from each PING to its PONG. */
const ask = async (port, seconds) => {
  const socket = connect({ port, host: Server.HOST, noDelay: true })
  const histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: 6e7, numberOfSignificantValueDigits: 3 })
  let heard = () => {}
  socket.on("data", (bytes) => heard(bytes))
  const reply = (line) =>
    new Promise((resolve) => {
      heard = resolve
      socket.write(line)
    })
  await reply("JOIN polite\n")
  for (let left = (seconds * 1000) / BETWEEN; left > 0; left--) {
    const began = performance.now()
    await reply("PING\n")
    histogram.recordValue(Math.max(1, Math.round((performance.now() - began) * 1000)))
    await sleep(BETWEEN)
  }
  const at = (percent) => histogram.getValueAtPercentile(percent) / 1000
  process.send({ count: histogram.totalCount, p50: at(50), p99: at(99), most: histogram.maxValue / 1000 })
}

const main = async () => {
  const { values } = parseArgs({
    options: { seconds: { type: "string", default: "5" }, server: { type: "string", default: Server.partyline } }
  })
  const seconds = Number(values.seconds)
  if (!(seconds >= 1 && seconds <= 600)) Server.fail("--seconds is 1 to 600")
  const rows = [["beside", "PINGs", "p50 ms", "p99 ms", "most ms"]]
  for (const beside of ["nobody", "a flooder"]) {
    const server = await Server.start(values.server, { core: 0, collects: false })
    const flooder = beside === "nobody" ? undefined : Server.startLoad(import.meta.url, { flooding: server.port }, 1)
    await flooder?.hears(10)
    await sleep(500)
    const polite = Server.startLoad(import.meta.url, { asking: server.port, seconds }, 1)
    const { count, p50, p99, most } = await polite.hears(seconds * 3 + 30)
    rows.push([beside, String(count), ...[p50, p99, most].map((milliseconds) => milliseconds.toFixed(2))])
    polite.stop()
    flooder?.stop()
    await server.stop()
  }
  printTable(rows)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] !== "--load") await main()
  else {
    const { asking, flooding, seconds } = JSON.parse(process.argv[3])
    if (flooding !== undefined) flood(flooding)
    else await ask(asking, seconds)
  }
}
