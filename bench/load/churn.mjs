/** Connections that come, do a little and go, `atOnce` of them at a time. */
import { open, play } from "./connection.mjs"
import { nameOf } from "./payload.mjs"

export const churn = async ({ port, dialect, workload, meter, fail }) => {
  let isOver = false
  const strand = async (id) => {
    for (let cycle = 0; !isOver; cycle++) {
      const began = performance.now()
      const socket = open(port, fail)
      const closed = new Promise((resolve) => socket.once("close", resolve))
      await play(socket, dialect.cycle(`${nameOf(id)}${String(cycle % 1000).padStart(3, "0")}`))
      socket.end()
      await closed
      meter.count++
      meter.record(performance.now() - began)
    }
  }
  const strands = Array.from({ length: workload.atOnce }, (_, id) => strand(id))
  return {
    stop: async () => {
      isOver = true
      await Promise.all(strands)
      return {}
    }
  }
}
