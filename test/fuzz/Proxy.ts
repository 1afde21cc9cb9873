/** PROXY headers beside a second reading of them, which sees all bytes at once and leaves addresses to Node. */
import { deepStrictEqual, match, ok } from "node:assert/strict"
import * as Net from "node:net"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { ProxyHeader } from "../../src/net/ProxyHeader.ts"
import { overTcp } from "../support/World.ts"
import { exchange, leavingAfter } from "./RawClient.ts"
import { cutAt, liveProperty, places, property, target } from "./Target.ts"

/** The peer that a whole header names, and its length; or why there is none. */
type Reading = { readonly peer: string; readonly length: number } | "bad" | "incomplete"

const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n"
const MOST_1 = 107
const MOST_2 = 16 + 2048

/** The address as browsers write it. An IPv4-mapped address is IPv4. */
const canonical = (address: string): string => {
  if (Net.isIPv4(address)) return address
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(written) ?? []
  if (high === undefined || low === undefined) return written
  return [high, low].flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 0xff]).join(".")
}

const isPort = (text: string): boolean => String(Number(text)) === text && /^\d+$/.test(text) && Number(text) < 65536

const reading1 = (text: string): Reading => {
  const end = text.indexOf("\n")
  if (end < 0) return text.length < MOST_1 ? "incomplete" : "bad"
  if (end >= MOST_1 || text[end - 1] !== "\r") return "bad"
  const [, family = "", ...words] = text.slice(0, end - 1).split(" ")
  if (family === "UNKNOWN") return { peer: "the proxy", length: end + 1 }
  const [from = "", to = "", fromPort = "", toPort = ""] = words
  const isAddress = family === "TCP4" ? Net.isIPv4 : family === "TCP6" ? Net.isIPv6 : () => false
  const isRight =
    words.length === 4 &&
    [from, to].every((address) => isAddress(address) && !address.includes("%")) &&
    [fromPort, toPort].every(isPort)
  return isRight ? { peer: `${canonical(from)} ${fromPort}`, length: end + 1 } : "bad"
}

const reading2 = (bytes: Buffer): Reading => {
  if (bytes.length < 16) return "incomplete"
  const [command, family, length] = [bytes.readUInt8(12), bytes.readUInt8(13) >> 4, 16 + bytes.readUInt16BE(14)]
  // With LOCAL the family is nobody's, and what follows is skipped.
  const size = command === 0x20 ? 0 : [0, 12, 36, 0][family]
  if ((command !== 0x20 && command !== 0x21) || size === undefined || length > MOST_2 || length < 16 + size)
    return "bad"
  if (bytes.length < length) return "incomplete"
  if (size === 0) return { peer: "the proxy", length }
  const half = (size - 4) / 2
  const groups = bytes.toString("hex", 16, 16 + half).match(/..../g) ?? []
  const address = size === 12 ? Array.from(bytes.subarray(16, 20)).join(".") : canonical(groups.join(":"))
  return { peer: `${address} ${bytes.readUInt16BE(16 + 2 * half)}`, length }
}

const reading = (bytes: Buffer): Reading => {
  const text = bytes.toString("latin1")
  for (const [signature, read] of [
    ["PROXY ", () => reading1(text)],
    [SIGNATURE, () => reading2(bytes)]
  ] as const) {
    if (text.startsWith(signature)) return read()
    if (signature.startsWith(text)) return "incomplete"
  }
  return "bad"
}

const number = FastCheck.oneof(
  FastCheck.nat(70_000).map(String),
  FastCheck.constantFrom("0", "65535", "65536", "01", "", "-1", "1e3")
)
const address = FastCheck.oneof(
  FastCheck.ipV4(),
  FastCheck.ipV6(),
  FastCheck.constantFrom(
    "::ffff:192.0.2.1",
    "::",
    "1::",
    "::1.2.3.4",
    "fe80::1%eth0",
    "192.0.2.256",
    "1:2:3:4:5:6:7::",
    ""
  )
)
const words = FastCheck.record({
  family: FastCheck.constantFrom("TCP4", "TCP4", "TCP6", "TCP6", "UNKNOWN", "TCP5", "tcp4", ""),
  words: FastCheck.tuple(address, address, number, number),
  more: FastCheck.constantFrom("", "", "", " 1", " ", "x".repeat(60)),
  end: FastCheck.constantFrom("\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n", "")
}).map(({ end, family, more, words }) => Buffer.from(`PROXY ${family} ${words.join(" ")}${more}${end}`))

