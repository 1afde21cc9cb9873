/**
 * The first bytes of a connection: lines, TLS, PROXY headers, and requests of HTTP, whose answers are known from how they
 * were made.
 */
import { deepStrictEqual, match, ok } from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { HeadReader, parse } from "../../src/protocol/HttpHead.ts"
import { refusal } from "../../src/protocol/HttpResponse.ts"
import { beginsWithLines, ProtocolDetector } from "../../src/protocol/ProtocolDetector.ts"
import { answer } from "../../src/web/Answer.ts"
import { dialWebSocket } from "../support/WebClient.ts"
import { overTcp } from "../support/World.ts"
import { type Beginning, beginningOf } from "./Beginning.ts"
import { type Request, request } from "./HttpRequests.ts"
import { exchange, leavingAfter } from "./RawClient.ts"
import { cutAt, liveProperty, places, property, target } from "./Target.ts"

const latin1 = (text: string): Buffer => Buffer.from(text, "latin1")

const piece = FastCheck.oneof(
  FastCheck.constantFrom(
    ...[
      "\r\n",
      "\n",
      "\r",
      "\0",
      "\xef\xbb\xbf",
      "\xef\xbb",
      "\xff\xf1",
      "\xff\xfb\x1f",
      "\xff",
      "\x16\x03\x01",
      "\x16"
    ],
    ...["\xff\xfa\x18\0xterm\xff\xf0", "\r\n\r\n\0\r\nQUIT\n", "\r\n\r\n\0\r\nQUI", "PROXY TCP4 ", "PROXY UNKNOWN\r\n"],
    ...["PROXY ", "JOIN ann\n", "BCST evil\r\n", "GET ", "POST ", "/", "/ws", "*", " ", " HTTP/1.1\r\n", " HTTP/1.0\n"],
    ...[
      " HTTP/2.0\r\n",
      " HTTP/",
      "1",
      ".",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "Host: localhost\r\n",
      "\r\n\r\n",
      "\x08",
      "\x15"
    ],
    ...("x".repeat(70).match(/.+/g) ?? [])
  ),
  FastCheck.uint8Array({ maxLength: 3 }).map((some) => Buffer.from(some).toString("latin1"))
)
const beginning = FastCheck.array(piece, { maxLength: 14 }).map((pieces) => latin1(pieces.join("")))
const maxLine = FastCheck.constantFrom(8, 64, 4096)

/** The detector's verdict, in the model's words. A request's head is not its business. */
const seen = (chunks: ReadonlyArray<Uint8Array>, maxLine: number) => {
  const detector = new ProtocolDetector(maxLine)
  let count = 0
  for (const chunk of chunks) {
    count += chunk.length
    const found = detector.push(chunk)
    if (found !== undefined) return { found, count }
  }
  return { found: undefined, count }
}

const kindOf = (beginning: Beginning): string => {
  if (typeof beginning !== "object") return beginning
  return beginning.status === 505 || beginning.status === 414 ? String(beginning.status) : "a request"
}

const detects = property(FastCheck.record({ whole: beginning, places, maxLine }), ({ maxLine, places, whole }) => {
  const chunks = cutAt(whole, places)
  const { count, found } = seen(chunks, maxLine)
  const expected = kindOf(beginningOf(whole.subarray(0, count), maxLine))
  const [first = Buffer.alloc(0)] = chunks.filter(({ length }) => length > 0)
  if (beginsWithLines(first)) deepStrictEqual(kindOf(beginningOf(Buffer.from(first), maxLine)), "lines")
  switch (found?._tag) {
    case undefined:
      return deepStrictEqual("open", expected)
    case "Lines":
      return deepStrictEqual("lines", expected)
    case "Proxy":
      return deepStrictEqual("Bad Proxy Header", expected)
    case "Tls":
      deepStrictEqual("TLS Hello", expected)
      return deepStrictEqual(Buffer.from(found.begun), whole.subarray(0, count))
    case "Http": {
      const status = found.version >= 2 ? "505" : found.isTooLong ? "414" : "a request"
      deepStrictEqual(status, expected)
      // The request goes on where the line begins, and nothing of it is lost.
      deepStrictEqual(Buffer.from(found.begun), whole.subarray(count - found.begun.length, count))
    }
  }
})

/** A response that is whole, has one head, and says nothing that could be taken for another. */
const statusOf = (response: string): number => {
  const [, head = "", body = ""] = /^(.*?)\r\n\r\n(.*)$/s.exec(response) ?? []
  const [first = "", ...fields] = head.split("\r\n")
  match(first, /^HTTP\/1\.1 \d{3} [A-Za-z ]+$/)
  for (const field of fields) match(field, /^[A-Za-z-]+: [ -~]*$/)
  deepStrictEqual(fields.filter((field) => /^Connection: close$/.test(field)).length, 1)
  const [length] = fields.flatMap((field) => /^Content-Length: (\d+)$/.exec(field)?.[1] ?? [])
  ok(body === "" || Buffer.byteLength(body) === Number(length), `${Buffer.byteLength(body)} bytes, not ${length}`)
  if (/^Content-Type: text\/plain/m.test(head)) match(body, /^(?:[^\p{Cc}]*\n)?$/u)
  return Number(first.slice(9, 12))
}

