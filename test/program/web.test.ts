/** The built program and browsers: the page, TLS on the plain port, proxies, and what turns it off. */
import * as Net from "node:net"
import * as Tls from "node:tls"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { awaits, opens } from "../support/Browser.ts"
import { certificates } from "../support/Certificates.ts"
import { calling, dial, itNeeds, partyline, runs, serves } from "../support/Program.ts"

const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
const UPGRADE = [
  ...["GET /ws HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket"],
  ...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", ""]
].join("\r\n")
/** A text message with a mask of zero. */
const message = (text: string) =>
  Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])

/** A program with a certificate, on a plain port and one for TLS. */
const servesTls = (...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { cert, key } = (yield* certificates).selfSigned("chat.example.org")
    const tls = ["--tls-port", "0", "--tls-cert", cert, "--tls-key", key]
    const program = yield* partyline(["0", "--host", "127.0.0.1", ...tls, ...args])
    const ports = yield* program.captures(/^Waiting for Incoming Connections on \S+:(\d+)/, 2)
    return { program, plain: Number(ports[0]), secure: Number(ports[1]) }
  })

describe("TLS where a certificate is set", { concurrent: true }, () => {
  const test = itNeeds("openssl", "curl")

  for (const port of ["plain", "secure"] as const) {
    test(`is served on the ${port} port: page, WebSocket and lines`, () =>
      Effect.gen(function* () {
        const { program, ...ports } = yield* servesTls()
        const url = `https://localhost:${ports[port]}/`
        const { stdout } = yield* runs(["curl", "--disable", "--silent", "--insecure", "--noproxy", "*", url])
        expect(stdout).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/)
        const dials = Effect.orDie(
          calling((ready) => Tls.connect({ port: ports[port], host: "127.0.0.1", rejectUnauthorized: false }, ready))
        )
        const ann = yield* dials
        yield* ann.types("JOIN ann")
        expect(yield* ann.hears).toBe("JOIN ann Request Accepted")
        const bob = yield* dials
        yield* bob.sends(Buffer.concat([Buffer.from(UPGRADE), message("JOIN bob"), message("MESG ann hi")]))
        expect(yield* ann.hears).toBe("FROM bob: hi")
        yield* ann.types("QUIT")
        yield* ann.isLeft
        expect(program.stderr).toBe("")
      }))
  }

  test("knows itself by the names on its certificate", () =>
    Effect.gen(function* () {
      const { plain } = yield* servesTls()
      const statusFor = (host: string) =>
        Effect.gen(function* () {
          const client = yield* Effect.orDie(dial(plain))
          yield* client.sends(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
          return (yield* client.isLeft)[0]
        })
      expect(yield* statusFor("chat.example.org")).toBe("HTTP/1.1 200 OK")
      expect(yield* statusFor("www.example.org")).toBe("HTTP/1.1 421 Misdirected Request")
    }))

  test("needs no port of its own", () =>
    Effect.gen(function* () {
      const { cert, key } = (yield* certificates).selfSigned("localhost")
      const { port } = yield* serves(["--tls-cert", cert, "--tls-key", key])
      for (const connect of [
        (ready: () => void) => Tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, ready),
        (ready: () => void) => Net.connect({ port, host: "127.0.0.1" }, ready)
      ]) {
        const client = yield* Effect.orDie(calling(connect))
        yield* client.types("JOIN ann\nQUIT")
        expect(yield* client.isLeft).toEqual(["JOIN ann Request Accepted"])
      }
    }))

  test("is closed as a hello inside TLS", () =>
    Effect.gen(function* () {
      const { plain, program } = yield* servesTls()
      const client = yield* Effect.orDie(
        calling((ready) => Tls.connect({ port: plain, host: "127.0.0.1", rejectUnauthorized: false }, ready))
      )
      yield* client.sends(Buffer.from([0x16, 0x03, 0x01, 0x00]))
      expect(yield* client.isLeft).toEqual([])
      yield* program.captures(/^Client \((\d+)\): TLS Hello\. Disconnecting User\.$/, 1)
    }))

  for (const [what, bytes] of [
    ["one byte at a time", 1],
    ["in pieces of 100 bytes", 100]
  ] as const) {
    test(`is served however the hello is cut: ${what}`, () =>
      Effect.gen(function* () {
        const { plain } = yield* servesTls()
        const wire = yield* Effect.orDie(dial(plain))
        wire.socket.setNoDelay()
        // A relay that cuts what the client sends.
        const relay = yield* Effect.acquireRelease(
          Effect.async<Net.Server>((resume) => {
            const server = Net.createServer((near) => {
              const far = wire.socket
              near.on("data", (chunk) => {
                for (let at = 0; at < chunk.length; at += bytes) far.write(chunk.subarray(at, at + bytes))
              })
              far.removeAllListeners("data")
              far.on("data", (chunk) => near.write(chunk))
              near.on("error", () => {})
            }).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
          }),
          (server) => Effect.sync(() => server.close())
        )
        const address = relay.address()
        const port = typeof address === "object" ? (address?.port ?? 0) : 0
        const ann = yield* Effect.orDie(
          calling((ready) => Tls.connect({ port, host: "127.0.0.1", rejectUnauthorized: false }, ready))
        )
        yield* ann.sends(GET)
        expect((yield* ann.isLeft)[0]).toBe("HTTP/1.1 200 OK")
      }))
  }

  test("a hello that goes no further ends with the time of a handshake, or with its client", () =>
    Effect.gen(function* () {
      const { plain, program } = yield* servesTls()
      const ann = yield* Effect.orDie(dial(plain))
      yield* ann.sends(Uint8Array.of(0x16, 3, 1, 0, 200))
      yield* ann.hangsUp
      yield* program.captures(
        /^Client \((\d+)\): Connection Error \((?:CLOSED|ECONNRESET)\)\. Disconnecting User\.$/,
        1
      )
    }))
})

