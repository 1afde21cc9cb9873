/** The built program over TLS, with real clients. */
import { X509Certificate } from "node:crypto"
import { readFileSync, writeFileSync } from "node:fs"
import * as Net from "node:net"
import * as Tls from "node:tls"
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { certificates, type Pair } from "../support/Certificates.ts"
import { asks, opsPortOf, valueOf } from "../support/Operator.ts"
import { calling, itNeeds, type Process, partyline, runs, starts } from "../support/Program.ts"

const TLS_ONLY = ["--host", "127.0.0.1", "--tls-port", "0"]

/** Waits until the program listens on `count` ports, and returns them. */
const portsOf = (program: Process, count: number) =>
  Effect.map(
    program.captures(/(?:^Waiting for Incoming Connections on \S+:|"event":"listening".*"port":)(\d+)/, count),
    (ports) => ports.map(Number)
  )

const servesTls = ({ cert, key }: Pair, ...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const program = yield* partyline([...TLS_ONLY, "--tls-cert", cert, "--tls-key", key, ...args])
    const [port = 0] = yield* portsOf(program, 1)
    return { program, port }
  })

/** Connects with TLS. `first` is sent in the clear before the handshake. */
const dialTls = (port: number, options: Tls.ConnectionOptions = {}, first = "") =>
  Effect.orDie(
    calling((ready) => {
      const socket = Net.connect({ host: "127.0.0.1", port })
      socket.write(first)
      return Tls.connect({ socket, rejectUnauthorized: false, ...options }, ready)
    })
  )

const commonName = (socket: Net.Socket) =>
  socket instanceof Tls.TLSSocket ? socket.getPeerCertificate().subject.CN : ""

const test = itNeeds("openssl", "ncat", "nc")

