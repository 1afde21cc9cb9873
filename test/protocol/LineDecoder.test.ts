import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { type Decoded, LineDecoder } from "../../src/protocol/LineDecoder.ts"

const bytes = (text: string) => Buffer.from(text, "latin1")

type Item = Decoded<string>

/** The lines of these chunks, from a new decoder. */
const decoded = (chunks: ReadonlyArray<Uint8Array>, maxLine = 16): ReadonlyArray<Item> => {
  const decoder = new LineDecoder(maxLine, (line) => line)
  return chunks.flatMap((chunk) => decoder.push(chunk))
}

/** Splits the bytes at these offsets, modulo their length. */
const cut = (whole: Uint8Array, places: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const ends = [...places.map((place) => place % (whole.length + 1)), whole.length].sort((a, b) => a - b)
  return ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end))
}

const tooLong: Item = { _tag: "TooLong" }
const answer = (text: string): Item => ({ _tag: "Telnet", answer: text })

const IAC = "\xff"
const [WILL, WONT, DO, DONT] = ["\xfb", "\xfc", "\xfd", "\xfe"]
const [SB, SE, AYT, IP, BRK, NOP] = ["\xfa", "\xf0", "\xf6", "\xf4", "\xf3", "\xf1"]

const cases: ReadonlyArray<readonly [promise: string, input: string, items: ReadonlyArray<Item>]> = [
  ["LF ends a line", "one\ntwo\n", ["one", "two"]],
  ["one CR before the LF is dropped", "one\r\n\rtwo\r\r\n", ["one", "\rtwo\r"]],
  ["CR NUL ends a line", "one\r\0two\r\0", ["one", "two"]],
  ["a lone CR is data", "o\rne\n", ["o\rne"]],
  ["a lone NUL is data", "o\0ne\n", ["o\0ne"]],
  ["an empty line is skipped", "\n\r\n\r\0one\n\n", ["one"]],
  ["a line of spaces is a line", "  \n", ["  "]],
  ["a line without a line end is not given", "one\ntwo", ["one"]],
  ["a line of the maximum length is a line", `${"x".repeat(16)}\n`, ["x".repeat(16)]],
  [
    "the CR of a line end does not count in the length",
    `${"x".repeat(16)}\r\n${"y".repeat(16)}\r\0`,
    ["x".repeat(16), "y".repeat(16)]
  ],
  ["a line one byte longer is too long", `${"x".repeat(17)}\nok\n`, [tooLong, "ok"]],
  ["a longer line that ends with CR NUL is too long", `${"x".repeat(40)}\r\0ok\n`, [tooLong, "ok"]],
  ["a lone CR counts in the length", `${"x".repeat(16)}\rx\n`, [tooLong]],
  ["a long line is reported only when it ends", "x".repeat(100), []],
  ["a doubled IAC is one byte 255", `a${IAC}${IAC}b\n`, ["a\ufffdb"]],
  ["a two-byte command is not data", `a${IAC}${NOP}b\n`, ["ab"]],
  ["DO is refused with WONT", `${IAC}${DO}\x01a\n`, [answer(`${IAC}${WONT}\x01`), "a"]],
  ["WILL is refused with DONT", `${IAC}${WILL}\x1fa\n`, [answer(`${IAC}${DONT}\x1f`), "a"]],
  ["DO TIMING-MARK is refused too", `${IAC}${DO}\x06`, [answer(`${IAC}${WONT}\x06`)]],
  ["WONT and DONT get no answer", `${IAC}${WONT}\x01${IAC}${DONT}\x01a\n`, ["a"]],
  ["an option can be 255", `${IAC}${DO}${IAC}a\n`, [answer(`${IAC}${WONT}${IAC}`), "a"]],
  ["a subnegotiation is skipped", `a${IAC}${SB}\x18\x00xterm\n${IAC}${IAC}\n${IAC}${SE}b\n`, ["ab"]],
  ["a subnegotiation can be longer than a line", `a${IAC}${SB}${"z".repeat(99)}${IAC}${SE}b\n`, ["ab"]],
  ["AYT is answered", `a${IAC}${AYT}b\n`, [answer("[Yes]\r\n"), "ab"]],
  ["IP discards the unfinished line", `one\ntw${IAC}${IP}three\n`, ["one", "three"]],
  ["BRK discards the unfinished line", `tw${IAC}${BRK}three\n`, ["three"]],
  ["IP discards an unfinished line that is too long already", `${"x".repeat(40)}${IAC}${IP}ok\n`, ["ok"]],
  ["telnet commands do not count in the length", `${`${IAC}${NOP}`.repeat(20)}${"x".repeat(16)}\n`, ["x".repeat(16)]],
  ["an IAC whose DM was lost as urgent data is skipped alone", `${IAC}LIST\n`, ["LIST"]],
  [
    "a DM whose IAC was lost as urgent data is skipped, once after a command",
    `${IAC}${DO}\x06\xf2LIST\n\xf2PING\n${IAC}${IP}\xf2\xf2\n`,
    [answer(`${IAC}${WONT}\x06`), "LIST", "\ufffdPING", "\ufffd"]
  ],
  ["a DM after the end of a line is data", `${IAC}${NOP}a\n\xf2b\n`, ["a", "\ufffdb"]],
  ["a DM inside a line, or before any command, is data", `\xf2a\n${IAC}${NOP}a\xf2\n`, ["\ufffda", "a\ufffd"]],
  ["UTF-8 is decoded", Buffer.from("né €\n").toString("latin1"), ["né €"]],
  [
    "the maximum length is in bytes",
    Buffer.from(`${"é".repeat(8)}\n${"é".repeat(9)}\n`).toString("latin1"),
    ["é".repeat(8), tooLong]
  ]
]

