import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { ProxyHeader } from "../../src/net/ProxyHeader.ts"

const SIGNATURE = [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10]

/** A header of version 2. Its length field can differ from the length of the body. */
const v2 = (command: number, family: number, body: ReadonlyArray<number>, length = body.length) =>
  Uint8Array.of(...SIGNATURE, command, family, length >> 8, length & 0xff, ...body)

const four = [192, 0, 2, 1, 198, 51, 100, 7, 0x9c, 0x40, 0x1f, 0x41]
const six = [...[0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 5], ...Array(16).fill(1), 0x9c, 0x40, 0x1f, 0x41]
const tlv = [3, 0, 4, 1, 2, 3, 4]

const whole: ReadonlyArray<readonly [name: string, header: Uint8Array | string, peer: string | undefined]> = [
  ["version 1 of IPv4", "PROXY TCP4 192.0.2.1 198.51.100.7 40000 8001\r\n", "192.0.2.1 40000"],
  ["version 1 of IPv6", "PROXY TCP6 2001:DB8::5 2001:db8::1 40000 8001\r\n", "2001:db8::5 40000"],
  ["an IPv4-mapped IPv6 address", "PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n", "192.0.2.1 1"],
  ["version 1 with UNKNOWN", "PROXY UNKNOWN\r\n", undefined],
  ["version 1 with UNKNOWN and addresses", "PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", undefined],
  ["version 2 of IPv4", v2(0x21, 0x11, four), "192.0.2.1 40000"],
  ["version 2 of IPv6", v2(0x21, 0x21, six), "2001:db8::5 40000"],
  ["version 2 with a TLV", v2(0x21, 0x11, [...four, ...tlv]), "192.0.2.1 40000"],
  ["version 2 with LOCAL", v2(0x20, 0, []), undefined],
  ["version 2 with LOCAL and addresses", v2(0x20, 0x11, four), undefined],
  ["version 2 with LOCAL, and a family without its addresses", v2(0x20, 0x11, []), undefined],
  ["version 2 with LOCAL, and a family that does not exist", v2(0x20, 0x41, tlv), undefined],
  ["version 2 with an unspecified family", v2(0x21, 0, tlv), undefined],
  ["version 2 with Unix socket addresses", v2(0x21, 0x31, Array(216).fill(0)), undefined]
]

const bytesOf = (header: Uint8Array | string) => Buffer.from(header)

describe("a PROXY header", () => {
  it.each(whole)("is parsed: %s", (_, header, peer) => {
    const after = Buffer.from("JOIN ann\n")
    const read = new ProxyHeader().push(Buffer.concat([bytesOf(header), after]))
    if (read._tag !== "Complete") throw new Error(read._tag)
    assert.strictEqual(read.peer === undefined ? undefined : `${read.peer.address} ${read.peer.port}`, peer)
    assert.deepStrictEqual(Buffer.from(read.rest), after)
  })

  it.each(whole)("can arrive byte by byte, and is complete at its last byte: %s", (_, header) => {
    const reader = new ProxyHeader()
    const tags = Array.from(bytesOf(header), (byte) => reader.push(Uint8Array.of(byte))._tag)
    assert.strictEqual(tags.pop(), "Complete")
    assert.deepStrictEqual(new Set(tags), new Set(["Incomplete"]))
  })
})

const wrong: ReadonlyArray<readonly [string, Uint8Array | string]> = [
  ["a command line", "JOIN ann\n"],
  ["a TLS hello", Uint8Array.of(22, 3, 1)],
  ["HTTP", "POST / HTTP/1.1\r\n"],
  ["lower case", "proxy TCP4 192.0.2.1 198.51.100.7 1 2\r\n"],
  ["no family", "PROXY \r\n"],
  ["an unknown family", "PROXY TCP5 192.0.2.1 198.51.100.7 1 2\r\n"],
  ["an address with a number above 255", "PROXY TCP4 192.0.2.256 198.51.100.7 1 2\r\n"],
  ["an address of the other family", "PROXY TCP4 ::1 ::1 1 2\r\n"],
  ["an address with a terminal escape", "PROXY TCP4 \u001b[2J 198.51.100.7 1 2\r\n"],
  ["a port above 65535", "PROXY TCP4 192.0.2.1 198.51.100.7 65536 2\r\n"],
  ["a port with a leading zero", "PROXY TCP4 192.0.2.1 198.51.100.7 01 2\r\n"],
  ["two spaces", "PROXY  TCP4 192.0.2.1 198.51.100.7 1 2\r\n"],
  ["too few words", "PROXY TCP4 192.0.2.1 198.51.100.7 1\r\n"],
  ["too many words", "PROXY TCP4 192.0.2.1 198.51.100.7 1 2 3\r\n"],
  ["no CR", "PROXY TCP4 192.0.2.1 198.51.100.7 1 2\n"],
  ["a line that is too long", `PROXY UNKNOWN ${"x".repeat(93)}`],
  ["version 3", v2(0x31, 0x11, four)],
  ["an unknown command", v2(0x22, 0x11, four)],
  ["an unknown family of version 2", v2(0x21, 0x41, four)],
  ["too few bytes for the family", v2(0x21, 0x11, four.slice(0, 11))],
  ["a length above the limit", v2(0x21, 0x11, four, 65535)]
]

describe("a bad PROXY header", () => {
  it.each(wrong)("is refused: %s", (_, bytes) => {
    assert.strictEqual(new ProxyHeader().push(bytesOf(bytes))._tag, "Bad")
  })

  it.prop(
    "random bytes are refused, or held up to the longest header at most",
    [FastCheck.array(FastCheck.uint8Array())],
    ([chunks]) => {
      const reader = new ProxyHeader()
      let held = 0
      for (const chunk of chunks) {
        const { _tag } = reader.push(chunk)
        if (_tag !== "Incomplete") return assert.strictEqual(_tag, "Bad")
        held += chunk.length
        assert.isBelow(held, 2064)
      }
    }
  )
})
