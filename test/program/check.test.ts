/** The findings of `partyline --check`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { certificates } from "../support/Certificates.ts"
import { freePort } from "../support/freePort.ts"
import { itNeeds, partyline, redirected, serves, tries } from "../support/Program.ts"

const ENOUGH = expect.stringMatching(/^ok: \d+ open files are enough/)

/** The exit code and lines of a check. */
const checks = (args: ReadonlyArray<string>, behind: ReadonlyArray<string> = []) =>
  Effect.map(tries(["--check", "--host", "127.0.0.1", ...args], { behind }), ({ code, stderr, stdout }) => {
    expect(stderr).toBe("")
    return { code, lines: stdout.trimEnd().split("\n") }
  })

describe("a check", { concurrent: true }, () => {
  it.scopedLive("of usable options exits 0", () =>
    Effect.gen(function* () {
      expect(yield* checks(["0"])).toEqual({
        code: 0,
        lines: ["ok: can listen on 127.0.0.1 port 0 (any free one)", ENOUGH]
      })
    })
  )

  it.scopedLive("finds a port in use, and releases a free one", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves([], { port: yield* freePort })
      expect(yield* checks([String(port)])).toEqual({
        code: 1,
        lines: [`no: cannot listen on 127.0.0.1 port ${port}: the port is in use (EADDRINUSE)`, ENOUGH]
      })
      yield* program.signals("SIGTERM")
      yield* program.ended
      expect((yield* checks([String(port)])).code).toBe(0)
      yield* serves([], { port })
    })
  )

  it.scopedLive("includes the operations port", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      expect(yield* checks(["0", "--ops-port", String(port)])).toEqual({
        code: 1,
        lines: [
          "ok: can listen on 127.0.0.1 port 0 (any free one)",
          `no: cannot listen on 127.0.0.1 port ${port}: the port is in use (EADDRINUSE)`,
          ENOUGH
        ]
      })
    })
  )

  it.scopedLive("finds what a start finds: the operations port on every address is one port of IPv4 too", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      const args = ["0", "--ops-port", String(port), "--ops-host", "::"]
      const { stderr } = yield* tries(args)
      expect(stderr).toMatch(/^partyline: cannot listen on :: port .*\n$/)
      expect((yield* checks(args)).lines).toContain(stderr.replace("partyline: ", "no: ").trimEnd())
    })
  )

  it.scopedLive("reads a file once, so that it may be a pipe", () =>
    Effect.gen(function* () {
      const behind = redirected("--ops-token @<(echo correct-horse-battery)")
      expect(yield* checks(["0", "--ops-port", "0"], behind)).toMatchObject({ code: 0 })
    })
  )

  it.scopedLive("compares the limit of open files with --max-connections", () =>
    Effect.gen(function* () {
      const { code, lines } = yield* checks(["0"], ["prlimit", "--nofile=256:256"])
      expect(code).toBe(0)
      expect(lines[1]).toBe(
        "note: --max-connections 10000 cannot be reached: 256 open files (ulimit -n) are enough for about 168"
      )
    })
  )

  it.scopedLive("finds too few open files for any connection", () =>
    Effect.gen(function* () {
      const { code, lines } = yield* checks(["0"], ["prlimit", "--nofile=32:32"])
      expect(code).toBe(1)
      expect(lines[1]).toBe("no: 32 open files (ulimit -n) are enough for about 0: nobody could be served")
    })
  )

  it.scopedLive("finds an unlimited number of connections to be as many as there are open files", () =>
    Effect.gen(function* () {
      const { code, lines } = yield* checks(["0", "--max-connections", "0"], ["prlimit", "--nofile=256:256"])
      expect(code).toBe(0)
      expect(lines[1]).toBe("ok: 256 open files (ulimit -n) are enough for about 168 connections")
    })
  )

  it.scopedLive("reports everything at once: options, variables, the file, ports, certificate, limits", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      const other = yield* serves()
      const folder = mkdtempSync(join(tmpdir(), "partyline-check-"))
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(folder, { recursive: true })))
      const path = join(folder, "partyline.toml")
      writeFileSync(path, 'max-user = 5\nlog-format = "xml"\n')
      const files = ["--tls-cert", "/nowhere.crt", "--tls-key", "/nowhere.key", "--config", path]
      const args = ["--check", String(port), "--host", "127.0.0.1", "--tls-port", String(other.port), ...files]
      const end = yield* tries([...args, "--patience", "soon", "--outbox", "1k"], {
        env: { PARTYLINE_RATE: "1.5", PARTYLINE_MAX_USER: "7", OTEL_EXPORTER_OTLP_ENDPOINT: "nonsense" }
      })
      expect(end).toMatchObject({ code: 1, stdout: "" })
      const inUse = (port: number) => `no: cannot listen on 127.0.0.1 port ${port}: the port is in use (EADDRINUSE)`
      expect(end.stderr.trimEnd().split("\n")).toEqual([
        `no: ${path}: line 1: there is no option "max-user"; did you mean max-users?`,
        `no: ${path}: line 2: log-format must be one of text, json, not "xml"`,
        'no: --patience must be a duration like 500ms, 5s, 2m or 1h (at most 596h), not "soon"',
        'no: PARTYLINE_RATE must be a whole number from 0 to 1000000, not "1.5"',
        inUse(port),
        inUse(other.port),
        "no: cannot use /nowhere.crt: it cannot be read (ENOENT)",
        ENOUGH,
        "note: --max-line is more than --outbox: the longest lines wait until nothing else does",
        "note: there is no variable PARTYLINE_MAX_USER; did you mean PARTYLINE_MAX_USERS?",
        "note: connections are not traced: OTEL_EXPORTER_OTLP_ENDPOINT must be an address like http://localhost:4318",
        "usage: partyline [options] <port>",
        "Try partyline --help for more."
      ])
    })
  )

  for (const [code, args, says] of [
    [0, ["--rate", "0"], undefined],
    [0, ["--max-connections", "20"], "note: --max-per-address is more than --max-connections, so it limits nothing"],
    [1, ["--max-connections", "5", "--max-per-address", "0"], "no: --max-users is more than --max-connections"],
    [0, ["--outbox", "100"], "note: --max-line is more than --outbox: the longest lines wait until nothing else does"]
  ] as const) {
    it.scopedLive(`of ${args.join(" ")} exits ${code}${says === undefined ? "" : ` and prints ${says}`}`, () =>
      Effect.gen(function* () {
        const checked = yield* checks(["0", ...args])
        expect(checked.code).toBe(code)
        expect(checked.lines.slice(2)).toEqual(says === undefined ? [] : [says])
      })
    )
  }
})

