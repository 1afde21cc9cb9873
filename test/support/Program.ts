/** The built program and client programs (nc, telnet, openssl …), run as child processes. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process"
import * as Net from "node:net"
import { fileURLToPath } from "node:url"
import { it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { freePort } from "./freePort.ts"
import { hearing } from "./hearing.ts"
import { Ear, type Person } from "./Person.ts"
import { news } from "./waiting.ts"

const BIN = fileURLToPath(new URL("../../dist/bin.js", import.meta.url))

/** The environment without PARTYLINE_ variables: those of the developer must not configure the program under test. */
const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("PARTYLINE_")))

export type Environment = { readonly [name: string]: string }

/** The last lines that a process shows when something is waited for in vain. */
const SHOWN = 50

/** Exit status and complete output of a process. */
export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export class Process {
  readonly child: ChildProcessWithoutNullStreams
  stdout = ""
  stderr = ""
  private end: End | undefined
  private isMute = false
  private readonly waiting: Array<() => void> = []

  constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text
      this.tell()
    })
    child.stdout.on("end", () => {
      this.isMute = true
      this.tell()
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text
      this.tell()
    })
    child.stdin.on("error", () => {})
    child.on("error", (error) => this.ends(null, null, `${this.stderr}${error.message}\n`))
    child.on("close", (code, signal) => this.ends(code, signal, this.stderr))
  }

  get hasEnded(): boolean {
    return this.end !== undefined
  }

  /** The complete lines of stdout so far, without timestamp and level. */
  get lines(): ReadonlyArray<string> {
    const lines = this.stdout.split("\n").slice(0, -1)
    return lines.map((line) => line.replace(/^\d{4}-\S+Z [A-Z]+ /, ""))
  }

  /** Calls `find` after each output until it returns a value. The end of the process is a defect. */
  until<A>(find: () => A | undefined, what = "more output"): Effect.Effect<A> {
    return Effect.suspend(() => {
      const found = find()
      if (found !== undefined) return Effect.succeed(found)
      if (this.end !== undefined) return Effect.dieMessage(`It ended too early: ${JSON.stringify(this.end)}`)
      return Effect.zipRight(this.newsOf(what), this.until(find, what))
    })
  }

  /** Waits for a line of stdout. */
  says(line: string): Effect.Effect<void> {
    return Effect.asVoid(this.until(() => (this.lines.includes(line) ? true : undefined), JSON.stringify(line)))
  }

  /** Waits for `count` lines that match, and returns the first group of each. */
  captures(pattern: RegExp, count: number): Effect.Effect<ReadonlyArray<string>> {
    return this.until(() => {
      const found = this.lines.flatMap((line) => pattern.exec(line)?.[1] ?? [])
      return found.length >= count ? found : undefined
    }, `${count} lines like ${pattern}`)
  }

  /** Waits until the process, and every heir of its stdout, has closed it. */
  readonly falls: Effect.Effect<void> = Effect.asVoid(
    this.until(() => (this.isMute ? true : undefined), "the end of its output")
  )

  /** Waits until the process has exited and all its output has been read. */
  readonly ended: Effect.Effect<End> = Effect.suspend(() =>
    this.end === undefined ? Effect.zipRight(this.newsOf("its exit"), this.ended) : Effect.succeed(this.end)
  )

  signals(signal: NodeJS.Signals): Effect.Effect<void> {
    return Effect.sync(() => {
      this.child.kill(signal)
    })
  }

  types(line: string): Effect.Effect<void> {
    return Effect.sync(() => {
      this.child.stdin.write(`${line}\n`)
    })
  }

  /** Kills the process if it still runs, and waits for its exit. */
  readonly killed: Effect.Effect<void> = Effect.async((resume) => {
    const { child } = this
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
    child.once("exit", () => resume(Effect.void))
    child.kill("SIGKILL")
  })

  private newsOf(what: string): Effect.Effect<void> {
    return news(
      (f) => this.waiting.push(f),
      `${what} from ${this.child.spawnargs.join(" ")}`,
      () => `all that came: ${JSON.stringify((this.stdout + this.stderr).split("\n").slice(-SHOWN))}`
    )
  }

  private tell(): void {
    for (const f of this.waiting.splice(0)) f()
  }

  private ends(code: number | null, signal: NodeJS.Signals | null, stderr: string): void {
    this.end = { code, signal, stdout: this.stdout, stderr }
    this.tell()
  }
}

/** Starts a command, which is killed when the scope closes. */
export const starts = (
  [file, ...args]: readonly [string, ...ReadonlyArray<string>],
  env: Environment = {}
): Effect.Effect<Process, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => new Process(spawn(file, args, { env: { ...inherited, ...env }, stdio: "pipe" }))),
    (started) => started.killed
  )

export interface Start {
  /** A command that runs the program as its arguments, such as prlimit. */
  readonly behind?: ReadonlyArray<string>
  /** Variables added to the environment. */
  readonly env?: Environment
}

/** A value for `behind` that redirects the program's output as bash does. The process id stays the same. */
export const redirected = (redirection: string): ReadonlyArray<string> => [
  "bash",
  "-c",
  `exec "$@" ${redirection}`,
  "bash"
]

/** Starts the program with exactly these arguments. */
export const partyline = (args: ReadonlyArray<string>, { behind = [], env }: Start = {}) => {
  const [first, ...rest] = [...behind, process.execPath, BIN, ...args]
  return starts([first ?? "", ...rest], env)
}

/** Runs a command until it exits. */
export const runs = (...command: Parameters<typeof starts>) => Effect.flatMap(starts(...command), ({ ended }) => ended)

