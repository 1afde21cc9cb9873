/** Requests as bytes, on a real port. */
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import { HEAD_BYTES } from "../../src/protocol/HttpHead.ts"
import { overTcp } from "../support/World.ts"

const web = { hosts: ["chat.example.org"], origins: [] }
const HTTP = /: HTTP Request\. Disconnecting User\.$/

/** The status of an answer, its fields and its body. */
const partsOf = (lines: ReadonlyArray<string>) => {
  const end = lines.indexOf("")
  const [first = "", ...fields] = lines.slice(0, end)
  const [, status = ""] = /^HTTP\/1\.1 (\d+) [A-Z]/.exec(first) ?? []
  const known = new Map(fields.map((field) => [field.replace(/:.*/, ""), field.replace(/.*?: /, "")]))
  return { status, fields: known, body: lines.slice(end + 1) }
}

const asks = (request: string, options: Parameters<typeof overTcp>[1] = { web }, limits = {}) =>
  Effect.gen(function* () {
    const { connectsWith, log } = yield* overTcp(limits, options)
    const client = yield* connectsWith(request)
    // The body of a page ends without a line end.
    const lines = (yield* client.isLeft).join("\n")
    return { ...partsOf(lines.split("\n")), log: log.lines.at(-1) ?? "", text: client.received().toString() }
  })

/** A request for the page with a head of so many bytes. */
const requestOf = (size: number) => {
  const [start, end] = ["GET / HTTP/1.1\r\nHost: localhost\r\nX: ", "\r\n\r\n"]
  return `${start}${"a".repeat(size - start.length - end.length)}${end}`
}

