/**
 * What idle connections cost a server: resident memory for each, and CPU and time to accept them. partyline and a plain
 * Node server (peers/plain.mjs) take turns, each in a fresh process; the connections come from load processes of 5,000.
 * Linux only. Build first (npm run build), then:
 *
 *     node bench/idle.mjs [--connections 10000] [--rounds 3] [--server "<command line>"]
 *
 * --server measures another program in partyline's place; {port} in it, or its end, is where the port goes.
 * Memory is VmRSS of /proc; what the kernel holds for each socket is not in it. "collected" is after a forced garbage
 * collection, by a helper that is loaded into the server (support/collect.mjs); the rows without that word are before any.
 */
import { connect } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { needsProc, openFilesLimit } from "./support/process.mjs"
import * as Server from "./support/server.mjs"
import { median, mib, printTable } from "./support/table.mjs"

const PER_PROCESS = 5000
/** Descriptors that a process needs besides its connections. */
const SPARE = 64

/** A load process: opens its connections. The last one asks something, so that the reply shows when it was served. */
const load = ({ port, connections, source, ask }) => {
  const sockets = []
  const fail = (error) => Server.fail(`a connection broke: ${error.message}`)
  const open = () => {
    const isLast = sockets.length === connections - 1
    const socket = connect({ host: Server.HOST, port, localAddress: source }, () => {
      if (isLast) socket.write(ask)
      else if (sockets.length < connections) open()
    })
    socket.once("error", fail)
    if (isLast) socket.once("data", (text) => process.send(String(text)))
    sockets.push(socket)
  }
  // Each of these goes on with the next connection when its own is there.
  const strands = Math.min(100, connections)
  for (let strand = 0; strand < strands; strand++) open()
  process.on("message", () => {
    for (const socket of sockets) socket.destroy()
    process.send("closed")
  })
}

/** How a connection of partyline is seen to be served, before it is registered. */
const LIST = ["LIST\n", "Unregistered User."]

/** Measures a server once: the memory before, with `connections` and after them, and what accepting them took. */
export const measure = async (commandLine, connections, { probe = LIST, settle = 1500, ...options } = {}) => {
  const server = await Server.start(commandLine, options)
  const [ask, answer] = probe
  const look = async () => {
    await sleep(settle)
    const before = server.memory()
    const heap = await server.collect()
    return { before, after: server.memory(), heap }
  }
  const base = await look()
  const descriptors = server.descriptors()

  const loads = []
  const [began, cpuBefore] = [performance.now(), server.cpu()]
  for (let left = connections, at = 0; left > 0; left -= PER_PROCESS, at++) {
    // One source address has some 28,000 ephemeral ports. A second one is slower to bind, so only if it is needed.
    const source = at < 4 ? undefined : `127.0.0.${at}`
    const loadOptions = { port: server.port, connections: Math.min(left, PER_PROCESS), source, ask }
    loads.push(Server.startLoad(import.meta.url, loadOptions))
  }
  const replies = await Promise.all(loads.map(({ hears }) => hears(60)))
  if (replies.some((text) => !text.startsWith(answer))) Server.fail(`not the reply to ${ask}: ${replies}`)
  for (let tries = 0; server.descriptors() - descriptors < connections; tries++) {
    if (tries > 100) Server.fail(`${server.descriptors() - descriptors} of ${connections} connections were accepted`)
    await sleep(20)
  }
  const seconds = (performance.now() - began) / 1000
  const cpu = (server.cpu() - cpuBefore) / connections

  const full = await look()
  for (const { tell } of loads) tell("close")
  await Promise.all(loads.map(({ hears }) => hears(20)))
  const closed = await look()
  const leftOpen = server.descriptors() - descriptors
  for (const { stop } of loads) stop()
  await server.stop()
  return { base, full, closed, seconds, cpu, leftOpen }
}

const main = async () => {
  const { values } = parseArgs({
    options: {
      connections: { type: "string", default: "10000" },
      rounds: { type: "string", default: "3" },
      server: { type: "string", default: Server.partyline }
    }
  })
  const [connections, rounds] = [Number(values.connections), Number(values.rounds)]
  if (!(connections > 0 && rounds > 0)) Server.fail("--connections and --rounds are whole numbers from 1")
  needsProc()
  const limit = openFilesLimit()
  if (limit < connections + SPARE) {
    Server.fail(
      `${connections} connections need ${connections + SPARE} open files in the server; ulimit -n allows ${limit}`
    )
  }

  const names = [values.server === Server.partyline ? "partyline" : "--server", "plain"]
  const results = names.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const [at, commandLine] of [values.server, Server.plain].entries()) {
      results[at].push(await measure(commandLine, connections))
      console.error(`round ${round + 1} of ${rounds}: ${names[at]} measured`)
    }
  }

  const kib = (from, to) => (to - from) / 1024 / connections
  const rows = [
    ["base RSS", (r) => r.base.before.rss, mib],
    ["base RSS, collected", (r) => r.base.after.rss, mib],
    [`RSS with ${connections}`, (r) => r.full.before.rss, mib],
    [`RSS with ${connections}, collected`, (r) => r.full.after.rss, mib],
    ["KiB of RSS per connection", (r) => kib(r.base.before.rss, r.full.before.rss)],
    ["the same, collected", (r) => kib(r.base.after.rss, r.full.after.rss)],
    ["KiB of RssAnon per connection, collected", (r) => kib(r.base.after.anon, r.full.after.anon)],
    ["KiB of JavaScript heap per connection", (r) => kib(r.base.heap, r.full.heap)],
    ["RSS 1.5 s after closing all", (r) => r.closed.before.rss, mib],
    ["the same, collected", (r) => r.closed.after.rss, mib],
    ["heap left by each closed one, bytes", (r) => (r.closed.heap - r.base.heap) / connections],
    ["descriptors left open", (r) => r.leftOpen, (n) => n.toFixed(0)],
    ["seconds until all were accepted", (r) => r.seconds],
    ["CPU us to accept one", (r) => r.cpu, (n) => n.toFixed(0)]
  ]
  console.log(`${connections} idle connections, median of ${rounds} interleaved rounds (least to most)\n`)
  printTable([
    ["", ...names, "ratio"],
    ...rows.map(([name, of, show = (n) => n.toFixed(2)]) => {
      const columns = results.map((rounds) => rounds.map(of))
      const middles = columns.map(median)
      const cells = columns.map(
        (all, at) => `${show(middles[at])} (${show(Math.min(...all))} to ${show(Math.max(...all))})`
      )
      return [name, ...cells, middles[1] === 0 ? "" : (middles[0] / middles[1]).toFixed(2)]
    })
  ])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === "--load") load(JSON.parse(process.argv[3]))
  else await main()
}
