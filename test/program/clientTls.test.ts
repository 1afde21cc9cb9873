/** `say` and `listen` over TLS: what is verified, and what is said when it does not hold. */
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { certificates, type Pair } from "../support/Certificates.ts"
import { itNeeds, partyline, serves, tries } from "../support/Program.ts"

const servesTls = ({ cert, key }: Pair) =>
  Effect.gen(function* () {
    const options = ["--tls-port", "0", "--tls-cert", cert, "--tls-key", key]
    const program = yield* partyline(["--host", "127.0.0.1", ...options])
    const [port = ""] = yield* program.captures(/^Waiting for Incoming Connections on \S+?:(\d+)/, 1)
    return { program, port }
  })

/** No connection comes about with this certificate, for this reason. */
const isKept = (pair: Pair, options: ReadonlyArray<string>, why: string) =>
  Effect.gen(function* () {
    const { port } = yield* servesTls(pair)
    const { code, stderr, stdout } = yield* tries(["say", "--tls", ...options, `bob@localhost:${port}`, "hi"])
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" })
    expect(stderr).toMatch(new RegExp(`^partyline: cannot connect to localhost:${port}: [^\\n]*${why}[^\\n]*\\n$`))
  })

const test = itNeeds("openssl")

describe("a client over TLS", { concurrent: true }, () => {
  test("says and listens where the certificate can be verified", () =>
    Effect.gen(function* () {
      const pair = (yield* certificates).selfSigned("localhost")
      const { port } = yield* servesTls(pair)
      const secure = ["--tls", "--ca", pair.cert]
      const listener = yield* partyline(["listen", ...secure, "--count", "1", `lis@localhost:${port}`])
      yield* listener.until(() => (listener.stderr.includes("listening on") ? true : undefined))
      expect(yield* tries(["say", ...secure, "--to", "lis", `bob@localhost:${port}`, "hi"])).toMatchObject({
        code: 0,
        stderr: ""
      })
      expect(yield* listener.ended).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^(MESG )?FROM bob: hi\n$/)
      })
    }))

  test("does not connect with a certificate of an unknown authority, of another name, or that has expired", () =>
    Effect.gen(function* () {
      const make = yield* certificates
      const other = make.selfSigned("other")
      yield* isKept(make.selfSigned("localhost"), [], "not signed by a known authority")
      yield* isKept(other, ["--ca", other.cert], "for another name")
      const expired = make.expired("localhost")
      yield* isKept(expired, ["--ca", expired.cert], "has expired")
    }))

  test("takes any certificate with --insecure, and says so", () =>
    Effect.gen(function* () {
      const { port, program } = yield* servesTls((yield* certificates).selfSigned("other"))
      const { code, stderr } = yield* tries(["say", "--tls", "--insecure", `bob@localhost:${port}`, "hi"])
      expect(code).toBe(0)
      expect(stderr).toMatch(/^partyline: WARNING: --insecure: the certificate is not verified[^\n]*\n$/)
      yield* program.captures(/: (BCST)$/, 1)
    }))

  test("says what is wrong with TLS on a plain port, and plain text on a port for TLS", () =>
    Effect.gen(function* () {
      const { port: plain } = yield* serves()
      const wrong = yield* tries(["say", "--tls", "--insecure", `bob@localhost:${plain}`, "hi"])
      expect(wrong.code).toBe(2)
      expect(wrong.stderr).toMatch(/^partyline: WARNING[^\n]*\npartyline: cannot connect to [^\n]+\n$/)
      const { port } = yield* servesTls((yield* certificates).selfSigned("localhost"))
      const reverse = yield* tries(["say", `bob@localhost:${port}`, "hi"])
      expect(reverse.code).toBe(2)
      expect(reverse.stderr).toMatch(/^partyline: [^\n]+\n$/)
    }))

  test("does not take a file that is no certificate for an authority", () =>
    Effect.gen(function* () {
      const make = yield* certificates
      for (const words of ["", "nonsense", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n"]) {
        const file = make.file("wrong.pem", words)
        const { code, stderr } = yield* tries(["say", "--tls", "--ca", file, "localhost", "hi"])
        expect(code).toBe(1)
        expect(stderr).toContain(`partyline: cannot use ${file}: it is no certificate`)
      }
    }))
})