describe("over TLS", { concurrent: true }, () => {
  test("LIST shows the descriptor that is in the log (openssl s_client)", () =>
    Effect.gen(function* () {
      const { port, program } = yield* servesTls((yield* certificates).selfSigned("localhost"))
      const ann = yield* starts(["openssl", "s_client", "-connect", `127.0.0.1:${port}`, "-quiet"])
      yield* ann.types("JOIN ann")
      yield* ann.types("LIST")
      yield* ann.types("QUIT")
      const { stdout } = yield* ann.ended
      const [fd = ""] = yield* program.captures(/^Client \((\d+)\): JOIN ann$/, 1)
      expect(stdout).toContain("JOIN ann Request Accepted\r\n")
      expect(stdout).toContain(`\r\nann                    ${fd}\r\n`)
      yield* program.says(`Client (${fd}): Disconnecting User.`)
    }))

  test("a client gets all replies after it has closed its sending half (ncat --ssl)", () =>
    Effect.gen(function* () {
      const { port } = yield* servesTls((yield* certificates).selfSigned("localhost"))
      const asks = "{ echo JOIN ann; for n in $(seq 5000); do echo PING; done; } | ncat --ssl 127.0.0.1 $PORT"
      const { code, stdout } = yield* runs(["bash", "-c", asks], { PORT: String(port) })
      expect(code).toBe(0)
      expect(stdout).toBe(`JOIN ann Request Accepted\r\n${"PONG\r\n".repeat(5000)}`)
    }))

  test("a client that has closed its sending half gets replies that have to wait", () =>
    Effect.gen(function* () {
      const pair = (yield* certificates).selfSigned("localhost")
      const { port } = yield* servesTls(pair, "--trust-proxy", "127.0.0.1", "--rate", "20", "--burst", "1")
      const ann = yield* dialTls(port, {}, "PROXY TCP4 192.0.2.1 198.51.100.7 40000 8001\r\n")
      yield* ann.sends(`JOIN ann\n${"PING\n".repeat(4)}`)
      yield* ann.hangsUp
      expect(yield* ann.isLeft).toEqual(["JOIN ann Request Accepted", ...Array(4).fill("PONG")])
    }))

  test("clients share the room with clients of the plain port", () =>
    Effect.gen(function* () {
      const { cert, key } = (yield* certificates).selfSigned("localhost")
      const program = yield* partyline(["0", ...TLS_ONLY, "--tls-cert", cert, "--tls-key", key])
      const [plain = 0, secure = 0] = yield* portsOf(program, 2)
      const ann = yield* dialTls(secure)
      yield* ann.types("JOIN ann")
      expect(yield* ann.hears).toBe("JOIN ann Request Accepted")
      const bob = yield* starts(["nc", "127.0.0.1", String(plain)])
      yield* bob.types("JOIN bob")
      yield* bob.types("MESG ann hello")
      expect(yield* ann.hears).toBe("FROM bob: hello")
    }))

  test("a client that does not read is disconnected, and its sender goes on", () =>
    Effect.gen(function* () {
      const pair = (yield* certificates).selfSigned("localhost")
      const { port, program } = yield* servesTls(pair, "--patience", "200ms", "--drain-timeout", "200ms")
      const ann = yield* dialTls(port)
      const bob = yield* dialTls(port)
      yield* bob.types("JOIN bob")
      yield* bob.hears
      bob.socket.pause()
      yield* ann.types("JOIN ann")
      yield* ann.hears
      yield* ann.sends(`MESG bob ${"x".repeat(4000)}\n`.repeat(8000))
      yield* ann.types("PING")
      const heard = [yield* ann.hears]
      while (heard.at(-1) !== "PONG") heard.push(yield* ann.hears)
      yield* program.captures(/^Client \((\d+)\): Slow Consumer\. Disconnecting User\.$/, 1)
    }))

  test("a slow reader gets a megabyte of replies, complete", () =>
    Effect.gen(function* () {
      const { port } = yield* servesTls((yield* certificates).selfSigned("localhost"), "--outbox", "10000")
      const ann = yield* dialTls(port)
      ann.socket.pause()
      let bytes = 0
      ann.socket.on("data", (chunk) => {
        bytes += chunk.length
      })
      yield* ann.sends(`JOIN ann\n${"PING\n".repeat(200_000)}QUIT\n`)
      yield* Effect.sleep("200 millis")
      yield* Effect.async<void>((resume) => {
        ann.socket.on("end", () => resume(Effect.void)).resume()
      })
      expect(bytes).toBe("JOIN ann Request Accepted\r\n".length + 200_000 * "PONG\r\n".length)
    }))

  for (const [sent, command] of [
    ["plain text", "printf 'JOIN ann\\n' | nc -N 127.0.0.1 $PORT"],
    ["an HTTP request", "printf 'GET / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' | nc -N 127.0.0.1 $PORT"],
    ["random bytes", "head -c 3000 /dev/urandom | nc -N 127.0.0.1 $PORT"],
    ["TLS 1.1", "openssl s_client -connect 127.0.0.1:$PORT -tls1_1 </dev/null"]
  ] as const) {
    test(`a failed handshake costs one leaving line and nothing else: ${sent}`, () =>
      Effect.gen(function* () {
        const { port, program } = yield* servesTls((yield* certificates).selfSigned("localhost"))
        yield* runs(["bash", "-c", command], { PORT: String(port) })
        yield* program.captures(/^Client \((\d+)\): Connection Error \([A-Z0-9_]+\)\. Disconnecting User\.$/, 1)
        expect(program.lines).toHaveLength(5)
        yield* dialTls(port)
        expect(program.stderr).toBe("")
      }))
  }

  test("a client that sends nothing is disconnected after ten seconds", () =>
    Effect.gen(function* () {
      const { port, program } = yield* servesTls((yield* certificates).selfSigned("localhost"))
      const started = process.hrtime.bigint()
      yield* calling((ready) => Net.connect({ host: "127.0.0.1", port }, ready))
      yield* program.captures(/^Client \((\d+)\): Connection Error \(ERR_TLS_HANDSHAKE_TIMEOUT\)/, 1)
      expect(Number(process.hrtime.bigint() - started) / 1e9).toBeGreaterThan(9.9)
    }).pipe(Effect.orDie))

  test("a client that hangs up during the handshake leaves at once", () =>
    Effect.gen(function* () {
      const { port, program } = yield* servesTls((yield* certificates).selfSigned("localhost"))
      for (const first of [Uint8Array.of(22, 3, 1, 0, 200), Uint8Array.of()]) {
        const known = program.lines.length
        const ann = yield* calling((ready) => Net.connect({ host: "127.0.0.1", port }, ready))
        yield* ann.sends(first)
        yield* ann.hangsUp
        const said = yield* program.until(() => (program.lines.length >= known + 3 ? program.lines.at(-1) : undefined))
        expect(said).toMatch(/^Client \(\d+\): Connection Error \((CLOSED|ECONNRESET)\)\. Disconnecting User\.$/)
      }
    }).pipe(Effect.orDie))

  for (const version of ["-tls1_2", "-tls1_3"]) {
    test(`the end of a connection is announced with close_notify (openssl s_client ${version})`, () =>
      Effect.gen(function* () {
        const { port, program } = yield* servesTls(
          (yield* certificates).selfSigned("localhost"),
          "--max-connections",
          "1"
        )
        const connect = [
          "openssl",
          "s_client",
          "-connect",
          `127.0.0.1:${port}`,
          "-quiet",
          "-no_ign_eof",
          version
        ] as const
        const ann = yield* starts(connect)
        yield* ann.types("JOIN ann")
        yield* program.captures(/^Client \((\d+)\): (JOIN ann)$/, 1)
        // Its input stays open: the server ends the connection.
        for (let round = 0; round < 3; round++) {
          const { code, stderr, stdout } = yield* (yield* starts(connect)).ended
          expect(stdout).toBe("Too Many Connections. Disconnecting User.\r\n")
          expect(stderr).not.toContain("eof")
          expect(code).toBe(0)
        }
        yield* ann.types("QUIT")
        const { code, stderr } = yield* ann.ended
        expect(stderr).not.toContain("eof")
        expect(code).toBe(0)
      }))
  }

  test("a PROXY header can precede the handshake, in the same packet too", () =>
    Effect.gen(function* () {
      const pair = (yield* certificates).selfSigned("localhost")
      const { port, program } = yield* servesTls(pair, "--trust-proxy", "127.0.0.1", "--log-format", "json")
      const ann = yield* dialTls(port, {}, "PROXY TCP4 192.0.2.1 198.51.100.7 40000 8001\r\n")
      yield* ann.types("JOIN ann")
      expect(yield* ann.hears).toBe("JOIN ann Request Accepted")
      expect(yield* program.captures(/"peer":"([^"]+)"/, 1)).toEqual(["192.0.2.1:40000"])
    }))

  test("connections in a handshake count for --max-per-address: one address cannot use up --max-connections", () =>
    Effect.gen(function* () {
      const pair = (yield* certificates).selfSigned("localhost")
      const limits = ["--max-per-address", "2", "--max-connections", "10"]
      const { port, program } = yield* servesTls(pair, "--trust-proxy", "127.0.0.1", ...limits)
      // Twelve connections that never start a handshake.
      yield* Effect.forEach(Array(12), () =>
        calling((ready) =>
          Net.connect({ host: "127.0.0.1", port }, ready).on("connect", function (this: Net.Socket) {
            this.write("PROXY TCP4 9.9.9.9 198.51.100.7 40000 8001\r\n")
          })
        )
      )
      // It has read all those headers.
      yield* program.captures(/^Client \((\d+)\): Connection Accepted$/, 12)
      const ann = yield* dialTls(port, {}, "PROXY TCP4 8.8.8.8 198.51.100.7 40000 8001\r\n")
      yield* ann.types("JOIN ann")
      expect(yield* ann.hears).toBe("JOIN ann Request Accepted")
    }))

  test("--tls-client-ca admits only clients with a certificate of that authority", () =>
    Effect.gen(function* () {
      const { selfSigned, signed } = yield* certificates
      const authority = selfSigned("authority")
      const { port, program } = yield* servesTls(selfSigned("localhost"), "--tls-client-ca", authority.cert)
      const talk = (...args: ReadonlyArray<string>) =>
        runs([
          "bash",
          "-c",
          '{ echo JOIN ann; echo QUIT; sleep 0.5; } | openssl s_client -quiet -connect "$@"',
          "bash",
          `127.0.0.1:${port}`,
          ...args
        ])
      const as = ({ cert, key }: Pair) => talk("-cert", cert, "-key", key)
      expect((yield* as(signed("ann", authority))).stdout).toContain("JOIN ann Request Accepted")
      expect((yield* talk()).stdout).not.toContain("Accepted")
      expect((yield* as(signed("eve", selfSigned("another")))).stdout).not.toContain("Accepted")
      yield* program.captures(/^Client \((\d+)\): Connection Error \([A-Z0-9_]+\)\. Disconnecting User\.$/, 2)
      expect(program.lines.filter((line) => line.includes("JOIN"))).toHaveLength(1)
    }))
})

