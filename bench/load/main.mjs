/** The load process. Arguments: --load and a job as JSON. It sends its parent one message, the result. */
import { setTimeout as sleep } from "node:timers/promises"
import { dialects } from "../dialects.mjs"
import { Meter, reaches } from "./meter.mjs"
import { asking, churn, flood, idle } from "./sessions.mjs"
import { traffic } from "./traffic.mjs"
import { watch } from "./watch.mjs"

/** Silence after which the load stops waiting for the rest of a fixed number of messages. */
const SILENCE_MS = 5000

const { dialect, ...job } = JSON.parse(process.argv[3])
const { kind = "traffic", workload, warmUp, milliseconds } = job
const fail = (error) => {
  process.send({ failed: String(error?.message ?? error) })
  setTimeout(() => process.exit(1), 100)
}
process.on("uncaughtException", fail)
process.on("unhandledRejection", fail)

const kinds = { traffic, churn, asking, flood, idle, watch }
const meter = new Meter(job.pids ?? [])
const load = await kinds[kind]({ ...job, dialect: dialects[dialect], meter, fail })
if (load === undefined) {
  // Idle connections and a flooder stay until the parent ends this process.
  process.send({})
} else if (load.missing !== undefined) {
  process.send(load, () => process.exit(0))
} else {
  await sleep(warmUp)
  meter.begin()
  const { messages } = workload
  if (messages === undefined) await sleep(milliseconds)
  else await reaches(() => meter.count, meter.from.count + messages, SILENCE_MS)
  meter.end()
  const checked = await load.stop()
  process.send({ ...meter.result(), ...checked }, () => process.exit(0))
}
