import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { beginsWithLines, type Protocol, ProtocolDetector } from "../../src/protocol/ProtocolDetector.ts"

const MAX_LINE = 64
const bytes = (text: string) => Buffer.from(text, "latin1")

/** The protocol of a client that begins with these chunks; undefined while it is not known. */
const detect = (...chunks: ReadonlyArray<Uint8Array>): Protocol | undefined => {
  const detector = new ProtocolDetector(MAX_LINE)
  for (const chunk of chunks) {
    const protocol = detector.push(chunk)
    if (protocol !== undefined) return protocol
  }
  return undefined
}

type Seen =
  | Exclude<Protocol, { readonly _tag: "Http" | "Tls" }>
  | { readonly _tag: "Http"; readonly version: number; readonly isTooLong: boolean }
  | { readonly _tag: "Tls" }

const http = (version: number, isTooLong = false): Seen => ({ _tag: "Http", version, isTooLong })
const lines: Seen = { _tag: "Lines" }
const tls: Seen = { _tag: "Tls" }
const proxy: Seen = { _tag: "Proxy" }

/** Without what has come of a request or a hello. */
const kindOf = (protocol: Protocol | undefined): Seen | undefined => {
  if (protocol?._tag === "Http") return http(protocol.version, protocol.isTooLong)
  return protocol?._tag === "Tls" ? tls : protocol
}

const PROXY_2 = "\r\n\r\n\0\r\nQUIT\n"

const cases: ReadonlyArray<readonly [begins: string, protocol: Seen | undefined]> = [
  ["GET / HTTP/1.1\r\n", http(1)],
  ["GET / HTTP/1.0\n", http(1)],
  ["GET / HTTP/1.1\r", http(1)],
  ["POST /ws HTTP/1.1\r\nHost: x\r\n\r\nJOIN evil\r\n", http(1)],
  ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", http(2)],
  ["GET / HTTP/3\r\n", http(3)],
  ["GET HTTP/1.1\r\n", http(1)],
  ["GET /\xef HTTP/1.1\r\n", http(1)],
  ["get / HTTP/1.1\r\n", http(1)],
  ["M-SEARCH * HTTP/1.1\r\n", http(1)],
  ["JOIN bob HTTP/1.1\r\n", http(1)],
  ["\r\n\n\r\0GET / HTTP/1.1\r\n", http(1)],
  ["\xef\xbb\xbfGET / HTTP/1.1\r\n", http(1)],
  ["\r\n\xef\xbb\xbfGET / HTTP/1.1\r\n", http(1)],
  ["\xef\xbb\xbf\r\nGET / HTTP/1.1\r\n", http(1)],
  ["\xff\xfb\x1f\xff\xfa\x1f\0\x50\0\x18\xff\xf0GET / HTTP/1.1\r\n", http(1)],
  ["G\xff\xf1ET / HT\xff\xf1TP/1.1\r\n", http(1)],
  [`GET /${"a".repeat(5000)} HTTP/1.1\r\n`, http(1, true)],
  ["GET / HTTP/1.1", undefined],
  ["GET / HTTP/1.1 \r\n", lines],
  ["GET / HTTP/one\r\n", lines],
  ["GET / http/1.1\r\n", lines],
  ["GET /\r\n", lines],
  ["G3T / HTTP/1.1\r\n", lines],
  [" GET / HTTP/1.1\r\n", lines],
  ["HTTP/1.1 200 OK\r\n", lines],
  ["\x08GET / HTTP/1.1\r\n", lines],
  ["\xefGET / HTTP/1.1\r\n", lines],
  ["\xef\xbb\r\n", lines],
  ["\xef\xbbGET / HTTP/1.1\r\n", lines],
  ["\xef\xbb\xbf\xef\xbb\xbfGET / HTTP/1.1\r\n", lines],
  ["JOIN ann\n", lines],
  ["JOIN ann\r", lines],
  ["JOIN ann", undefined],
  ["", undefined],
  ["\r\n\r\n", undefined],
  ["\x16\x03\x01\x02\0", tls],
  ["\x16", undefined],
  ["\x16\x04\n", lines],
  ["x\x16\x03\n", lines],
  ["PROXY TCP4 192.0.2.1 198.51.100.7 1 2\r\n", proxy],
  ["PROXY TCP6 ::1 ::1 1 2\r\n", proxy],
  ["PROXY UNKNOWN\r\n", proxy],
  ["PROXY please\r\n", lines],
  ["\xef\xbbPROXY UNKNOWN\r\n", lines],
  ["\r\xef\xbb\0GET / HTTP/1.1", undefined],
  ["\r\xef\xbb\xbf\0GET / HTTP/1.1\r\n", lines],
  [PROXY_2, proxy],
  [`${PROXY_2}\x21\x11\0\0`, proxy],
  ["\r\n\r\n\0\r\nQUIT now\n", lines]
]