describe("a client that needs a certificate", { concurrent: true }, () => {
  for (const version of ["tls1_2", "tls1_3"]) {
    test(`is not let in by resuming a session when its certificate has expired (${version})`, () =>
      Effect.gen(function* () {
        const { expiring, file, selfSigned } = yield* certificates
        const authority = selfSigned("authority")
        const { port, program } = yield* servesTls(selfSigned("localhost"), "--tls-client-ca", authority.cert)
        const { cert, key } = expiring("ann", authority, 6000)
        const session = file("session", "")
        const talks = (...args: ReadonlyArray<string>) =>
          runs([
            "bash",
            "-c",
            '{ echo JOIN ann; echo QUIT; sleep 0.5; } | openssl s_client -ign_eof -connect "$@"',
            "bash",
            ...[`127.0.0.1:${port}`, `-${version}`, "-cert", cert, "-key", key, ...args]
          ])
        expect((yield* talks("-sess_out", session)).stdout).toContain("JOIN ann Request Accepted")
        const end = Date.parse(new X509Certificate(readFileSync(cert)).validTo)
        yield* Effect.repeat(Effect.sleep("100 millis"), { while: () => Date.now() <= end })
        const { stdout } = yield* talks("-sess_in", session)
        expect(stdout).not.toContain("Accepted")
        yield* program.captures(/^Client \((\d+)\): Connection Error \([A-Z0-9_]+\)\. Disconnecting User\.$/, 1)
        expect(program.lines.filter((line) => line.includes("JOIN"))).toHaveLength(1)
      }))
  }
})

