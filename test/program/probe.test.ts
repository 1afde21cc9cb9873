/** The built program asks a server of its own kind whether it answers (--probe). */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import * as Net from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { certificates } from "../support/Certificates.ts"
import { type Environment, itNeeds, type Process, partyline, serves, tries } from "../support/Program.ts"

/** Warnings in the log of the server so far. */
const trouble = (program: Process) => program.stdout.match(/^.* (?:WARN|ERROR) .*$/gm) ?? []

/** Waits until the connections of the probes have ended. */
const ended = (program: Process, count: number) => program.captures(/(Disconnecting User)\.$/, count)

const probes = (args: ReadonlyArray<string>, env: Environment = {}) => tries(["--probe", ...args], { env })

const answers = (...ports: ReadonlyArray<number>) => ({
  code: 0,
  stdout: ports.map((port) => `ok: 127.0.0.1 port ${port} answers\n`).join(""),
  stderr: ""
})

/** Starts the program on free ports, `count` of them, and returns these. */
const servesOn = (args: ReadonlyArray<string>, count: number) =>
  Effect.gen(function* () {
    const program = yield* partyline(["--host", "127.0.0.1", ...args])
    const ports = yield* program.captures(/^Waiting for Incoming Connections on \S+?:(\d+)(?: \(TLS\))?$/, count)
    return { program, ports: ports.map(Number) }
  })

/** A listener that takes connections and says nothing, or hangs up. */
const listens = (onConnection: (socket: Net.Socket) => void) =>
  Effect.acquireRelease(
    Effect.async<{ readonly server: Net.Server; readonly port: number }>((resume) => {
      const server = Net.createServer(onConnection).listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed({ server, port: typeof address === "object" ? (address?.port ?? 0) : 0 }))
      })
    }),
    ({ server }) => Effect.sync(() => server.close())
  )

describe("a probe of a server that answers exits 0 and leaves no warning:", () => {
  /** A server, and a file that names its port. */
  const withFile = Effect.gen(function* () {
    const { port, program } = yield* serves()
    const folder = mkdtempSync(join(tmpdir(), "partyline-probe-"))
    yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true })))
    const path = join(folder, "partyline.toml")
    const text = `port = ${port}\nhost = "127.0.0.1"\n`
    writeFileSync(path, text)
    return { path, port, program, text }
  })

  it.scopedLive("a port from the command line, the environment, or the file", () =>
    Effect.gen(function* () {
      const { path, port, program } = yield* withFile
      expect(yield* probes([String(port)])).toMatchObject(answers(port))
      expect(yield* probes([], { PARTYLINE_PORT: String(port) })).toMatchObject(answers(port))
      expect(yield* probes(["--config", path])).toMatchObject(answers(port))
      yield* ended(program, 3)
      expect(trouble(program)).toEqual([])
    })
  )

  it.scopedLive("a server whose file has got a mistake since its start", () =>
    Effect.gen(function* () {
      const { path, port, program, text } = yield* withFile
      writeFileSync(path, `${text}max-user = 7\n`)
      expect(yield* probes(["--config", path])).toMatchObject(answers(port))
      yield* ended(program, 1)
    })
  )

  it.scopedLive("behind a proxy that is trusted, the program itself being one", () =>
    Effect.gen(function* () {
      const trust = ["--trust-proxy", "127.0.0.0/8,::1"]
      const { port, program } = yield* serves(trust)
      expect(yield* probes([String(port), ...trust])).toMatchObject(answers(port))
      yield* ended(program, 1)
      expect(trouble(program)).toEqual([])
    })
  )

  it.scopedLive("behind a proxy elsewhere", () =>
    Effect.gen(function* () {
      const trust = ["--trust-proxy", "192.0.2.1"]
      const { port, program } = yield* serves(trust)
      expect(yield* probes([String(port), ...trust])).toMatchObject(answers(port))
      yield* ended(program, 1)
      expect(trouble(program)).toEqual([])
    })
  )

  it.scopedLive("every interface, with a message of the day", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves(["--motd", "hello"], { host: null })
      expect(yield* probes([String(port)])).toMatchObject(answers(port))
      expect(yield* probes([String(port), "--host", "0.0.0.0"])).toMatchObject(answers(port))
      yield* ended(program, 2)
      expect(trouble(program)).toEqual([])
    })
  )

  it.scopedLive("a full house", () =>
    Effect.gen(function* () {
      const { joins, port, program } = yield* serves(["--max-connections", "1", "--max-users", "1"])
      yield* joins("ann")
      expect(yield* probes([String(port)])).toMatchObject(answers(port))
      yield* ended(program, 1)
    })
  )

  const test = itNeeds("openssl")

  for (const [where, trust] of [
    ["", []],
    [", behind a trusted proxy", ["--trust-proxy", "127.0.0.1"]]
  ] as const) {
    test(`TLS alone${where}`, () =>
      Effect.gen(function* () {
        const { cert, key } = (yield* certificates).selfSigned("localhost")
        const files = ["--tls-cert", cert, "--tls-key", key, ...trust]
        const { ports, program } = yield* servesOn([...files, "--tls-port", "0"], 1)
        const [port = 0] = ports
        expect(yield* probes(["--tls-port", String(port), ...files])).toMatchObject(answers(port))
        yield* ended(program, 1)
        expect(trouble(program)).toEqual([])
      }))

    test(`TLS beside a plain port${where}`, () =>
      Effect.gen(function* () {
        const { cert, key } = (yield* certificates).selfSigned("localhost")
        const files = ["--tls-cert", cert, "--tls-key", key, ...trust]
        const { ports, program } = yield* servesOn(["0", "--tls-port", "0", ...files], 2)
        const [plain = 0, secure = 0] = ports
        const probed = yield* probes([String(plain), "--tls-port", String(secure), ...files])
        expect(probed).toMatchObject(answers(plain, secure))
        yield* ended(program, 2)
        expect(trouble(program)).toEqual([])
      }))
  }

  test("TLS for clients with a certificate, which the probe does not have", () =>
    Effect.gen(function* () {
      const { cert, key } = (yield* certificates).selfSigned("localhost")
      const files = ["--tls-cert", cert, "--tls-key", key, "--tls-client-ca", cert]
      const { ports, program } = yield* servesOn([...files, "--tls-port", "0"], 1)
      const [port = 0] = ports
      expect(yield* probes(["--tls-port", String(port), ...files])).toMatchObject(answers(port))
      yield* ended(program, 1)
      expect(trouble(program)).toEqual([])
    }))
})