const policy = { hosts: [], origins: [] }

/** The answer to a head: the status, for a page 200, for a WebSocket 101. */
const answered = (head: Uint8Array): number => {
  const found = answer(parse(head), policy)
  switch (found._tag) {
    case "Page":
      match(found.host, /^[\w.:[\]-]+$/)
      return 200
    case "WebSocket":
      return 101
    case "Refusal":
      return statusOf(refusal(found.status, found.line, false, found.headers))
  }
}

/** Reads a head from chunks, as the server does. */
const headOf = (chunks: ReadonlyArray<Uint8Array>) => {
  const reader = new HeadReader()
  for (const [index, chunk] of chunks.entries()) {
    const found = reader.push(chunk)
    if (found !== undefined) return { head: found.head, rest: Buffer.concat([found.rest, ...chunks.slice(index + 1)]) }
  }
  return undefined
}

const body = FastCheck.constantFrom(
  "",
  "BCST evil\r\n",
  "\r\n\r\n",
  "GET / HTTP/1.1\r\n\r\n",
  "JOIN eve\nBCST evil\nQUIT\n"
)

const answers = property(FastCheck.record({ request, body, places }), ({ body, places, request }) => {
  const whole = latin1(request.text + body)
  const found = headOf(cutAt(whole, places))
  deepStrictEqual(found?.rest.toString("latin1"), body)
  if (request.status !== 505) deepStrictEqual(answered(found?.head ?? whole), request.status)
})

/** Requests with something changed, lost or put in. */
const mutated = FastCheck.record({
  request,
  changes: FastCheck.array(
    FastCheck.tuple(FastCheck.nat(), FastCheck.nat(3), FastCheck.oneof(piece, FastCheck.constant(""))),
    {
      minLength: 1,
      maxLength: 4
    }
  )
}).map(({ changes, request }) =>
  changes.reduce((text, [at, lost, put]) => {
    const place = at % (text.length + 1)
    return text.slice(0, place) + put + text.slice(place + lost)
  }, request.text)
)

const survives = property(FastCheck.record({ text: mutated, places }), ({ places, text }) => {
  const found = headOf(cutAt(latin1(text), places))
  if (found === undefined) return
  deepStrictEqual(Buffer.concat([found.head, found.rest]).toString("latin1"), text)
  answered(found.head)
})

const servesOverTcp = Effect.gen(function* () {
  const world = yield* overTcp({ maxLine: 64 }, { web: policy })
  // The first request loads what answers it. A client that ends its output meanwhile is not answered any more.
  yield* Effect.scoped(Effect.orDie(dialWebSocket(world.port)))
  return { ...world, ann: yield* world.joins("ann") }
})

/** The answer of a server with the page to the first byte of a whole request, which is followed by lines. */
const expectedOf = ({ status, text }: Request): number => {
  if (status === 505) return status
  return (text.split(/[\r\n]/)[0] ?? "").length > 64 ? 414 : status
}

const isServed = liveProperty(
  servesOverTcp,
  FastCheck.record({ request, body, places, before: FastCheck.constantFrom("", "\r\n", "\xef\xbb\xbf", "\xff\xf1") }),
  ({ ann, log, port }, { before, body, places, request }) =>
    Effect.gen(function* () {
      const place = log.events.length
      const whole = latin1(before + request.text + body)
      const heard = (yield* exchange(port, cutAt(whole, places), "end")).toString("utf8")
      const expected = expectedOf(request)
      if (expected === 101) match(heard, /^HTTP\/1\.1 101 Switching Protocols\r\n/)
      else deepStrictEqual(statusOf(heard), expected)
      if (expected !== 101) match(yield* leavingAfter(log, place), /: HTTP Request\. Disconnecting User\.$/)
      yield* ann.types("PING")
      deepStrictEqual(yield* Effect.orDie(ann.hears), "PONG", "somebody was heard by a request")
    })
)

const mutatedIsServed = liveProperty(
  servesOverTcp,
  FastCheck.record({ text: mutated, places }),
  ({ ann, log, port }, { places, text }) =>
    Effect.gen(function* () {
      const place = log.events.length
      const whole = latin1(text)
      yield* exchange(port, cutAt(whole, places), "end")
      yield* leavingAfter(log, place)
      yield* ann.types("PING")
      const heard = [yield* Effect.orDie(ann.hears)]
      while (heard.at(-1) !== "PONG") heard.push(yield* Effect.orDie(ann.hears))
      if (!["lines", "open"].includes(kindOf(beginningOf(whole, 64)))) deepStrictEqual(heard, ["PONG"])
    })
)

export const http = target(
  "the first bytes of a connection: lines, TLS, PROXY, and requests and their answers",
  detects,
  answers,
  survives,
  isServed,
  mutatedIsServed
)
