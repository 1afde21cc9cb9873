/** Loads that are not traffic between clients. */
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { nameOf } from "./client.mjs"
import { open, play } from "./connection.mjs"

/** Runs `turn(id, count)` in `strands` loops until it is stopped. */
const loops = (strands, turn) => {
  let isOver = false
  const loop = async (id) => {
    for (let count = 0; !isOver; count++) await turn(id, count)
  }
  const all = Array.from({ length: strands }, (_, id) => loop(id))
  return {
    stop: async () => {
      isOver = true
      await Promise.all(all)
      return {}
    }
  }
}

/** Short sessions, `atOnce` of them at a time. */
export const churn = async ({ port, dialect, workload, meter, fail }) =>
  loops(workload.atOnce, async (id, count) => {
    const began = performance.now()
    const socket = open(port, fail)
    const closed = once(socket, "close")
    await play(socket, dialect.cycle(`${nameOf(id)}${String(count % 1000).padStart(3, "0")}`))
    socket.end()
    await closed
    meter.count++
    meter.record(performance.now() - began)
  })

/** One client that sends a PING every 10 ms. */
export const asking = async ({ port, dialect, meter, fail }) => {
  const socket = open(port, fail)
  await play(socket, dialect.register("polite"))
  return loops(1, async () => {
    const began = performance.now()
    await play(socket, [["PING\n", /PONG\r\n$/]])
    meter.count++
    meter.record(performance.now() - began)
    await sleep(10)
  })
}

/** One client that sends messages to itself without limit. */
export const flood = async ({ port, dialect, fail }) => {
  const socket = open(port, fail)
  await play(socket, dialect.register("flooder"))
  socket.receiver = () => {}
  const lines = dialect.direct("flooder", "x".repeat(64)).repeat(1000)
  const go = () => {
    while (socket.write(lines));
  }
  socket.on("drain", go)
  go()
}

/** Connections that do nothing. The last one sends the probe: its reply shows that the server has accepted all. */
export const idle = async ({ port, dialect, connections, source, fail }) => {
  let opened = 1
  const strand = async () => {
    while (opened < connections) {
      opened++
      await once(open(port, fail, source), "connect")
    }
  }
  await Promise.all(Array.from({ length: 100 }, strand))
  await play(open(port, fail, source), dialect.probe)
}
