/**
 * A large room on several nodes: so many users registered, of whom some are really connected here, and the rest registered at
 * the engine by nodes without connections (test/support/contenderProgram.ts). Memory, and how long things take; at the end one of
 * those nodes is killed, and the time measured until its names are free. Linux only.
 *
 *     npm run bench -- --nodes 2 --registered 100000 [--connections 8000]
 */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import Net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { build } from "esbuild"
import { startNodes } from "./nodes.mjs"
import * as Server from "./support/server.mjs"
import { mib } from "./support/table.mjs"

/** JOINs that are under way at a time. */
const LANES = 64
/** Users whose JOINs are measured, of each of the nodes without connections. */
const LATE = 4000

/** A registered client. On a busy machine the engine may be out of reach for a moment. */
const joined = async (port, name) => {
  const socket = Net.connect(port, Server.HOST)
  await once(socket, "connect")
  for (;;) {
    socket.write(`JOIN ${name}\n`)
    const [answer] = await once(socket, "data")
    if (String(answer).includes("Accepted")) return socket
    if (!String(answer).includes("Unavailable")) Server.fail(`JOIN ${name}: ${answer}`)
    await sleep(100)
  }
}

/** Runs `make` for each number below `count`, `LANES` at a time. */
const inLanes = async (count, make) => {
  const made = []
  const lane = async (first) => {
    for (let index = first; index < count; index += LANES) made[index] = await make(index)
  }
  await Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)))
  return made
}

/** A node that registers users who have no connections. */
const contender = async (file, port, cap) => {
  const child = spawn(process.execPath, [file, String(port), String(cap)], { stdio: ["pipe", "pipe", "inherit"] })
  process.once("exit", () => child.kill("SIGKILL"))
  child.once("exit", (code) => code !== null && Server.fail("a node without connections ended early"))
  await once(child.stdout, "data")
  return {
    fills: (prefix, count) => {
      child.stdin.write(`fill ${prefix} ${count}\n`)
      return once(child.stdout, "data")
    },
    joins: async (prefix, count) => {
      const began = performance.now()
      child.stdin.write(`join ${prefix} ${count}\n`)
      await once(child.stdout, "data")
      return (count * 1000) / (performance.now() - began)
    },
    kill: () => child.kill("SIGKILL")
  }
}

const usedByEngine = (port) => {
  const { stdout } = spawnSync("redis-cli", ["-p", String(port), "INFO", "memory"], { encoding: "utf8" })
  return Number(/^used_memory:(\d+)/m.exec(stdout)?.[1])
}

/** The number of users in the answer to LIST whose names begin with one of these. */
const listed = async (socket, prefixes) => {
  let text = ""
  const hear = (chunk) => {
    text += chunk
  }
  socket.on("data", hear)
  socket.write("LIST\nPING\n")
  while (!text.endsWith("PONG\r\n")) await once(socket, "data")
  socket.off("data", hear)
  return text.split("\n").filter((row) => prefixes.some((prefix) => row.startsWith(prefix))).length
}

const registeredAt = (port) => {
  const { stdout } = spawnSync("redis-cli", ["-p", String(port), "HLEN", "{partyline:main}:users"], {
    encoding: "utf8"
  })
  return Number(stdout)
}

/** Kills a node. Seconds until the engine has none of its users, and until LIST of a client elsewhere has none. */
const afterKill = async ({ kill }, count, prefixes, socket, enginePort) => {
  const rest = registeredAt(enginePort) - count
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  kill()
  while (registeredAt(enginePort) > rest) await sleep(20)
  const free = seconds()
  while ((await listed(socket, prefixes)) > 0) await sleep(20)
  return { free, gone: seconds() }
}

/** Milliseconds until every socket has been sent something. */
const untilAllHear = async (sockets, act) => {
  const heard = Promise.all(sockets.map((socket) => once(socket, "data")))
  const began = performance.now()
  act()
  await heard
  return performance.now() - began
}

export const run = async (count, registered, connections) => {
  const folder = mkdtempSync(join(tmpdir(), "partyline-registered-"))
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, "contender.mjs")
  await build({
    entryPoints: ["test/support/contenderProgram.ts"],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' }
  })
  const cap = registered + 10_000
  const { engine, nodes } = await startNodes(count, `--max-users ${cap} --log-level warning`)
  const look = async () => ({
    heaps: await Promise.all(nodes.map((node) => node.collect())),
    resident: nodes.map((node) => node.memory().rss),
    engine: usedByEngine(engine.port)
  })
  const show = (what, { engine, heaps, resident }) =>
    console.log(
      `${what.padEnd(44)} heap ${heaps.map(mib).join(", ")}; resident ${resident.map(mib).join(", ")}; engine ${mib(engine)}`
    )

  const before = await look()
  show("nobody", before)
  const began = performance.now()
  const sockets = await inLanes(connections, (index) => joined(nodes[index % count].port, `user${index}`))
  const seconds = (performance.now() - began) / 1000
  const connected = await look()
  show(`${connections} connected`, connected)
  console.log(`${" ".repeat(44)} ${Math.round(connections / seconds)} connections and JOINs a second`)

  const others = [await contender(file, engine.port, cap), await contender(file, engine.port, cap)]
  const each = Math.round((registered - connections) / others.length)
  await Promise.all(others.map((other, index) => other.fills(`other${index}x`, each)))
  await sleep(2000)
  const full = await look()
  show(`${registered} registered`, full)
  const bytes = (one, other) => Math.round((one - other) / (registered - connections))
  console.log(
    `bytes for each that is elsewhere: ${full.heaps.map((heap, node) => bytes(heap, connected.heaps[node])).join(", ")} of a node's heap, ${bytes(full.engine, connected.engine)} of the engine`
  )
  const rates = await Promise.all(others.map((other, index) => other.joins(`late${index}x`, LATE)))
  console.log(`JOINs a second by two nodes at once: ${Math.round(rates[0] + rates[1])}`)

  const [from] = sockets
  const all = await untilAllHear(sockets.slice(1), () => from.write("BCST hello\n"))
  console.log(`a BCST has reached all ${connections - 1} after ${Math.round(all)} ms`)
  const times = []
  for (let message = 0; message < 500; message++) {
    // The odd ones are on another node.
    const to = 1 + 2 * (message % Math.floor(connections / 2))
    times.push(await untilAllHear([sockets[to]], () => from.write(`MESG user${to} hello\n`)))
  }
  times.sort((one, other) => one - other)
  console.log(`a MESG to another node takes ${times[250].toFixed(2)} ms (p50), ${times[495].toFixed(2)} ms (p99)`)
  const { free, gone } = await afterKill(others[0], each + LATE, ["other0x", "late0x"], from, engine.port)
  console.log(
    `a node with ${each + LATE} users is killed: their names are free after ${free.toFixed(1)} s, and gone from LIST after ${gone.toFixed(1)} s`
  )
  // It fails if the name is not free.
  sockets.push(await joined(nodes[0].port, "other0x0"))
  for (const socket of sockets) socket.destroy()
  for (const one of [...nodes, engine]) await one.stop()
  return true
}