describe("a client that renegotiates", () => {
  test("is refused that", () =>
    Effect.gen(function* () {
      const { port } = yield* servesTls((yield* certificates).selfSigned("localhost"))
      const client = yield* starts(["openssl", "s_client", "-tls1_2", "-connect", `127.0.0.1:${port}`])
      yield* client.types("JOIN ann")
      yield* client.until(() => (client.stdout.includes("JOIN ann Request Accepted") ? true : undefined))
      // s_client takes this letter at the beginning of a line as an order.
      yield* client.types("R")
      expect((yield* client.ended).stderr).toContain("no renegotiation")
    }))
})

describe("the expiry of the certificate", () => {
  itNeeds("openssl", "promtool")("is a metric, and that of the new one after a reload", () =>
    Effect.gen(function* () {
      const { replace, selfSigned } = yield* certificates
      const old = selfSigned("old", 10)
      const { program } = yield* servesTls(old, "--ops-port", "0")
      const opsPort = yield* opsPortOf(program)
      const metrics = Effect.map(asks(opsPort, "/metrics"), ({ body }) => body)
      const expiry = Effect.map(metrics, (body) => valueOf(body, "partyline_tls_certificate_expiry_timestamp_seconds"))
      const expected = () => Date.parse(new X509Certificate(readFileSync(old.cert)).validTo) / 1000
      expect(yield* expiry).toBe(expected())
      replace(old, selfSigned("new", 20))
      yield* program.signals("SIGHUP")
      yield* program.captures(/^(TLS Certificate Reloaded)/, 1)
      expect(yield* expiry).toBe(expected())
      const linter = yield* starts(["promtool", "check", "metrics"])
      linter.child.stdin.end(yield* metrics)
      expect(yield* linter.ended).toMatchObject({ code: 0, stdout: "", stderr: "" })
    })
  )
})

