/** Starts the server under measurement in a process of its own, and reads from /proc what it costs. */
import { execFileSync, fork, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { connect, createServer } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url))

export const HOST = "127.0.0.1"

/** Command lines; {port} is where the port goes. */
export const partyline = `node ${pathOf("../../dist/bin.js")} --host ${HOST} --log-level none --join-timeout 0 {port}`
export const plain = `node ${pathOf("../peers/plain.mjs")} {port} ${HOST}`

/** Prints what is wrong and ends the program; what it started ends with it. */
export const fail = (why) => {
  console.error(why)
  process.exit(1)
}

/** Clock ticks a second, the unit of CPU time in /proc. */
const TICKS = Number(execFileSync("getconf", ["CLK_TCK"]))

const canListen = async (port) => {
  const server = createServer()
  const isFree = await new Promise((resolve) => {
    server.once("error", () => resolve(false))
    server.listen(port, HOST, () => resolve(true))
  })
  if (isFree) await new Promise((resolve) => server.close(resolve))
  return isFree
}

/** A port below the ephemeral ones, so that no client of ours can have it. */
const freePort = async () => {
  for (let tries = 0; tries < 50; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    if (await canListen(port)) return port
  }
  return fail("no free port between 20000 and 32000")
}

const answers = async (port) => {
  const socket = connect(port, HOST)
  try {
    await once(socket, "connect")
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A process that is ended when this one ends, however that happens. */
const bound = (child) => {
  const end = () => child.kill("SIGKILL")
  process.once("exit", end)
  child.once("exit", () => process.off("exit", end))
  return child
}
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130))

/** A load process: the module `url` again, with `--load` and the options as JSON. It talks by messages. */
export const startLoad = (url, options) => {
  const child = bound(fork(fileURLToPath(url), ["--load", JSON.stringify(options)]))
  return {
    tell: (message) => child.send(message),
    hears: async (seconds) => {
      const late = setTimeout(() => fail(`a load process said nothing for ${seconds} s`), seconds * 1000)
      const early = () => fail("a load process ended early")
      child.once("exit", early)
      const [message] = await once(child, "message")
      clearTimeout(late)
      child.off("exit", early)
      return message
    },
    stop: () => child.kill("SIGKILL")
  }
}

/** Starts a command line and waits until it listens. With `node`, it can be told to collect garbage. */
export const start = async (commandLine) => {
  const port = await freePort()
  const withPort = commandLine.includes("{port}") ? commandLine : `${commandLine} {port}`
  const [command, ...args] = withPort.replace("{port}", String(port)).split(" ")
  const collects = command === "node"
  if (collects) args.unshift("--expose-gc", "--import", pathOf("collect.mjs"))
  const child = bound(spawn(collects ? process.execPath : command, args, { stdio: ["ignore", "ignore", "pipe"] }))
  const { pid } = child
  let isRunning = true
  let lastWords = ""
  child.once("exit", () => {
    isRunning = false
  })
  child.stderr.setEncoding("utf8").on("data", (text) => {
    lastWords = text
  })
  for (let tries = 0; !(await answers(port)); tries++) {
    if (!isRunning || tries > 100) fail(`the server does not listen: ${withPort}\n${lastWords}`)
    await sleep(100)
  }

  const status = (field) => {
    const match = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))
    return Number(match?.[1]) * 1024
  }
  return {
    port,
    collects,
    /** Resident bytes: of the process, and what of it is its own data and not files (libraries, node itself). */
    memory: () => ({ rss: status("VmRSS"), anon: status("RssAnon") }),
    /** Microseconds of CPU in user and kernel mode. */
    cpu: () => {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")
      return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1e6
    },
    descriptors: () => readdirSync(`/proc/${pid}/fd`).length,
    /** Collects all garbage; the bytes of heap in use after it. */
    collect: async () => {
      if (!collects) return Number.NaN
      child.kill("SIGUSR2")
      const [text] = await once(child.stderr, "data", { signal: AbortSignal.timeout(20_000) })
      await sleep(300)
      return Number(/^collected (\d+)/m.exec(text)?.[1])
    },
    stop: async () => {
      child.kill("SIGTERM")
      for (let tries = 0; isRunning && tries < 80; tries++) await sleep(100)
      child.kill("SIGKILL")
      if (isRunning) await once(child, "exit")
    }
  }
}

export const needsProc = () => {
  if (!existsSync("/proc/self/status")) fail("this benchmark reads /proc and runs on Linux only")
}

export const openFilesLimit = () =>
  Number(/^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1])

export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2
}

export const mib = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`

/** Prints rows of cells, the first row being the header. */
export const printTable = (rows) => {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  for (const row of rows) {
    console.log(row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join("  "))
  }
}
