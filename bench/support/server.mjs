/** Starts the server under measurement in a process of its own and reads its costs. */
import { fork, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { connect, createServer } from "node:net"
import { availableParallelism } from "node:os"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import * as Process from "./process.mjs"

const pathOf = (name) => fileURLToPath(new URL(name, import.meta.url))

export const HOST = "127.0.0.1"

/** partyline's settings under every bench, by environment; a command line's own options win. Other servers ignore them. */
const SETTINGS = {
  PARTYLINE_HOST: HOST,
  PARTYLINE_MAX_USERS: "20000",
  PARTYLINE_MAX_CONNECTIONS: "0",
  PARTYLINE_JOIN_TIMEOUT: "0"
}

/** Prints an error and ends the program, and with it the processes that it started. */
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

/** A free port below the ephemeral ones, so that no client of the bench can have it. */
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

/** Ends the child whenever this process ends. `ended` resolves when the child has ended. */
const bound = (child) => {
  const end = () => child.kill("SIGKILL")
  process.once("exit", end)
  child.ended = once(child, "exit").then(() => process.off("exit", end))
  return child
}
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130))

/** A load process: the module `url` with `--load` and the options as JSON. It answers by one message. */
export const startLoad = (url, options, core) => {
  const [execPath, ...execArgv] = [...pinned(core), process.execPath]
  const args = ["--load", JSON.stringify(options)]
  const file = fileURLToPath(url)
  // fork() puts `execArgv` before the module: with taskset they are its arguments, and node is the last of them.
  const child = bound(fork(file, args, { execPath, execArgv }))
  return {
    hears: async (seconds) => {
      const late = setTimeout(() => fail(`a load process said nothing for ${seconds} s`), seconds * 1000)
      const early = () => fail("a load process ended early")
      child.once("exit", early)
      const [message] = await once(child, "message")
      clearTimeout(late)
      child.off("exit", early)
      return message
    },
    stop: () => {
      child.kill("SIGKILL")
      return child.ended
    }
  }
}

/** Whether processes can be kept on a core: needs taskset and a second core. */
export const canPin = availableParallelism() > 1 && spawnSync("taskset", ["-V"]).status === 0
const pinned = (core) => (core !== undefined && canPin ? ["taskset", "-c", String(core)] : [])

/**
 * Starts a command line and waits until it listens. {port} in it is the port. `core` is the core that it stays on,
 * `stdout` the descriptor of its standard output. `collects` lets `collect` work, for a command of `node`.
 */
export const start = async (line, { core, collects: isWanted = true, stdout = "ignore", port: given } = {}) => {
  const port = given ?? (await freePort())
  const [command, ...args] = line.replaceAll("{port}", String(port)).split(" ")
  const collects = isWanted && command === "node"
  if (collects) args.unshift("--expose-gc", "--import", pathOf("collect.mjs"))
  const [first, ...rest] = [...pinned(core), command === "node" ? process.execPath : command, ...args]
  const began = performance.now()
  const env = { ...process.env, ...SETTINGS }
  const child = bound(spawn(first, rest, { stdio: ["ignore", stdout, "pipe"], env }))
  let lastWords = ""
  child.once("error", (error) => fail(`cannot start ${line}: ${error.message}`))
  child.stderr.setEncoding("utf8").on("data", (text) => {
    lastWords = text
  })
  while (!(await answers(port))) {
    const isOver = (child.exitCode ?? child.signalCode) !== null || performance.now() - began > 20_000
    if (isOver) fail(`the server does not listen: ${line}\n${lastWords}`)
    await sleep(2)
  }
  const listens = performance.now() - began
  // A starter like npx has the server as its child.
  const pids = Process.family(child.pid)
  const pid = pids.at(-1)
  return {
    port,
    pids,
    collects,
    listens,
    memory: () => Process.memory(pid),
    cpu: () => Process.cpu(pids),
    descriptors: () => Process.descriptors(pid),
    /** Collects all garbage; resolves to the bytes of heap in use. */
    collect: async () => {
      if (!collects) return Number.NaN
      process.kill(pid, "SIGUSR2")
      const [text] = await once(child.stderr, "data", { signal: AbortSignal.timeout(20_000) })
      await sleep(300)
      return Number(/^collected (\d+)/m.exec(text)?.[1])
    },
    stop: async () => {
      for (const signal of ["SIGTERM", "SIGKILL"]) {
        for (const each of pids) {
          try {
            process.kill(each, signal)
          } catch {
            // It has ended already.
          }
        }
        const late = new AbortController()
        await Promise.race([child.ended, sleep(8000, undefined, { signal: late.signal }).catch(() => {})])
        late.abort()
        if ((child.exitCode ?? child.signalCode) !== null) return
      }
    }
  }
}
