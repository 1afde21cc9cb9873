/** Starts the server under measurement in a process of its own, and knows what it costs. */
import { fork, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { connect, createServer } from "node:net"
import { availableParallelism } from "node:os"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import * as Process from "./process.mjs"

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
export const freePort = async () => {
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

/** A load process: the module `url` with `--load` and the options as JSON. It talks by messages. */
export const startLoad = (url, options, core) => {
  const [execPath, ...execArgv] = [...pinned(core), process.execPath]
  const args = ["--load", JSON.stringify(options)]
  const file = fileURLToPath(url)
  // fork() puts `execArgv` before the module: with taskset they are its arguments, and node is the last of them.
  const child = bound(fork(file, args, { execPath, execArgv }))
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

/** The words before a command that keep it on one core; none where there is no taskset or no second core. */
export const pinned = (core) =>
  core !== undefined && availableParallelism() > 1 && spawnSync("taskset", ["-V"]).status === 0
    ? ["taskset", "-c", String(core)]
    : []

/**
 * Starts a command line and waits until it listens. With `node`, it can be told to collect garbage, unless that is not
 * wanted. `core` is the one it has to stay on; its standard output goes to the descriptor `stdout`.
 */
export const start = async (line, { core, collects: isWanted = true, stdout = "ignore", port: given } = {}) => {
  const port = given ?? (await freePort())
  const withPort = given !== undefined || line.includes("{port}") ? line : `${line} {port}`
  const [command, ...args] = withPort.replaceAll("{port}", String(port)).split(" ")
  const collects = isWanted && command === "node"
  if (collects) args.unshift("--expose-gc", "--import", pathOf("collect.mjs"))
  const [first, ...rest] = [...pinned(core), command === "node" ? process.execPath : command, ...args]
  const child = bound(spawn(first, rest, { stdio: ["ignore", stdout, "pipe"] }))
  let isRunning = true
  let lastWords = ""
  child.once("error", (error) => fail(`cannot start ${withPort}: ${error.message}`))
  child.once("exit", () => {
    isRunning = false
  })
  child.stderr.setEncoding("utf8").on("data", (text) => {
    lastWords = text
  })
  for (let tries = 0; !(await answers(port)); tries++) {
    if (!isRunning || tries > 500) fail(`the server does not listen: ${withPort}\n${lastWords}`)
    await sleep(20)
  }
  // npx, say, starts the server as a process of its own.
  const pids = Process.family(child.pid)
  const pid = pids.at(-1)
  return {
    port,
    pids,
    collects,
    memory: () => Process.memory(pid),
    cpu: () => Process.cpu(pids),
    descriptors: () => Process.descriptors(pid),
    /** Collects all garbage; the bytes of heap in use after it. */
    collect: async () => {
      if (!collects) return Number.NaN
      process.kill(pid, "SIGUSR2")
      const [text] = await once(child.stderr, "data", { signal: AbortSignal.timeout(20_000) })
      await sleep(300)
      return Number(/^collected (\d+)/m.exec(text)?.[1])
    },
    stop: async () => {
      const tell = (signal) => {
        for (const each of pids) {
          try {
            process.kill(each, signal)
          } catch {
            // It has ended already.
          }
        }
      }
      tell("SIGTERM")
      for (let tries = 0; isRunning && tries < 400; tries++) await sleep(20)
      if (isRunning) {
        tell("SIGKILL")
        await once(child, "exit")
      }
    }
  }
}