describe("a probe exits 1 with one line that says why:", () => {
  it.scopedLive("nobody listens", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves()
      yield* program.signals("SIGTERM")
      yield* program.ended
      expect(yield* probes([String(port)])).toMatchObject({
        code: 1,
        stdout: `no: 127.0.0.1 port ${port} does not answer (ECONNREFUSED)\n`,
        stderr: ""
      })
    })
  )

  it.scopedLive("the server hangs, or hangs up", () =>
    Effect.gen(function* () {
      const hanging = yield* listens((socket) => void socket.on("error", () => {}))
      const hung = yield* probes([String(hanging.port)])
      expect(hung).toMatchObject({
        code: 1,
        stdout: `no: 127.0.0.1 port ${hanging.port} does not answer (for 3 seconds)\n`
      })
      const leaving = yield* listens(
        (socket) =>
          void socket
            .on("error", () => {})
            .resume()
            .end()
      )
      expect((yield* probes([String(leaving.port)])).stdout).toBe(
        `no: 127.0.0.1 port ${leaving.port} does not answer (it hung up)\n`
      )
    })
  )

  it.scopedLive("one of two ports does not answer", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves()
      const gone = yield* serves()
      yield* gone.program.signals("SIGTERM")
      yield* gone.program.ended
      const tls = ["--tls-port", String(gone.port), "--tls-cert", "a.pem", "--tls-key", "b.pem"]
      const { code, stdout } = yield* probes([String(port), ...tls])
      expect({ code, stdout }).toEqual({
        code: 1,
        stdout: `ok: 127.0.0.1 port ${port} answers\nno: 127.0.0.1 port ${gone.port} does not answer (ECONNREFUSED)\n`
      })
      yield* ended(program, 1)
    })
  )

  it.scopedLive("the options name no port, or any free one", () =>
    Effect.gen(function* () {
      const nowhere = yield* probes([])
      expect(nowhere).toMatchObject({ code: 1, stdout: "" })
      expect(nowhere.stderr).toMatch(/^no: <port> is missing/)
      expect(yield* probes(["0"])).toMatchObject({
        code: 1,
        stdout: "no: 127.0.0.1 port 0: a free port cannot be probed, only a chosen one\n"
      })
    })
  )
})
