/** Health probes and port scans: they connect, send nothing of their own, and go. */
import * as Net from "node:net"
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { certificates } from "../support/Certificates.ts"
import { opsPortOf } from "../support/Operator.ts"
import { dial, itNeeds, partyline } from "../support/Program.ts"

const HEADER = "PROXY TCP4 192.0.2.1 198.51.100.7 40000 8001\r\n"
const LOCAL = "PROXY UNKNOWN\r\n"
/** The first bytes of a TLS handshake. */
const HELLO = "\x16\x03\x01"

/** Connects, sends this, and goes by FIN or by RST. */
const probes = (port: number, by: "FIN" | "RST", first = "") =>
  Effect.async<void>((resume) => {
    const socket = Net.connect({ host: "127.0.0.1", port }, () => {
      const go = () => void (by === "FIN" ? socket.end() : socket.resetAndDestroy())
      if (first === "") go()
      else socket.write(first, go)
    })
    socket.on("error", () => {}).on("close", () => resume(Effect.void))
    socket.resume()
  })

/** The program with a plain and a TLS port, whose clients come through a trusted proxy or directly. */
const servesBoth = (isProxied: boolean) =>
  Effect.gen(function* () {
    const { cert, key } = (yield* certificates).selfSigned("localhost")
    const tls = ["--tls-port", "0", "--tls-cert", cert, "--tls-key", key]
    const trust = isProxied ? ["--trust-proxy", "127.0.0.1"] : []
    const program = yield* partyline(["0", "--host", "127.0.0.1", ...tls, ...trust])
    const [plain, secure] = yield* program.captures(/^Waiting for Incoming Connections on \S+:(\d+)/, 2)
    return { program, ports: { plain: Number(plain), TLS: Number(secure) } }
  })

const FIN = "Connection Closed. Disconnecting User."
const RST = "Connection Error (ECONNRESET). Disconnecting User."
// A reset during a handshake has either line; after a header, which is read first, libuv may report it as the end of input.
const HANDSHAKE = "Connection Error (CLOSED). Disconnecting User."

const test = itNeeds("openssl")

describe("a probe that goes without a byte of its own is logged as INFO", { concurrent: true }, () => {
  for (const [port, isProxied, first, expected] of [
    ["plain", false, "", { FIN: [FIN], RST: [RST] }],
    ["TLS", false, "", { FIN: [HANDSHAKE], RST: [RST, HANDSHAKE] }],
    ["plain", true, "", { FIN: [FIN], RST: [RST] }],
    ["plain", true, HEADER, { FIN: [FIN], RST: [RST, FIN] }],
    ["plain", true, LOCAL, { FIN: [FIN], RST: [RST, FIN] }],
    ["TLS", true, "", { FIN: [FIN], RST: [RST] }],
    ["TLS", true, HEADER, { FIN: [HANDSHAKE], RST: [RST, HANDSHAKE] }],
    ["TLS", true, LOCAL, { FIN: [HANDSHAKE], RST: [RST, HANDSHAKE] }]
  ] as const) {
    for (const by of ["FIN", "RST"] as const) {
      const how = `${isProxied ? (first === "" ? ", proxied, before the header" : `, proxied, after ${first.trim()}`) : ""}`
      test(`on the ${port} port${how}, by ${by}`, () =>
        Effect.gen(function* () {
          const { ports, program } = yield* servesBoth(isProxied)
          yield* probes(ports[port], by, first)
          const [line] = yield* program.captures(/^Client \(\d+\): (.* Disconnecting User\.)$/, 1)
          expect(expected[by]).toContain(line)
          expect(program.stdout).not.toMatch(/ (?:WARN|ERROR) /)
          expect(program.stderr).toBe("")
        }))
    }
  }

  for (const [where, isProxied, first] of [
    ["", false, HELLO],
    [", proxied", true, HEADER + HELLO]
  ] as const) {
    test(`except with a byte of a TLS handshake, which makes it a WARN: on the TLS port${where}`, () =>
      Effect.gen(function* () {
        const { ports, program } = yield* servesBoth(isProxied)
        yield* probes(ports.TLS, "FIN", first)
        const [line] = yield* program.captures(/^Client \(\d+\): (.* Disconnecting User\.)$/, 1)
        expect(line).toBe(HANDSHAKE)
        expect(program.stdout).toMatch(/ WARN Client \(\d+\): Connection Error \(CLOSED\)/)
      }))
  }

  test("on the operations port, by FIN and by RST, not at all", () =>
    Effect.gen(function* () {
      const program = yield* partyline(["0", "--host", "127.0.0.1", "--ops-port", "0"])
      const port = yield* opsPortOf(program)
      const known = program.lines.length
      yield* probes(port, "FIN")
      yield* probes(port, "RST")
      yield* probes(port, "RST", "GET / HTTP/1.1\r\n")
      const [relay = ""] = yield* program.captures(/^Waiting for Incoming Connections on \S+:(\d+)/, 1)
      const ann = yield* dial(Number(relay))
      yield* ann.types("QUIT")
      yield* program.captures(/^(Unable to Locate Client) \(\d+\) in Database\. Disconnecting User\.$/, 1)
      expect(program.lines.slice(known).filter((line) => !/Client \(\d+\)|^Waiting/.test(line))).toEqual([])
      expect(program.stderr).toBe("")
    }))
})
