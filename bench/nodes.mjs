/**
 * One room on several nodes: messages a second, their CPU, and how long one takes. Linux only, on 127.0.0.1.
 *
 *     npm run bench -- --nodes 2 [--milliseconds 3000] [--pairs 8]
 *
 * Each sender is on one node and its recipient on the next. All processes share the machine's cores.
 */
import { mkdtempSync, rmSync } from "node:fs"
import Net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { build } from "hdr-histogram-js"
import * as Server from "./support/server.mjs"

/** Starts a Redis server with its data in a temporary folder, and so many nodes of one room. */
export const startNodes = async (count, options = "", starting = {}) => {
  const dir = mkdtempSync(join(tmpdir(), "partyline-nodes-"))
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }))
  const redis = `redis-server --port {port} --bind ${Server.HOST} --dir ${dir} --save  --appendonly yes`
  const engine = await Server.start(redis)
  const line = `node dist/bin.js --cluster redis://${Server.HOST}:${engine.port} ${options} {port}`.replaceAll(
    "  ",
    " "
  )
  const nodes = []
  for (let node = 0; node < count; node++) nodes.push(await Server.start(line, starting))
  const room = {
    engine,
    nodes,
    /** Kills the last node, and starts another at its port. */
    replacesNode: async () => {
      const { pids, port } = room.nodes.pop()
      for (const pid of pids) process.kill(pid, "SIGKILL")
      room.nodes.push(await Server.start(line, { ...starting, port }))
    },
    /** Ends Redis, and starts it again after so many milliseconds. */
    restartsEngine: async (milliseconds) => {
      const { port } = room.engine
      await room.engine.stop()
      await sleep(milliseconds)
      room.engine = await Server.start(redis, { port })
    }
  }
  return room
}

const connect = (port) =>
  new Promise((resolve, reject) => {
    const socket = Net.connect(port, "127.0.0.1", () => resolve(socket))
    socket.once("error", reject)
  })

/** A registered client. */
const joined = async (port, name) => {
  const socket = await connect(port)
  socket.write(`JOIN ${name}\n`)
  await new Promise((resolve) => socket.once("data", resolve))
  return socket
}

const LINES = 64
const BLOCK = (name) => `MESG ${name} 0123456789012345678901234567890123456789\n`.repeat(LINES)

/** Senders flood their recipients, each in the next node, for so long. Gives messages a second and CPU. */
const throughput = async (nodes, processes, pairs, milliseconds) => {
  let received = 0
  const senders = []
  for (let pair = 0; pair < pairs; pair++) {
    const recipient = await joined(nodes[(pair + 1) % nodes.length], `to${pair}`)
    recipient.on("data", (chunk) => {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) received++
    })
    senders.push({
      socket: await joined(nodes[pair % nodes.length], `from${pair}`),
      block: BLOCK(`to${pair}`),
      recipient
    })
  }
  let isOver = false
  let sent = 0
  const flood = ({ block, socket }) => {
    while (!isOver) {
      sent += LINES
      if (!socket.write(block)) {
        socket.once("drain", () => flood({ block, socket }))
        return
      }
    }
  }
  const before = processes.map((one) => one.cpu())
  const began = performance.now()
  for (const sender of senders) flood(sender)
  await sleep(milliseconds)
  const [count, seconds] = [received, (performance.now() - began) / 1000]
  const cpu = processes.map((one, index) => one.cpu() - before[index])
  isOver = true
  for (let waited = 0; received < sent && waited < 200; waited++) await sleep(100)
  const lost = sent - received
  for (const { recipient, socket } of senders) for (const one of [recipient, socket]) one.destroy()
  await sleep(500)
  return { perSecond: count / seconds, microseconds: cpu.map((one) => one / count), lost }
}

/** One message at a time. Gives milliseconds. */
const latency = async (nodes, count) => {
  const histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: 10_000_000 })
  const to = await joined(nodes[nodes.length - 1], "to")
  const from = await joined(nodes[0], "from")
  for (let message = 0; message < count; message++) {
    const began = performance.now()
    from.write("MESG to hello\n")
    await new Promise((resolve) => to.once("data", resolve))
    histogram.recordValue(Math.round((performance.now() - began) * 1000))
  }
  for (const one of [to, from]) one.destroy()
  await sleep(200)
  return [50, 99].map((percentile) => histogram.getValueAtPercentile(percentile) / 1000)
}

/** Clients come and go on every node. Gives JOINs a second. */
const joins = async (nodes, milliseconds) => {
  let count = 0
  const until = performance.now() + milliseconds
  const come = async (lane) => {
    const socket = await connect(nodes[lane % nodes.length])
    // The same connection cannot join twice: its name is new each time.
    for (let round = 0; performance.now() < until; round++) {
      const client = round === 0 ? socket : await connect(nodes[lane % nodes.length])
      client.write(`JOIN n${lane}x${round}\n`)
      await new Promise((resolve) => client.once("data", resolve))
      count++
      client.destroy()
    }
  }
  await Promise.all(Array.from({ length: 32 }, (_, lane) => come(lane)))
  return (count * 1000) / milliseconds
}

const measure = async (count, { milliseconds, pairs }) => {
  const options = "--log-level warning"
  const { engine, nodes } =
    count === 0
      ? { nodes: [await Server.start(`node dist/bin.js ${options} {port}`, { collects: false })] }
      : await startNodes(count, options, { collects: false })
  const processes = engine === undefined ? nodes : [engine, ...nodes]
  const ports = nodes.map(({ port }) => port)
  const [p50, p99] = await latency(ports, 1000)
  const { lost, microseconds, perSecond } = await throughput(ports, processes, pairs, milliseconds)
  const joinsPerSecond = await joins(ports, Math.min(milliseconds, 3000))
  for (const one of processes.reverse()) await one.stop()
  return { p50, p99, perSecond, microseconds, lost, joinsPerSecond }
}

/** Measures one process without an engine, and rooms on up to so many nodes. */
export const run = async (most, options) => {
  console.log("nodes      messages/s   CPU us a message: engine, nodes   p50 ms  p99 ms   JOINs/s   lost")
  let isWhole = true
  for (const count of [0, 1, 2, 4].filter((count) => count <= most)) {
    const { joinsPerSecond, lost, microseconds, p50, p99, perSecond } = await measure(count, options)
    const [engine, ...nodes] = count === 0 ? [0, ...microseconds] : microseconds
    const cpu = [engine, ...nodes].map((one) => one.toFixed(2)).join(" ")
    console.log(
      [
        (count === 0 ? "no engine" : String(count)).padEnd(10),
        String(Math.round(perSecond)).padStart(10),
        cpu.padStart(33),
        p50.toFixed(2).padStart(8),
        p99.toFixed(2).padStart(7),
        String(Math.round(joinsPerSecond)).padStart(9),
        String(lost).padStart(6)
      ].join(" ")
    )
    isWhole &&= lost === 0
  }
  return isWhole
}