describe("an answer", () => {
  for (const [what, request, status] of [
    ["the page", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "200"],
    ["HTTP/1.0", "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n", "200"],
    ["a host that was allowed", "GET / HTTP/1.1\r\nHost: chat.example.org:8001\r\n\r\n", "200"],
    ["HTTP/2, whatever else", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"],
    ["a long request line, whatever else", `POST /${"a".repeat(5000)} HTTP/1.1\r\n\r\n`, "414"],
    ["20 KB of fields, whatever else", `POST /x HTTP/1.1\r\nX: ${"a".repeat(20_000)}\r\n\r\n`, "431"],
    ["20 KB of fields that do not end", `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"a".repeat(20_000)}`, "431"],
    ["a head of the greatest size", requestOf(HEAD_BYTES), "200"],
    ["one byte more", requestOf(HEAD_BYTES + 1), "431"],
    ["no host", "POST /x HTTP/1.1\r\nOrigin: null\r\n\r\n", "400"],
    ["the host of somebody else", "POST /x HTTP/1.1\r\nHost: evil.example\r\nOrigin: null\r\n\r\n", "421"],
    ["another path", "POST /x HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n\r\n", "404"],
    ["POST, with a body", "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nJOIN evil", "405"],
    ["no upgrade", "GET /ws HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\n\r\n", "426"]
  ] as const) {
    it.scopedLive(`to ${what}: ${status}`, () =>
      Effect.gen(function* () {
        const answer = yield* asks(request)
        assert.strictEqual(answer.status, status)
        assert.strictEqual(answer.fields.get("Connection"), "close")
        assert.match(answer.log, HTTP)
      })
    )
  }

  it.scopedLive("is a page under a strict policy, which knows --max-line", () =>
    Effect.gen(function* () {
      const { fields, text } = yield* asks("GET / HTTP/1.1\r\nHost: localhost:8001\r\n\r\n", { web }, { maxLine: 77 })
      assert.include(text, 'data-max-line="77"')
      const policy = fields.get("Content-Security-Policy") ?? ""
      for (const part of [
        "default-src 'none'",
        "connect-src 'self' ws://localhost:8001 wss://localhost:8001",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'"
      ]) {
        assert.include(policy, part)
      }
      assert.notInclude(policy, "unsafe")
      assert.strictEqual(fields.get("X-Content-Type-Options"), "nosniff")
      assert.strictEqual(fields.get("Referrer-Policy"), "no-referrer")
      assert.strictEqual(fields.get("Cross-Origin-Opener-Policy"), "same-origin")
      assert.strictEqual(fields.get("Cross-Origin-Resource-Policy"), "same-origin")
      const body = text.slice(text.indexOf("\r\n\r\n") + 4)
      assert.strictEqual(fields.get("Content-Length"), String(Buffer.byteLength(body)))
    })
  )

  it.scopedLive("to HEAD has no body, and the length of one", () =>
    Effect.gen(function* () {
      const { fields, text } = yield* asks("HEAD / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      assert.match(text, /\r\n\r\n$/)
      assert.isAbove(Number(fields.get("Content-Length")), 100)
    })
  )

  it.scopedLive("to /ws without an upgrade says which one there is", () =>
    Effect.gen(function* () {
      const { fields } = yield* asks("GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n")
      assert.strictEqual(fields.get("Upgrade"), "websocket")
      assert.strictEqual(fields.get("Sec-WebSocket-Version"), "13")
    })
  )

  it.scopedLive("to POST says what is allowed", () =>
    Effect.gen(function* () {
      const { fields } = yield* asks("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      assert.strictEqual(fields.get("Allow"), "GET, HEAD")
    })
  )

  it.scopedLive("ends the connection behind one request", () =>
    Effect.gen(function* () {
      const request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
      const { text } = yield* asks(request + request)
      assert.strictEqual(text.split("HTTP/1.1 200").length, 2)
    })
  )

  for (const [what, request, status] of [
    ["a request", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "404"],
    ["a request without a host", "GET / HTTP/1.1\r\n\r\n", "404"],
    ["POST", "POST /x HTTP/1.1\r\nHost: evil.example\r\n\r\n", "404"],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"],
    ["a long request line", `GET /${"a".repeat(5000)} HTTP/1.1\r\n\r\n`, "414"],
    ["20 KB of fields", `GET / HTTP/1.1\r\nX: ${"a".repeat(20_000)}\r\n\r\n`, "431"]
  ] as const) {
    it.scopedLive(`without a page, to ${what}: ${status}`, () =>
      Effect.gen(function* () {
        const answer = yield* asks(request, {})
        assert.strictEqual(answer.status, status)
        assert.match(answer.log, HTTP)
      })
    )
  }
})

describe("half a request", () => {
  for (const [options, status] of [
    [{ web }, 408],
    [{}, 404]
  ] as const) {
    it.scoped(`has ten seconds from its first byte: ${status}`, () =>
      Effect.gen(function* () {
        const { connectsWith, log } = yield* overTcp({}, options)
        const client = yield* connectsWith("GET")
        // A second client proves that the server has read the first.
        const settled = Effect.flatMap(connectsWith("JOIN bob\nQUIT\n"), ({ isLeft }) => isLeft)
        yield* settled
        yield* TestClock.adjust("9 seconds")
        yield* client.sends(" / HTTP/1.1\r\nHost: localhost\r\n")
        yield* Effect.flatMap(connectsWith("JOIN bob\nQUIT\n"), ({ isLeft }) => isLeft)
        const left = yield* Effect.fork(client.isLeft)
        yield* TestClock.adjust("1 seconds")
        assert.match((yield* Fiber.join(left)).join("\n"), new RegExp(`^HTTP/1\\.1 ${status} `))
        assert.match(log.lines.at(-1) ?? "", HTTP)
      })
    )
  }

  it.scoped("does not have to register in time", () =>
    Effect.gen(function* () {
      const { connectsWith } = yield* overTcp({ joinTimeout: Duration.seconds(3) }, { web })
      const client = yield* connectsWith("GET / HTTP/1.1\r\n")
      yield* Effect.flatMap(connectsWith("JOIN bob\nQUIT\n"), ({ isLeft }) => isLeft)
      yield* TestClock.adjust("9 seconds")
      yield* client.sends("Host: localhost\r\n\r\n")
      assert.match((yield* client.isLeft).join("\n"), /^HTTP\/1\.1 200 /)
    })
  )

  it.scoped("is late when its first line took ten seconds: 408", () =>
    Effect.gen(function* () {
      const { connectsWith } = yield* overTcp({}, { web })
      const client = yield* connectsWith("GET")
      yield* Effect.flatMap(connectsWith("JOIN bob\nQUIT\n"), ({ isLeft }) => isLeft)
      yield* TestClock.adjust("10 seconds")
      yield* client.sends(" / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      assert.match((yield* client.isLeft).join("\n"), /^HTTP\/1\.1 408 /)
    })
  )

  it.scopedLive("is answered when the client sends no more: 400", () =>
    Effect.gen(function* () {
      const { connectsWith, log } = yield* overTcp({}, { web })
      const client = yield* connectsWith("GET / HTTP/1.1\r\nHost: localhost\r\n")
      yield* client.hangsUp
      assert.match((yield* client.isLeft).join("\n"), /^HTTP\/1\.1 400 /)
      assert.match(log.lines.at(-1) ?? "", HTTP)
    })
  )

  it.scoped("may come after a long silence: a spare connection of a browser", () =>
    Effect.gen(function* () {
      const { connects, log } = yield* overTcp({}, { web, motd: "Welcome.\r\n" })
      const client = yield* connects
      yield* TestClock.adjust("4 minutes")
      yield* client.sends("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      assert.match((yield* client.isLeft).join("\n"), /HTTP\/1\.1 200 OK/)
      assert.match(log.lines.at(-1) ?? "", HTTP)
    })
  )

  it.scoped("does not outlive a silent spare connection's --join-timeout", () =>
    Effect.gen(function* () {
      const { connects, log } = yield* overTcp({ joinTimeout: Duration.minutes(1) }, { web })
      const client = yield* connects
      const left = yield* Effect.fork(client.isLeft)
      yield* TestClock.adjust("1 minutes")
      assert.deepStrictEqual(yield* Fiber.join(left), ["Registration Timed Out. Disconnecting User."])
      assert.match(log.lines.at(-1) ?? "", /Registration Timed Out/)
    })
  )
})

describe("a shutdown", () => {
  it.scopedLive("finishes a response that was begun", () =>
    Effect.gen(function* () {
      const { connectsWith, log, shutsDown } = yield* overTcp({}, { web })
      const client = yield* connectsWith("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
      client.socket.pause()
      yield* log.says(`Client (${client.fd}): HTTP Request. Disconnecting User.`)
      const down = yield* Effect.fork(shutsDown)
      client.socket.resume()
      yield* client.isLeft
      yield* Fiber.join(down)
      assert.match(client.received().toString(), /^HTTP\/1\.1 200 OK\r\n[\s\S]*<\/html>\n$/)
    })
  )
})
