/**
 * Studies: workloads with a table of their own. `peers` are measured unless --peers or --server says otherwise; the first
 * is compared with the second.
 */
import { workloads } from "./workloads.mjs"

/** The cost of a delivery by the number of receivers and by the size of the text. */
const growth = () => {
  const receivers = [10, 100, 1000, 10_000].map((count) => [
    `${count} receivers`,
    { ...workloads["fanout-1000"], clients: count + 1, warmUp: 500 }
  ])
  // About as many bytes in a write, and under way, whatever the size.
  const sizes = [16, 64, 256, 1024, 4000].map((size) => [
    `${size} bytes`,
    { ...workloads.pair, size, batch: Math.ceil(4000 / (size + 20)), window: Math.ceil(40_000 / (size + 20)) }
  ])
  return { peers: ["partyline", "coalescing"], milliseconds: 1000, workloads: [...receivers, ...sizes] }
}

/** Memory of idle connections before and after a garbage collection, and the cost of accepting them. */
const idle = ({ connections }) => {
  const { figures, ...workload } = { ...workloads.idle, connections, once: false, collects: true, settle: 1500 }
  return { peers: ["partyline", "plain"], workloads: [[`${connections} idle`, workload]] }
}

/** A million messages, each checked byte by byte. */
const million = ({ messages }) => {
  const figures = ["cpu", "perSecond", "busy", "rss", "lost", "duplicated", "reordered"]
  const workload = { ...workloads.pair, isExact: true, messages, figures }
  return { peers: ["partyline"], rounds: 1, workloads: [[`${messages} messages`, workload]] }
}

/** The PONG latency of a polite client, alone and beside a client that floods. */
const polite = () => {
  const workload = { kind: "asking", unit: "PING", figures: ["p50", "p99", "most"] }
  const cases = [
    ["alone", workload],
    ["beside a flooder", { ...workload, flooder: true }]
  ]
  return { peers: ["partyline"], milliseconds: 5000, rounds: 1, workloads: cases }
}

/** Start-up time, beside a Node process that does nothing. */
const start = () => ({ peers: ["partyline"], rounds: 15, workloads: [["start", { kind: "start" }]] })

export const studies = { growth, idle, million, polite, start }