describe("a check of certificates", { concurrent: true }, () => {
  const test = itNeeds("openssl")

  const checksTls = (cert: string, key: string) =>
    Effect.map(checks(["--tls-port", "0", "--tls-cert", cert, "--tls-key", key]), ({ code, lines }) => ({
      code,
      line: lines.find((line) => line.includes(cert)) ?? ""
    }))

  test("reports the remaining days, and when to renew", () =>
    Effect.gen(function* () {
      const { ending: endingOf, selfSigned } = yield* certificates
      const [long, short] = [selfSigned("long", 365), endingOf("short")]
      const lasting = yield* checksTls(long.cert, long.key)
      expect(lasting).toMatchObject({ code: 0, line: expect.stringMatching(/can be used for 36\d more days$/) })
      const ending = yield* checksTls(short.cert, short.key)
      expect(ending).toMatchObject({
        code: 0,
        line: expect.stringMatching(/^note: .* expires in 20 days or less: renew it$/)
      })
    }))

  test("finds one that is expired, missing or invalid, and a wrong key", () =>
    Effect.gen(function* () {
      const { expired, file, selfSigned } = yield* certificates
      const [one, other, old] = [selfSigned("one"), selfSigned("other"), expired("old")]
      const rubbish = file("rubbish.crt", "rubbish")
      for (const [cert, key, says] of [
        [old.cert, old.key, /has expired$/],
        ["/nowhere.crt", one.key, /cannot be read \(ENOENT\)$/],
        [rubbish, one.key, /is no certificate$/],
        [one.cert, other.key, /is not the key of/],
        [one.cert, one.cert, /is no private key/]
      ] as const) {
        expect(yield* checksTls(cert, key)).toMatchObject({ code: 1, line: expect.stringMatching(says) })
      }
      const tls = ["--tls-port", "0", "--tls-cert", one.cert, "--tls-key", one.key, "--tls-client-ca", rubbish]
      const { code, lines } = yield* checks(tls)
      expect({ code, lines }).toMatchObject({
        code: 1,
        lines: expect.arrayContaining([expect.stringContaining(`${rubbish}: it is no certificate`)])
      })
    }))
})

describe("a start warns of what a check would note:", { concurrent: true }, () => {
  it.scopedLive("too few open files", () =>
    Effect.gen(function* () {
      const { program } = yield* serves([], { behind: ["prlimit", "--nofile=256:256"] })
      const limit = "256 open files (ulimit -n) are enough for about 168"
      expect(program.stdout).toMatch(/^\S+ INFO Starting .*\n\S+ WARN Configuration: /)
      yield* program.says(`Configuration: --max-connections 10000 cannot be reached: ${limit}`)
    })
  )

  itNeeds("openssl")("a certificate that expires soon, or has expired", () =>
    Effect.gen(function* () {
      const { ending, expired } = yield* certificates
      for (const [{ cert, key }, says] of [
        [ending("short"), "and its key can be used, but it expires in 20 days or less: renew it"],
        [expired("old"), "has expired"]
      ] as const) {
        const args = ["--host", "127.0.0.1", "--tls-port", "0", "--tls-cert", cert, "--tls-key", key]
        yield* (yield* partyline(args)).says(`Configuration: ${cert} ${says}`)
      }
    })
  )

  it.scopedLive("nothing, where there is nothing to note", () =>
    Effect.gen(function* () {
      const { program } = yield* serves()
      expect(program.stdout).not.toContain("WARN")
    })
  )
})
