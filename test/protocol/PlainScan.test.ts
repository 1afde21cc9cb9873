import { assert, describe, it } from "@effect/vitest"
import { plainLineEnds } from "../../src/protocol/PlainScan.ts"

const SIZE = 48
const LF = 10

describe("a scan for plain lines", () => {
  it("refuses each byte that is not printable ASCII, and finds each LF, at every place", () => {
    for (let byte = 0; byte < 256; byte++) {
      for (let at = 0; at < SIZE; at++) {
        const bytes = new Uint8Array(SIZE).fill(0x61)
        bytes[at] = byte
        const plain = byte >= 0x20 && byte <= 0x7e ? [] : undefined
        assert.deepStrictEqual(plainLineEnds(bytes), byte === LF ? [at] : plain, `${byte} at ${at}`)
      }
    }
  })

  it("takes a CR only in front of an LF", () => {
    for (let at = 0; at < SIZE - 1; at++) {
      const bytes = new Uint8Array(SIZE).fill(0x61)
      bytes.set([13, LF], at)
      assert.deepStrictEqual(plainLineEnds(bytes), [at + 1])
    }
  })

  it("gives the same wherever the bytes lie in their buffer", () => {
    const text = "MESG bob hello\r\n".repeat(8)
    const expected = Array.from({ length: 8 }, (_, line) => 16 * line + 15)
    for (let offset = 0; offset < 8; offset++) {
      const buffer = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)])
      const bytes = new Uint8Array(new Uint8Array(buffer).buffer, offset)
      assert.deepStrictEqual(plainLineEnds(bytes), expected)
    }
  })
})
