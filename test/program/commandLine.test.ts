/** Arguments, environment and exit codes of the built program. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import manifest from "../../package.json" with { type: "json" }
import { freePort } from "../support/freePort.ts"
import { dial, type End, type Environment, partyline, serves, servesUnheard, tries } from "../support/Program.ts"

const STACK = /^\s+at /m
const COLOUR = /\x1b/

const isUsageError = (end: End, complaint: string) => {
  expect(end).toMatchObject({ code: 1, signal: null, stdout: "" })
  expect(end.stderr.split("\n")[0]).toContain(complaint)
  expect(end.stderr).toContain("usage")
  expect(end.stderr).toContain("<port>")
  expect(end.stderr).not.toMatch(STACK)
  expect(end.stderr).not.toMatch(COLOUR)
}

const wrongArguments: ReadonlyArray<{ args: ReadonlyArray<string>; says: string }> = [
  { args: [], says: "<port>" },
  ...[
    "abc",
    "0x10",
    "1e3",
    " 80",
    "80 ",
    "-1",
    "-8001",
    "-1.5",
    "+80",
    "65536",
    "99999999999999999999",
    "1.5",
    "1,5",
    "８０",
    ""
  ].map((port) => ({ args: [port], says: JSON.stringify(port) })),
  { args: ["80", "81"], says: "one <port>" },
  { args: ["localhost", "8001"], says: '<port> must be a whole number from 0 to 65535, not "localhost"' },
  { args: ["--max-users", "5", "127.0.0.1", "8001"], says: 'not "127.0.0.1"' },
  { args: ["lisen", "ann@localhost"], says: 'not "lisen"; did you mean listen?' },
  { args: ["--bogus", "0"], says: "--bogus" },
  { args: ["--port", "8001"], says: "the port is given without one, as in partyline 8001" },
  { args: ["--port=8001"], says: "the port is given without one, as in partyline 8001" },
  { args: ["-p", "8001"], says: "the port is given without one, as in partyline 8001" },
  { args: ["--max-users=", "0"], says: "--max-users must have one value, once, as in --max-users 10" },
  { args: ["--host=", "0"], says: "--host must have one value, once, as in --host <address>" },
  { args: ["--max-users", "--check", "0"], says: "--max-users must have one value, once, as in --max-users 10" },
  { args: ["--motd", "-v", "0"], says: "--motd must have one value, once, as in --motd <text>" },
  { args: ["--completions"], says: "--completions must have one value, once, as in --completions <shell>" },
  { args: ["--completions", "tcsh"], says: "--completions must be bash, fish or zsh" },
  { args: ["--max-user", "5", "0"], says: "did you mean --max-users?" },
  { args: ["--max-user=5", "0"], says: "did you mean --max-users?" },
  { args: ["--check=yes", "0"], says: "--check must be given once, without a value" },
  { args: ["--help=yes", "0"], says: "--help must be given once, without a value" },
  { args: ["--wizard"], says: "--wizard" },
  { args: ["0", "--bogus"], says: "--bogus" },
  { args: ["0", "-p"], says: "-p" },
  { args: ["-xyz", "0"], says: "-xyz" },
  { args: ["--Max-Users", "5", "0"], says: "--Max-Users" },
  { args: ["--max-users", "5", "--max-users", "6", "0"], says: "once" },
  { args: ["0", "--max-users"], says: "--max-users" },
  { args: ["--max-users", "5"], says: "<port>" },
  { args: ["0", "--max-users", "0"], says: "--max-users" },
  { args: ["0", "--max-users", "1e1"], says: "--max-users" },
  { args: ["0", "--max-line", "-1"], says: "--max-line" },
  { args: ["0", "--outbox", "1MB"], says: "--outbox" },
  { args: ["0", "--patience", "soon"], says: "--patience" },
  { args: ["0", "--join-timeout", "5 m"], says: "--join-timeout" },
  { args: ["0", "--idle-timeout", "-5s"], says: "--idle-timeout" },
  { args: ["0", "--drain-timeout", ""], says: "--drain-timeout" },
  { args: ["0", "--max-connections", "-1"], says: "--max-connections" },
  { args: ["0", "--max-per-address", "many"], says: "--max-per-address" },
  { args: ["0", "--rate", "1.5"], says: "--rate" },
  { args: ["0", "--burst", "-1"], says: "--burst" },
  { args: ["0", "--ops-port", "65536"], says: "--ops-port" },
  { args: ["8001", "--ops-port", "8001"], says: "--ops-port" },
  { args: ["0", "--ops-port", "0", "--ops-host", ""], says: "--ops-host" },
  ...["", "proxy.example", "10.0.0.0/33", "10.0.0.1,", "::/129", "10.0.0.1/"].map((networks) => ({
    args: ["0", "--trust-proxy", networks],
    says: "--trust-proxy"
  })),
  { args: ["--tls-port", "0"], says: "--tls-cert" },
  { args: ["0", "--tls-port", "65536"], says: "--tls-port" },
  { args: ["0", "--tls-key", "key.pem"], says: "--tls-cert" },
  { args: ["0", "--tls-client-ca", "ca.pem"], says: "--tls-cert" },
  { args: ["--tls-cert", "cert.pem", "--tls-key", "key.pem"], says: "<port>" },
  { args: ["0", "--no-web", "--no-web"], says: "--no-web" },
  { args: ["0", "--web-host", "http://box"], says: "--web-host" },
  { args: ["0", "--web-origin", "box"], says: "--web-origin" },
  { args: ["8001", "--tls-port", "8001", "--tls-cert", "a", "--tls-key", "b"], says: "--tls-port" },
  { args: ["--check"], says: "<port>" },
  { args: ["--check", "abc"], says: "abc" },
  { args: ["--check", "0", "--check"], says: "--check" },
  { args: ["--check", "-p", "0"], says: "-p" },
  { args: ["0", "--log-level", "loud"], says: "--log-level" },
  { args: ["0", "--log-format", "xml"], says: "--log-format" },
  { args: ["0", "--host", ""], says: "--host" }
]

const wrongVariables: ReadonlyArray<readonly [string, string]> = [
  ["PARTYLINE_MAX_USERS", "many"],
  ["PARTYLINE_PATIENCE", "5 seconds"],
  ["PARTYLINE_LOG_LEVEL", "loud"],
  ["PARTYLINE_LOG_FORMAT", "xml"]
]

describe("wrong options are an error with a usage statement and exit code 1", { concurrent: true }, () => {
  for (const { args, says } of wrongArguments) {
    it.scopedLive(`partyline ${args.map((arg) => JSON.stringify(arg)).join(" ")}`, () =>
      Effect.map(tries(args), (end) => isUsageError(end, says))
    )
  }
  it.scopedLive("of several mistakes, each has a line", () =>
    Effect.gen(function* () {
      const words = yield* tries(["--max-user", "5", "--bogus", "0", "--bogus"])
      expect(words.stderr.match(/^partyline: unknown option "--(max-user|bogus)"/gm)).toHaveLength(2)
      const values = yield* tries(["80x", "--max-users", "0"], { env: { PARTYLINE_PATIENCE: "soon" } })
      expect(values.stderr.match(/^partyline: (<port>|--max-users|PARTYLINE_PATIENCE) must be /gm)).toHaveLength(3)
      for (const end of [words, values]) isUsageError(end, "")
    })
  )
  for (const [name, value] of wrongVariables) {
    it.scopedLive(`${name}=${JSON.stringify(value)} partyline 0`, () =>
      Effect.map(tries(["0"], { env: { [name]: value } }), (end) => isUsageError(end, name))
    )
  }
})

const options = [
  ...["host", "max-users", "max-line", "outbox", "patience", "join-timeout", "idle-timeout", "drain-timeout"],
  ...["max-connections", "max-per-address", "rate", "burst", "trust-proxy", "no-web", "web-host", "web-origin"],
  ...["tls-port", "tls-cert", "tls-key", "tls-client-ca", "check", "ops-port", "ops-host"],
  ...["log-level", "log-format", "config", "print-config", "probe", "help", "version"]
]

describe("options that print something instead of serving", { concurrent: true }, () => {
  for (const args of [["--help"], ["-h"], ["0", "--help"], ["help"]]) {
    it.scopedLive(`partyline ${args.join(" ")}: every option, in 80 plain columns`, () =>
      Effect.map(tries(args), ({ code, stderr, stdout }) => {
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
        expect(stdout).not.toMatch(COLOUR)
        expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([])
        expect(stdout).toMatch(/^usage: partyline .*<port>$/m)
        for (const option of options) expect(stdout).toContain(`--${option}`)
      })
    )
  }

  for (const args of [["--version"], ["-v"], ["-V"], ["8001", "--version"], ["8001", "-v"]]) {
    it.scopedLive(`partyline ${args.join(" ")}: the version alone`, () =>
      Effect.map(tries(args), (end) =>
        expect(end).toEqual({ code: 0, signal: null, stdout: `${manifest.version}\n`, stderr: "" })
      )
    )
  }

  for (const shell of ["bash", "zsh", "fish"]) {
    it.scopedLive(`partyline --completions ${shell}: a script that knows the options`, () =>
      Effect.map(tries(["--completions", shell]), ({ code, stderr, stdout }) => {
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
        expect(stdout).toContain("partyline")
        expect(stdout).toContain("max-users")
        expect(stdout).not.toMatch(COLOUR)
      })
    )
  }
})

/** The first port that needs no privilege; 0 if the system does not say. */
const firstFreePort = (): number => {
  const path = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
  return existsSync(path) ? Number(readFileSync(path, "utf8")) : 0
}

