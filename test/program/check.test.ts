/** The findings of `partyline --check`. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { certificates } from "../support/Certificates.ts"
import { itNeeds, serves, tries } from "../support/Program.ts"

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
      const { port, program } = yield* serves()
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
      const { code, lines } = yield* checks(["0"], ["prlimit", "--nofile=80:80"])
      expect(code).toBe(1)
      expect(lines[1]).toBe("no: 80 open files (ulimit -n) are enough for about 0: nobody could be served")
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
      const { selfSigned } = yield* certificates
      const [long, short] = [selfSigned("long", 365), selfSigned("short", 20)]
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
    }))
})