describe("decoding bytes to lines", () => {
  it.each(cases)("%s", (_, input, items) => {
    assert.deepStrictEqual(decoded([bytes(input)]), items)
  })

  it.each(cases)("at every cut: %s", (_, input, items) => {
    const whole = bytes(input)
    assert.deepStrictEqual(decoded(Array.from(whole, (byte) => Uint8Array.of(byte))), items)
    for (let place = 0; place <= whole.length; place++) {
      assert.deepStrictEqual(decoded(cut(whole, [place])), items, `cut at ${place}`)
    }
  })

  const pieces = FastCheck.constantFrom(
    ...[
      "\n",
      "\r\n",
      "\r\0",
      "\r",
      "\0",
      "LIST",
      "MESG bob hi",
      " ",
      "é",
      "😀",
      "\x1b[31m",
      "x".repeat(15),
      "y".repeat(40)
    ].map((text) => Buffer.from(text)),
    ...[
      `${IAC}${IAC}`,
      `${IAC}${DO}\x06`,
      `${IAC}${WILL}\n`,
      `${IAC}${SB}a${IAC}b\n${IAC}${SE}`,
      `${IAC}${IP}`,
      `${IAC}${AYT}`,
      IAC,
      "\xe2\x82"
    ].map(bytes)
  )
  const stream = FastCheck.array(pieces, { maxLength: 40 }).map((all) => Buffer.concat(all))
  const places = FastCheck.array(FastCheck.nat(400), { maxLength: 12 })

  it.prop("every split of every stream gives the same lines", [stream, places], ([whole, places]) => {
    assert.deepStrictEqual(decoded(cut(whole, places)), decoded([whole]))
  })

  it.prop("no line holds a line end or is longer than the maximum", [stream], ([whole]) => {
    for (const item of decoded([whole])) {
      if (typeof item !== "string") continue
      assert.notInclude(item, "\n")
      assert.notInclude(item, "\r\0")
      assert.isAtMost(item.length, 16)
      assert.isAtLeast(item.length, 1)
    }
  })

  it.prop(
    "plain lines, which take the fast path, arrive as sent",
    [FastCheck.array(FastCheck.stringMatching(/^[ -~]{1,60}$/), { maxLength: 30 }), FastCheck.boolean(), places],
    ([lines, cr, places]) => {
      const whole = Buffer.from(lines.map((line) => line + (cr ? "\r\n" : "\n")).join(""))
      assert.deepStrictEqual(decoded(cut(whole, places), 60), lines)
    }
  )
})

describe("memory of a decoder", () => {
  /** Size of all buffers that a decoder holds, in bytes. */
  const held = (decoder: LineDecoder<string>): number =>
    Object.values(decoder).reduce((sum, value) => (value instanceof Uint8Array ? sum + value.byteLength : sum), 0)

  it.each([
    ["an endless line", "x".repeat(1000)],
    ["an endless line beyond ASCII", "\xc3\xa9".repeat(500)],
    ["an endless subnegotiation", `${IAC}${SB}${"x".repeat(996)}`],
    ["endless carriage returns", "\r".repeat(1000)]
  ])("does not grow with %s", (_, chunk) => {
    const decoder = new LineDecoder(64, (line) => line)
    for (let count = 0; count < 1000; count++) {
      assert.deepStrictEqual(decoder.push(bytes(chunk)), [])
      assert.isAtMost(held(decoder), 64)
    }
  })

  it("is released when a line ends", () => {
    const decoder = new LineDecoder(64, (line) => line)
    decoder.push(bytes("half a li"))
    assert.isAbove(held(decoder), 0)
    decoder.push(bytes("ne\n"))
    assert.strictEqual(held(decoder), 0)
    decoder.push(bytes("h\xe9lf a li"))
    decoder.push(bytes("ne\n"))
    assert.strictEqual(held(decoder), 0)
  })
})
