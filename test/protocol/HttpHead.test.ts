import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { HeadReader, type HttpHead, parse } from "../../src/protocol/HttpHead.ts"

const bytes = (text: string) => Buffer.from(text, "latin1")
const seen = (head: HttpHead | undefined) =>
  head === undefined ? undefined : [head.method, head.path, Object.fromEntries(head.fields)]

describe("the head of a request", () => {
  it.each([
    ["GET / HTTP/1.1\r\n\r\n", ["GET", "/", {}]],
    ["GET /ws?a=/b#c HTTP/1.1\r\nHost: a\r\n\r\n", ["GET", "/ws", { host: "a" }]],
    ["GET /\nHost: a\n\n", undefined],
    ["GET / HTTP/1.0\nHost: a\n\n", ["GET", "/", { host: "a" }]],
    ["GET HTTP/1.1\r\n\r\n", ["GET", "", {}]],
    ["GET http://localhost:8001/ws?x HTTP/1.1\r\n\r\n", ["GET", "/ws", {}]],
    ["M-SEARCH * HTTP/1.1\r\n\r\n", ["M-SEARCH", "*", {}]],
    ["GET / HTTP/1.1\r\nX:\r\nHOST:a\t \r\nY:  b  c \r\n\r\n", ["GET", "/", { x: "", host: "a", y: "b  c" }]],
    ["GET / HTTP/1.1\r\nX: \t \r\nY:a\tb\t\r\n\r\n", ["GET", "/", { x: "", y: "a\tb" }]],
    ["GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", ["GET", "/", { host: "a, b" }]],
    ["GET / HTTP/1.1\r\nX: \xe9\r\n\r\n", ["GET", "/", { x: "\xe9" }]],
    ["GET / HTTP/1.1\r\nJOIN evil\r\n\r\n", undefined],
    ["GET / HTTP/1.1\r\nHost : a\r\n\r\n", undefined],
    ["GET / HTTP/1.1\r\n: a\r\n\r\n", undefined],
    ["GET / HTTP/1.1\r\nX: a\r\n folded\r\n\r\n", undefined],
    ["GET / HTTP/1.1\r\nX: a\0b\r\n\r\n", undefined],
    ["GET / HTTP/1.1\r\nX: a\rHost: b\r\n\r\n", undefined]
  ])("%j is %j", (text, expected) => assert.deepStrictEqual(seen(parse(bytes(text))), expected))

  it.each([
    ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", ""],
    ["GET / HTTP/1.1\r\nHost: a\r\n\r\n", "the body\r\n\r\n"],
    ["GET / HTTP/1.1\nHost: a\n\n", "\n"],
    ["GET / HTTP/1.1\r\n\n", "\r\n"]
  ])("%j ends before %j, however it is cut", (head, rest) => {
    const whole = bytes(head + rest)
    FastCheck.assert(
      FastCheck.property(FastCheck.array(FastCheck.nat(whole.length)), (places) => {
        const ends = [...places, whole.length].sort((a, b) => a - b)
        const reader = new HeadReader()
        for (const [index, end] of ends.entries()) {
          const found = reader.push(whole.subarray(ends[index - 1] ?? 0, end))
          if (found === undefined) continue
          assert.strictEqual(Buffer.from(found.head).toString("latin1"), head)
          assert.strictEqual(Buffer.from(found.rest).toString("latin1") + whole.subarray(end).toString("latin1"), rest)
          return
        }
        assert.fail("the end was not found")
      })
    )
  })

  it.each(["", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r"])(
    "%j has not ended",
    (text) => assert.isUndefined(new HeadReader().push(bytes(text)))
  )
})