/** A command that drops the privilege, even for root. */
const unprivileged =
  process.getuid?.() === 0 ? ["setpriv", "--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service"] : []

const isBindError = ({ code, stderr, stdout }: End, reason: RegExp, port: number) => {
  expect(code).toBe(1)
  expect(stdout).toMatch(/^\S+ INFO Starting .*\n\S+ INFO Stopped\n$/)
  expect(stderr).toMatch(/^[^\n]+\n$/)
  expect(stderr).toMatch(reason)
  expect(stderr).toMatch(new RegExp(`\\b${port}\\b`))
  expect(stderr).not.toMatch(COLOUR)
}

describe("a bind error is one plain line and exit code 1", () => {
  it.scopedLive("because the port is in use", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      for (const host of [["--host", "127.0.0.1"], []]) {
        isBindError(yield* tries([String(port), ...host]), /in use/, port)
      }
    })
  )

  // Some systems reserve no ports.
  if (firstFreePort() > 1) {
    it.scopedLive("because the port needs a privilege", () =>
      Effect.map(tries(["1", "--host", "127.0.0.1"], { behind: unprivileged }), (end) =>
        isBindError(end, /privilege/, 1)
      )
    )
  }

  it.scopedLive("because the address is another machine's", () =>
    Effect.map(tries(["0", "--host", "203.0.113.1"]), (end) => isBindError(end, /203\.0\.113\.1.*address/, 0))
  )
})