describe("http on the port for TLS", () => {
  itNeeds("openssl")("costs one leaving line", () =>
    Effect.gen(function* () {
      const { program, secure } = yield* servesTls()
      const ann = yield* Effect.orDie(dial(secure))
      yield* ann.sends(GET)
      yield* ann.isLeft
      yield* program.captures(/^Client \((\d+)\): Connection Error \(ERR_SSL_HTTP_REQUEST\)\. Disconnecting User\.$/, 1)
    })
  )
})

describe("the page", { concurrent: true }, () => {
  it.scopedLive("is the page of a person behind a trusted proxy too, who counts by the address in the header", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves(["--trust-proxy", "127.0.0.1", "--max-per-address", "1"])
      const from = (address: string, request: string) =>
        Effect.gen(function* () {
          const client = yield* Effect.orDie(dial(port))
          yield* client.sends(`PROXY TCP4 ${address} 198.51.100.7 40000 8001\r\n${request}`)
          return client
        })
      const ann = yield* from("192.0.2.1", UPGRADE)
      expect(yield* ann.hears).toBe("HTTP/1.1 101 Switching Protocols")
      expect(yield* (yield* from("192.0.2.1", GET)).isLeft).toEqual(["Too Many Connections. Disconnecting User."])
      expect((yield* (yield* from("192.0.2.2", GET)).isLeft)[0]).toBe("HTTP/1.1 200 OK")
      expect(program.stderr).toBe("")
    })
  )

  it.scopedLive("is not there with --no-web, by flag, variable or file", () =>
    Effect.gen(function* () {
      for (const [args, env] of [
        [["--no-web"], {}],
        [[], { PARTYLINE_NO_WEB: "true" }]
      ] as const) {
        const { connects } = yield* serves(args, { env })
        const client = yield* connects
        yield* client.sends(UPGRADE)
        expect((yield* client.isLeft)[0]).toBe("HTTP/1.1 404 Not Found")
      }
    })
  )

  it.scopedLive("answers to further names, and lets pages of further origins connect", () =>
    Effect.gen(function* () {
      const more = ["--web-host", "chat.example.org", "--web-origin", "https://www.example.org"]
      const { connects } = yield* serves(more)
      const client = yield* connects
      const request = UPGRADE.replace("localhost", "chat.example.org").replace(
        "Upgrade:",
        "Origin: https://www.example.org\r\nUpgrade:"
      )
      yield* client.sends(request)
      expect(yield* client.hears).toBe("HTTP/1.1 101 Switching Protocols")
    })
  )
})

describe("Chromium", () => {
  const test = itNeeds("chromium")

  test("opens the page and connects; the page of another origin does not", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves(["--motd", "Welcome."])
      const tab = yield* opens(`http://localhost:${port}/`)
      expect(tab.troubles).toEqual([])
      const [fd] = yield* program.captures(/^Client \((\d+)\): HTTP Request\. Disconnecting User\.$/, 1)
      expect(fd).toBeDefined()
      const other = yield* serves([])
      const elsewhere = yield* opens(`http://localhost:${other.port}/`)
      const connect = `new Promise((resolve) => {
        const socket = new WebSocket("ws://localhost:${port}/ws")
        socket.onopen = () => resolve("open")
        socket.onerror = () => resolve("refused")
      })`
      expect(yield* awaits(() => tab.page.evaluate(connect))).toBe("open")
      expect(yield* awaits(() => elsewhere.page.evaluate(connect))).toBe("refused")
    }))
})