const binary = FastCheck.record({
  command: FastCheck.constantFrom(0x21, 0x21, 0x21, 0x20, 0x11, 0x22, 0),
  family: FastCheck.constantFrom(0x11, 0x11, 0x21, 0x21, 0, 0x31, 0x12, 0x41),
  body: FastCheck.uint8Array({ maxLength: 60 }),
  padding: FastCheck.constantFrom(0, 0, 0, 216, 2040),
  claim: FastCheck.constantFrom(0, 0, 0, 1, -1, 100, 65_000)
}).map(({ body, claim, command, family, padding }) => {
  const whole = Buffer.concat([body, Buffer.alloc(padding)])
  const head = Buffer.from([command, family, 0, 0])
  head.writeUInt16BE(Math.min(65535, Math.max(0, whole.length + claim)), 2)
  return Buffer.concat([Buffer.from(SIGNATURE, "latin1"), head, whole])
})

/** Addresses that are nearly zero, which are written in the most ways. */
const sparse = FastCheck.array(FastCheck.constantFrom(0, 0, 0, 1, 0xff), { minLength: 36, maxLength: 36 }).map((body) =>
  Buffer.concat([Buffer.from(SIGNATURE, "latin1"), Buffer.from([0x21, 0x21, 0, 36]), Buffer.from(body)])
)

const header = FastCheck.tuple(
  FastCheck.oneof(words, binary, sparse),
  FastCheck.oneof(FastCheck.constant(undefined), FastCheck.record({ at: FastCheck.nat(120), byte: FastCheck.nat(255) }))
).map(([bytes, fault]) => {
  // Now and then one byte is another one.
  if (fault !== undefined && fault.byte > 200) bytes[fault.at % bytes.length] = fault.byte
  return bytes
})

const check = (whole: Buffer, places: ReadonlyArray<number>): void => {
  const reader = new ProxyHeader()
  let seen = 0
  for (const chunk of cutAt(whole, places)) {
    seen += chunk.length
    const found = reader.push(chunk)
    const expected = reading(whole.subarray(0, seen))
    if (found._tag !== "Complete") deepStrictEqual(found._tag.toLowerCase(), expected)
    else {
      const peer = found.peer === undefined ? "the proxy" : `${found.peer.address} ${found.peer.port}`
      deepStrictEqual({ peer, length: seen - found.rest.length }, expected)
      deepStrictEqual(Buffer.from(found.rest), whole.subarray(seen - found.rest.length, seen))
    }
    if (found._tag !== "Incomplete") return
    ok(seen <= MOST_2)
  }
}

const trusted = new Net.BlockList()
trusted.addAddress("127.0.0.1")

const beforeAnswers = liveProperty(
  overTcp({}, { trusted }),
  FastCheck.record({ header: FastCheck.oneof(words, binary), places }),
  ({ log, port }, { header, places }) =>
    Effect.gen(function* () {
      const place = log.events.length
      const lines = Buffer.from("PING\r\nQUIT\r\n")
      const expected = reading(Buffer.concat([header, lines]))
      const heard = yield* exchange(port, cutAt(Buffer.concat([header, lines]), places), "end")
      const isBefore = typeof expected === "object" && expected.length === header.length
      if (isBefore || typeof expected === "string")
        deepStrictEqual(/^Unregistered User/.test(heard.toString()), isBefore)
      const left = yield* leavingAfter(log, place)
      if (typeof expected === "string") match(left, /Bad Proxy Header/)
      const [accepted] = log.events.slice(place).flatMap((event) => (event.event === "accepted" ? [event.peer] : []))
      if (typeof expected !== "object" || expected.peer === "the proxy") match(accepted ?? "", /^127\.0\.0\.1:/)
      else deepStrictEqual(accepted?.replace(/^\[|\](?=:\d+$)/g, "").replace(/:(\d+)$/, " $1"), expected.peer)
    })
)

export const proxy = target(
  "PROXY headers of both versions, alone and in front of lines",
  property(
    FastCheck.record({ header, rest: FastCheck.uint8Array({ maxLength: 30 }), places }),
    ({ header, places, rest }) => check(Buffer.concat([header, rest]), places)
  ),
  property(FastCheck.record({ bytes: FastCheck.uint8Array({ maxLength: 200 }), places }), ({ bytes, places }) =>
    check(Buffer.from(bytes), places)
  ),
  beforeAnswers
)