describe("SIGHUP", { concurrent: true }, () => {
  test("loads a new certificate, and keeps the connections", () =>
    Effect.gen(function* () {
      const { replace, selfSigned } = yield* certificates
      const old = selfSigned("old")
      const { port, program } = yield* servesTls(old)
      const ann = yield* dialTls(port)
      expect(commonName(ann.socket)).toBe("old")
      replace(old, selfSigned("new"))
      yield* program.signals("SIGHUP")
      yield* program.captures(
        /^TLS Certificate Reloaded: (CN=new \(Expires [^)]+ GMT\), Was CN=old \(Expires [^)]+ GMT\))$/,
        1
      )
      expect(commonName((yield* dialTls(port)).socket)).toBe("new")
      yield* ann.types("JOIN ann")
      expect(yield* ann.hears).toBe("JOIN ann Request Accepted")
      yield* program.signals("SIGHUP")
      yield* program.captures(/^TLS Certificate Reloaded: (CN=new \(Expires [^)]+ GMT\), Unchanged)$/, 1)
    }))

  test("with an unusable certificate, logs one line and keeps the old certificate", () =>
    Effect.gen(function* () {
      const { selfSigned } = yield* certificates
      const old = selfSigned("old")
      const { port, program } = yield* servesTls(old)
      for (const words of ["rubbish", "-----BEGIN CERTIFICATE-----\nrubbish\n-----END CERTIFICATE-----\n"]) {
        const said = () => program.lines.filter((line) => line.startsWith("TLS"))
        const known = said().length
        writeFileSync(old.cert, words)
        yield* program.signals("SIGHUP")
        yield* program.until(() => (said().length > known ? true : undefined))
        expect(said().slice(known)).toEqual([
          `TLS Certificate Not Reloaded, Keeping the Old One (${old.cert}: it is no certificate).`
        ])
        expect(commonName((yield* dialTls(port)).socket)).toBe("old")
      }
    }))

  test("with a certificate that has expired, or is not valid yet, keeps the old one", () =>
    Effect.gen(function* () {
      const { early, expired, replace, selfSigned } = yield* certificates
      const old = selfSigned("old")
      const { port, program } = yield* servesTls(old)
      replace(old, expired("ended"))
      yield* program.signals("SIGHUP")
      yield* program.says(`TLS Certificate Not Reloaded, Keeping the Old One (${old.cert}: it has expired).`)
      replace(old, early("early"))
      yield* program.signals("SIGHUP")
      yield* program.says(`TLS Certificate Not Reloaded, Keeping the Old One (${old.cert}: it is not valid yet).`)
      expect(commonName((yield* dialTls(port)).socket)).toBe("old")
    }))

  test("with a certificate that ends soon, warns as at the start", () =>
    Effect.gen(function* () {
      const { ending, replace, selfSigned } = yield* certificates
      const old = selfSigned("old")
      const { program } = yield* servesTls(old)
      replace(old, ending("ending"))
      yield* program.signals("SIGHUP")
      yield* program.captures(/^Configuration: (\S+) and its key can be used, but it expires in 20 days or less/, 1)
    }))
})