/** Runs the program until it exits, with arguments that make it exit by itself. */
export const tries = (...start: Parameters<typeof partyline>) =>
  Effect.flatMap(partyline(...start), ({ ended }) => ended)

export type Caller = Omit<Person, "fd"> & { readonly socket: Net.Socket }

/** A test client on the socket that `connect` makes, once it is ready. */
export const calling = (connect: (ready: () => void) => Net.Socket): Effect.Effect<Caller, Error, Scope.Scope> =>
  Effect.gen(function* () {
    const ear = new Ear()
    const socket = yield* Effect.acquireRelease(
      Effect.async<Net.Socket, Error>((resume) => {
        const socket = connect(() => resume(Effect.succeed(socket)))
        socket.on("data", (bytes) => ear.receive(bytes))
        socket.on("end", () => ear.end())
        socket.on("close", () => ear.end())
        socket.on("error", (error) => resume(Effect.fail(error)))
      }),
      (socket) => Effect.sync(() => socket.destroy())
    )
    const sends = (bytes: Uint8Array | string) =>
      Effect.sync(() => {
        socket.write(bytes)
      })
    const hangsUp = Effect.sync(() => {
      socket.end()
    })
    return { socket, sends, types: (line: string) => sends(`${line}\n`), ...hearing(ear), hangsUp }
  })

/** A test client over TCP. With `lingers` it keeps its sending half open when the server closes. */
export const dial = (port: number, { host = "127.0.0.1", lingers = false } = {}) =>
  calling((ready) => Net.connect({ host, port, allowHalfOpen: lingers }, ready))

const joining = (port: number) => (name: string, how?: { readonly lingers: boolean }) =>
  Effect.tap(Effect.orDie(dial(port, how)), (caller) => Effect.zipRight(caller.types(`JOIN ${name}`), caller.hears))

const LISTENING = /Waiting for Incoming Connections on \S+:(\d+)$|"event":"listening".*"port":(\d+)/m

/** Starts the program on a free port and waits until it listens: on the loopback interface unless `host` is null. */
export const serves = (
  args: ReadonlyArray<string> = [],
  { host = "127.0.0.1", port = 0, ...start }: Start & { readonly host?: string | null; readonly port?: number } = {}
) =>
  Effect.gen(function* () {
    const program = yield* partyline([String(port), ...(host === null ? [] : ["--host", host]), ...args], start)
    const bound = yield* program.until(() => {
      const found = LISTENING.exec(program.stdout)
      return found === null ? undefined : Number(found[1] ?? found[2])
    })
    return { program, port: bound, connects: Effect.orDie(dial(bound)), joins: joining(bound) }
  })

/** Like `serves`, for a program that does not log its port. */
export const servesUnheard = (args: ReadonlyArray<string>, start: Start = {}) =>
  Effect.gen(function* () {
    const port = yield* freePort
    const program = yield* partyline([String(port), "--host", "127.0.0.1", ...args], start)
    const itEnded = Effect.flatMap(program.ended, (end) => Effect.dieMessage(`It ended: ${JSON.stringify(end)}`))
    // A pause between attempts: a socket that connects to its own ephemeral port would connect to itself.
    const heard = Effect.retry(Effect.scoped(dial(port)), Schedule.spaced("10 millis"))
    yield* Effect.raceFirst(heard, itEnded)
    return { program, port, connects: Effect.orDie(dial(port)), joins: joining(port) }
  })

/** External programs that tests need, and their Debian packages. */
const packages = {
  telnet: "telnet",
  nc: "netcat-openbsd",
  expect: "expect",
  openssl: "openssl",
  curl: "curl",
  ncat: "ncat",
  make: "make",
  zsh: "zsh",
  fish: "fish",
  mandoc: "mandoc",
  "systemd-analyze": "systemd",
  "systemd-socket-activate": "systemd",
  "systemd-notify": "systemd",
  setpriv: "util-linux",
  promtool: "prometheus",
  prometheus: "prometheus",
  chromium: "chromium",
  python3: "python3",
  "redis-server": "redis-server",
  "redis-sentinel": "redis-sentinel",
  haproxy: "haproxy",
  tmux: "tmux"
}

/** Arguments that make a program exit at once, where that is not -h. */
const endings: { readonly [name: string]: string } = {
  expect: "-v",
  fish: "--version",
  zsh: "--version",
  chromium: "--version",
  "redis-server": "--version",
  "redis-sentinel": "--version",
  haproxy: "-v",
  tmux: "-V"
}

/** Whether a program is installed. Of nc, only the OpenBSD variant counts: it has -N, which closes the sending half. */
const isThere = (name: keyof typeof packages): boolean => {
  const { error, stderr, stdout } = spawnSync(name, [endings[name] ?? "-h"], { encoding: "utf8", input: "" })
  return error === undefined && (name !== "nc" || /\s-N\s/.test(stdout + stderr))
}

/** `it.scopedLive` for tests that need external programs. If one is missing, the test is skipped; with CI=true it fails. */
export const itNeeds = (...names: ReadonlyArray<keyof typeof packages>) => {
  const missing = names.filter((name) => !isThere(name)).map((name) => packages[name])
  const advice = `needs: apt-get install ${missing.join(" ")}`
  return <E>(name: string, self: () => Effect.Effect<void, E, Scope.Scope>, timeout?: number): void => {
    if (missing.length === 0) it.scopedLive(name, self, timeout)
    else if (process.env["CI"] !== "true") it.skip(`${name} (${advice})`)
    else it(name, () => Promise.reject(new Error(advice)))
  }
}
