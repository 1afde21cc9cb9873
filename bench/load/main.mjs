/** The load process. Started by run.mjs: --load and options as JSON as its arguments, the result as one message to its parent. */
import { setTimeout as sleep } from "node:timers/promises"
import { dialects } from "../dialects/index.mjs"
import { churn } from "./churn.mjs"
import { Meter } from "./meter.mjs"
import { traffic } from "./traffic.mjs"

const { port, pids, dialect, workload, warmUp, milliseconds } = JSON.parse(process.argv[3])
const fail = (error) => {
  process.send({ failed: String(error?.message ?? error) })
  setTimeout(() => process.exit(1), 100)
}
process.on("uncaughtException", fail)
process.on("unhandledRejection", fail)

const meter = new Meter(pids)
const start = workload.atOnce === undefined ? traffic : churn
const load = await start({ port, dialect: dialects[dialect], workload, meter, fail })
await sleep(warmUp)
meter.begin()
await sleep(milliseconds)
meter.end()
const checked = await load.stop()
process.send({ ...meter.result(), ...checked }, () => process.exit(0))