describe("a flag wins over the environment, and that over the default", () => {
  /** Number of users that can join. */
  const seats = (args: ReadonlyArray<string>, env: Environment) =>
    Effect.gen(function* () {
      const { connects } = yield* serves(args, { env })
      for (let taken = 0; ; taken++) {
        const caller = yield* connects
        yield* caller.types(`JOIN user${taken}`)
        if ((yield* caller.hears) === "Too Many Users. Disconnecting User.") return taken
      }
    })

  it.scopedLive("--max-users", () =>
    Effect.gen(function* () {
      expect(yield* seats([], {})).toBe(10)
      expect(yield* seats([], { PARTYLINE_MAX_USERS: "3" })).toBe(3)
      expect(yield* seats(["--max-users", "2"], { PARTYLINE_MAX_USERS: "3" })).toBe(2)
      // The flag wins even with the default as its value.
      expect(yield* seats(["--max-users", "10"], { PARTYLINE_MAX_USERS: "3" })).toBe(10)
    })
  )

  it.scopedLive("<port>, which is also PARTYLINE_PORT, and port in the file", () =>
    Effect.gen(function* () {
      const folder = mkdtempSync(join(tmpdir(), "partyline-port-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true })))
      const path = join(folder, "partyline.toml")
      writeFileSync(path, "port = 0")
      const listens = (args: ReadonlyArray<string>, env: Environment) =>
        Effect.flatMap(partyline(["--host", "127.0.0.1", ...args], { env }), (program) =>
          program.captures(/^Waiting for Incoming Connections on 127\.0\.0\.1:(\d+)$/, 1)
        )
      yield* listens([], { PARTYLINE_PORT: "0" })
      yield* listens(["--config", path], {})
      yield* listens(["--config", path], { PARTYLINE_PORT: "0" })
      const { port } = yield* serves()
      const taken = (args: ReadonlyArray<string>, env: Environment) =>
        Effect.map(tries(["--host", "127.0.0.1", ...args], { env }), (end) => isBindError(end, /in use/, port))
      yield* taken([], { PARTYLINE_PORT: String(port) })
      yield* taken(["--config", path], { PARTYLINE_PORT: String(port) })
      yield* taken([String(port)], { PARTYLINE_PORT: "0" })
    })
  )

  it.scopedLive("--log-format", () =>
    Effect.gen(function* () {
      const isJson = (args: ReadonlyArray<string>, env: Environment) =>
        Effect.map(serves(args, { env }), ({ program }) => program.stdout.startsWith("{"))
      expect(yield* isJson([], {})).toBe(false)
      expect(yield* isJson([], { PARTYLINE_LOG_FORMAT: "json" })).toBe(true)
      expect(yield* isJson(["--log-format", "text"], { PARTYLINE_LOG_FORMAT: "json" })).toBe(false)
      expect(yield* isJson(["--log-format", "json"], { PARTYLINE_LOG_FORMAT: "text" })).toBe(true)
    })
  )

  it.scopedLive("--log-level", () =>
    Effect.gen(function* () {
      const logged = (args: ReadonlyArray<string>, env: Environment) =>
        Effect.gen(function* () {
          const { program, joins } = yield* servesUnheard(args, { env })
          yield* joins("ann")
          yield* program.signals("SIGTERM")
          return (yield* program.ended).stdout.includes("JOIN ann")
        })
      expect(yield* logged([], {})).toBe(true)
      expect(yield* logged([], { PARTYLINE_LOG_LEVEL: "none" })).toBe(false)
      expect(yield* logged(["--log-level", "info"], { PARTYLINE_LOG_LEVEL: "none" })).toBe(true)
      expect(yield* logged(["--log-level", "none"], { PARTYLINE_LOG_LEVEL: "info" })).toBe(false)
    })
  )

  for (const args of [
    ["--print-config", "--log-level", "debug"],
    ["--log-level=debug", "--print-config", "0"]
  ]) {
    it.scopedLive(`${args.join(" ")}, wherever --log-level stands`, () =>
      Effect.map(tries(args), ({ stdout }) => expect(stdout).toMatch(/^log-level = "debug" +# from --log-level$/m))
    )
  }
})

describe("the program listens", () => {
  const loopbacks = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).filter(({ internal }) => internal)
  )
  const hasIPv6 = loopbacks.some(({ family }) => family === "IPv6")

  it.scopedLive("on one port of every IPv4 and IPv6 address without --host", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves([], { host: null })
      yield* program.says(`Waiting for Incoming Connections on 0.0.0.0:${port}`)
      if (hasIPv6) yield* program.says(`Waiting for Incoming Connections on [::]:${port}`)
      expect(loopbacks.length).toBeGreaterThan(0)
      for (const { address, family } of loopbacks) {
        const caller = yield* dial(port, { host: address })
        yield* caller.types(`JOIN by${family}`)
        expect(yield* caller.hears).toBe(`JOIN by${family} Request Accepted`)
      }
    })
  )

  it.scopedLive("on the same port at once after a restart", () =>
    Effect.gen(function* () {
      const { joins, port, program } = yield* serves([], { port: yield* freePort })
      // The server closes first, so that TIME_WAIT is on its side.
      const ann = yield* joins("ann")
      yield* program.signals("SIGTERM")
      yield* ann.isLeft
      yield* program.ended
      const again = yield* serves([], { port })
      expect(again.port).toBe(port)
      const { types, hears } = yield* again.connects
      yield* types("JOIN ann")
      expect(yield* hears).toBe("JOIN ann Request Accepted")
    })
  )
})
