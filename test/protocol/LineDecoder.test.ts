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

/** Splits at the given places. */
const cut = (whole: Uint8Array, places: ReadonlyArray<number>): ReadonlyArray<Uint8Array> => {
  const ends = [...places.map((place) => place % (whole.length + 1)), whole.length].sort((a, b) => a - b)
  return ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end))
}

const tooLong: Item = { _tag: "TooLong" }
const answer = (text: string): Item => ({ _tag: "Telnet", answer: text })

const IAC = "\xff"
const [WILL, WONT, DO, DONT] = ["\xfb", "\xfc", "\xfd", "\xfe"]
const [SB, SE, AYT, IP, BRK, NOP] = ["\xfa", "\xf0", "\xf6", "\xf4", "\xf3", "\xf1"]

const cases: ReadonlyArray<readonly [says: string, input: string, items: ReadonlyArray<Item>]> = [
  ["LF ends a line", "one\ntwo\n", ["one", "two"]],
  ["one CR before the LF is dropped", "one\r\n\rtwo\r\r\n", ["one", "\rtwo\r"]],
  ["CR NUL ends a line", "one\r\0two\r\0", ["one", "two"]],
  ["a lone CR is data", "o\rne\n", ["o\rne"]],
  ["a lone NUL is data", "o\0ne\n", ["o\0ne"]],
  ["a line with no bytes is none", "\n\r\n\r\0one\n\n", ["one"]],
  ["spaces are a line", "  \n", ["  "]],
  ["a last line without its end is none", "one\ntwo", ["one"]],
  ["a line of the longest length is a line", `${"x".repeat(16)}\n`, ["x".repeat(16)]],
  ["CR is not counted in that", `${"x".repeat(16)}\r\n${"y".repeat(16)}\r\0`, ["x".repeat(16), "y".repeat(16)]],
  ["a line of a byte more is too long", `${"x".repeat(17)}\nok\n`, [tooLong, "ok"]],
  ["so is one ended by CR NUL", `${"x".repeat(40)}\r\0ok\n`, [tooLong, "ok"]],
  ["a lone CR counts", `${"x".repeat(16)}\rx\n`, [tooLong]],
  ["one that has not ended says nothing", "x".repeat(100), []],
  ["a doubled IAC is one byte 255", `a${IAC}${IAC}b\n`, ["a\ufffdb"]],
  ["a two-byte command is no data", `a${IAC}${NOP}b\n`, ["ab"]],
  ["DO is refused with WONT", `${IAC}${DO}\x01a\n`, [answer(`${IAC}${WONT}\x01`), "a"]],
  ["WILL is refused with DONT", `${IAC}${WILL}\x1fa\n`, [answer(`${IAC}${DONT}\x1f`), "a"]],
  ["DO TIMING-MARK is refused too", `${IAC}${DO}\x06`, [answer(`${IAC}${WONT}\x06`)]],
  ["WONT and DONT need no answer", `${IAC}${WONT}\x01${IAC}${DONT}\x01a\n`, ["a"]],
  ["an option may be 255", `${IAC}${DO}${IAC}a\n`, [answer(`${IAC}${WONT}${IAC}`), "a"]],
  ["a subnegotiation is skipped", `a${IAC}${SB}\x18\x00xterm\n${IAC}${IAC}\n${IAC}${SE}b\n`, ["ab"]],
  ["a subnegotiation may be longer than a line", `a${IAC}${SB}${"z".repeat(99)}${IAC}${SE}b\n`, ["ab"]],
  ["AYT is answered", `a${IAC}${AYT}b\n`, [answer("[Yes]\r\n"), "ab"]],
  ["IP throws the unfinished line away", `one\ntw${IAC}${IP}three\n`, ["one", "three"]],
  ["BRK does so too", `tw${IAC}${BRK}three\n`, ["three"]],
  ["even one that was too long", `${"x".repeat(40)}${IAC}${IP}ok\n`, ["ok"]],
  ["telnet is not counted in a line's length", `${`${IAC}${NOP}`.repeat(20)}${"x".repeat(16)}\n`, ["x".repeat(16)]],
  ["an IAC whose urgent DM was lost costs no byte", `${IAC}LIST\n`, ["LIST"]],
  [
    "so does a DM whose urgent IAC was lost, once after a command",
    `${IAC}${DO}\x06\xf2LIST\n\xf2PING\n${IAC}${IP}\xf2\xf2\n`,
    [answer(`${IAC}${WONT}\x06`), "LIST", "\ufffdPING", "\ufffd"]
  ],
  ["which is data where no line begins, and before any telnet", `\xf2a\n${IAC}${NOP}a\xf2\n`, ["\ufffda", "a\ufffd"]],
  ["UTF-8 is text", Buffer.from("né €\n").toString("latin1"), ["né €"]],
  [
    "the longest length is in bytes",
    Buffer.from(`${"é".repeat(8)}\n${"é".repeat(9)}\n`).toString("latin1"),
    ["é".repeat(8), tooLong]
  ]
]

describe("bytes are lines", () => {
  it.each(cases)("%s", (_, input, items) => {
    assert.deepStrictEqual(decoded([bytes(input)]), items)
  })

  it.each(cases)("whichever way they are cut: %s", (_, input, items) => {
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

  it.prop("any split of any bytes gives the same lines", [stream, places], ([whole, places]) => {
    assert.deepStrictEqual(decoded(cut(whole, places)), decoded([whole]))
  })

  it.prop("no line holds a terminator or is longer than the longest", [stream], ([whole]) => {
    for (const item of decoded([whole])) {
      if (typeof item !== "string") continue
      assert.notInclude(item, "\n")
      assert.notInclude(item, "\r\0")
      assert.isAtMost(item.length, 16)
      assert.isAtLeast(item.length, 1)
    }
  })

  it.prop(
    "reads of plain lines, which take the short way, are the lines that were sent",
    [FastCheck.array(FastCheck.stringMatching(/^[ -~]{1,60}$/), { maxLength: 30 }), FastCheck.boolean(), places],
    ([lines, cr, places]) => {
      const whole = Buffer.from(lines.map((line) => line + (cr ? "\r\n" : "\n")).join(""))
      assert.deepStrictEqual(decoded(cut(whole, places), 60), lines)
    }
  )
})

describe("memory", () => {
  /** The bytes that a decoder holds on to. */
  const held = (decoder: LineDecoder): number =>
    Object.values(decoder).reduce((sum, value) => (value instanceof Uint8Array ? sum + value.byteLength : sum), 0)

  it.each([
    ["an endless line", "x".repeat(1000)],
    ["an endless line beyond ASCII", "\xc3\xa9".repeat(500)],
    ["an endless subnegotiation", `${IAC}${SB}${"x".repeat(996)}`],
    ["carriage returns without end", "\r".repeat(1000)]
  ])("does not grow with %s", (_, chunk) => {
    const decoder = new LineDecoder(64)
    for (let count = 0; count < 1000; count++) {
      assert.deepStrictEqual(decoder.push(bytes(chunk)).items, [])
      assert.isAtMost(held(decoder), 64)
    }
  })

  it("is given back when a line has ended", () => {
    const decoder = new LineDecoder(64)
    decoder.push(bytes("half a li"))
    assert.isAbove(held(decoder), 0)
    decoder.push(bytes("ne\n"))
    assert.strictEqual(held(decoder), 0)
    decoder.push(bytes("h\xe9lf a li"))
    decoder.push(bytes("ne\n"))
    assert.strictEqual(held(decoder), 0)
  })
})
