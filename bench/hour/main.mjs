/** The bad hour: everything at once on one server, for so many minutes. It ends early at the first fault. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fail, freePort, HOST, start } from "../support/server.mjs"
import { mib } from "../support/table.mjs"
import { Crowd } from "./crowd.mjs"
import { floodsAndStalls } from "./floods.mjs"
import { guests } from "./guests.mjs"
import { Ledger } from "./ledger.mjs"
import { Pinger } from "./pinger.mjs"
import { reclaimers } from "./reclaimers.mjs"
import { Renewals } from "./renewals.mjs"
import { LATE, report } from "./report.mjs"
import { talkers } from "./talkers.mjs"
import { vanishing } from "./vanishing.mjs"
import { watchers } from "./watchers.mjs"

/** The core of the server and of the echo server, so that both have the same share of the machine. */
const CORE = 0

/** Who is in the crowd. All that stay join before anybody sends. Resolves to the one that pings. */
const gathers = async (crowd, found) => {
  const room = await watchers(crowd)
  const groups = [
    await talkers(crowd),
    await floodsAndStalls(crowd, room),
    await reclaimers(crowd),
    await vanishing(crowd, room, found),
    guests(crowd)
  ]
  const quiet = await crowd.stays("quiet")
  return { quiet, begin: () => groups.forEach((group) => void group()) }
}

/** Resolves to whether the server passed. */
export const badHour = async (minutes) => {
  if (spawnSync("openssl", ["version"]).status !== 0)
    fail("the soak makes certificates with openssl, which is not there")
  const folder = mkdtempSync(join(tmpdir(), "partyline-soak-"))
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
  const log = join(folder, "log")
  const renewals = new Renewals(folder)
  const ports = { lines: await freePort(), tls: await freePort() }
  const limits = "--max-users 80 --outbox 262144 --patience 5s"
  const line = `node dist/bin.js --host ${HOST} ${limits} --log-level warning --tls-port ${ports.tls} ${renewals.options}`
  const server = await start(`${line} {port}`, { core: CORE, port: ports.lines, stdout: openSync(log, "w") })
  const echo = await start("node bench/hour/echo.mjs {port}", { core: CORE, collects: false })

  const ledger = new Ledger(LATE)
  const crowd = new Crowd(ports, ledger)
  crowd.renewals = renewals
  const found = []
  const { quiet, begin } = await gathers(crowd, found)
  const pinger = new Pinger(quiet, echo.port)
  const [began, cpu] = [performance.now(), { server: server.cpu(), load: process.cpuUsage() }]
  begin()
  crowd.goesOn(pinger.goOn(crowd))
  crowd.goesOn(renewals.goOn(crowd, server.pids.at(-1)))

  const looks = []
  const number = Math.max(30, Math.round(minutes * 6))
  for (let look = 1; look <= number && ledger.wrong.length === 0; look++) {
    await sleep(began + (look * minutes * 60_000) / number - performance.now())
    // A collection stops the server for a moment, which no client but this one asks for: nobody pings meanwhile.
    await pinger.rests()
    const heap = await server.collect()
    looks.push({ heap, rss: server.memory().rss, polite: pinger.polite.look(), echo: pinger.echo.look() })
    pinger.resumes()
    if (process.stdout.isTTY) process.stdout.write(`\r${ledger.delivered} delivered, ${mib(heap)} of heap   `)
  }
  const seconds = (performance.now() - began) / 1000
  const load = process.cpuUsage(cpu.load)
  const busy = { server: (server.cpu() - cpu.server) / 1e6 / seconds, load: (load.user + load.system) / 1e6 / seconds }
  await crowd.ends()
  await server.stop()
  await echo.stop()
  return report({ seconds, looks, busy, found, pinger, ledger, renewals, crowd, log: readFileSync(log, "utf8") })
}