describe("the beginning of a connection", () => {
  it.each(cases)("%j is %j", (begins, protocol) => {
    assert.deepStrictEqual(kindOf(detect(bytes(begins))), protocol)
    assert.deepStrictEqual(kindOf(detect(...Array.from(bytes(begins), (byte) => Uint8Array.of(byte)))), protocol)
  })

  it.prop(
    "is HTTP whatever the path and however it is cut",
    [FastCheck.stringMatching(/^[!-~]{0,300}$/), FastCheck.array(FastCheck.nat(400), { maxLength: 5 })],
    ([path, places]) => {
      const whole = bytes(`GET /${path} HTTP/1.1\r\n`)
      const ends = [...places, whole.length].sort((a, b) => a - b)
      const chunks = ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end))
      assert.deepStrictEqual(kindOf(detect(...chunks)), http(1, whole.length - 2 > MAX_LINE))
    }
  )

  it.prop(
    "is handed on from the first byte of the request, whatever came before it and however it is cut",
    [
      FastCheck.constantFrom("", "\r\n\n", "\xff\xf1\xef\xbb\xbf", "\xff\xfa\x18\0xterm\xff\xf0"),
      FastCheck.array(FastCheck.nat(80))
    ],
    ([before, places]) => {
      const request = "HEAD /a/long/path HTTP/1.1\r\nHost: localhost\r\n\r\nbody"
      const whole = bytes(before + request)
      const ends = [...places.filter((place) => place < whole.length), whole.length].sort((a, b) => a - b)
      const detector = new ProtocolDetector(MAX_LINE)
      let rest = ""
      let found: Protocol | undefined
      for (const [index, end] of ends.entries()) {
        const chunk = whole.subarray(ends[index - 1] ?? 0, end)
        if (found === undefined) found = detector.push(chunk)
        else rest += chunk.toString("latin1")
      }
      assert.isTrue(found?._tag === "Http" && found.isHead)
      if (found?._tag === "Http") assert.strictEqual(Buffer.from(found.begun).toString("latin1") + rest, request)
    }
  )

  it("of a TLS hello is handed on whole, however it is cut", () => {
    const hello = bytes("\x16\x03\x01\x02\0")
    for (const chunks of [
      [hello],
      [hello.subarray(0, 1), hello.subarray(1)],
      [hello.subarray(0, 1), hello.subarray(1, 2)]
    ]) {
      const found = detect(...chunks)
      assert.deepStrictEqual(found?._tag === "Tls" ? Buffer.from(found.begun) : undefined, Buffer.concat(chunks))
    }
  })

  it("of an endless request line is held in part only", () => {
    const detector = new ProtocolDetector(MAX_LINE)
    for (let round = 0; round < 100; round++) assert.isUndefined(detector.push(bytes(`GET ${"a".repeat(1000)}`)))
    const found = detector.push(bytes(" HTTP/1.1\n"))
    assert.isTrue(found?._tag === "Http" && found.isTooLong && found.begun.length < 20_000)
  })

  it.each([
    ["JOIN ann\n", true],
    ["JOIN ann\r\nGET / HTTP/1.1\r\n", true],
    ["JOIN ann7\n", true],
    ["JOIN ann", false],
    ["BCST see http://a.example\n", false],
    ["\nJOIN ann\n", false],
    ["PROXY UNKNOWN\r\n", false],
    ["GET / HTTP/1.1\r\n", false],
    ["\xff\xf1JOIN ann\n", false],
    ["", false]
  ])("%j is plainly lines: %s", (begins, is) => assert.strictEqual(beginsWithLines(bytes(begins)), is))

  it.each(cases)("%j is not plainly lines unless it is lines", (begins, protocol) => {
    if (beginsWithLines(bytes(begins))) assert.deepStrictEqual(protocol, lines)
  })
})
