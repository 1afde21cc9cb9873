import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { LineDecoder } from "../../src/protocol/LineDecoder.ts"
import { decoded as decodedOf, decodedSlowly, type Item, stream } from "../fuzz/Lines.ts"
import { cutAt as cut, places } from "../fuzz/Target.ts"

const bytes = (text: string) => Buffer.from(text, "latin1")

const decoded = (chunks: ReadonlyArray<Uint8Array>, maxLine = 16) => decodedOf(chunks, maxLine)

const tooLong: Item = { _tag: "TooLong" }
const answer = (text: string): Item => ({ _tag: "Telnet", answer: text })

const IAC = "\xff"
const [WILL, WONT, DO, DONT] = ["\xfb", "\xfc", "\xfd", "\xfe"]
const [SB, SE, AYT, IP, BRK, NOP] = ["\xfa", "\xf0", "\xf6", "\xf4", "\xf3", "\xf1"]
const [EC, EL] = ["\xf7", "\xf8"]
const [NAK, EOT, ESC, DEL] = ["\x15", "\x04", "\x1b", "\x7f"]
const BOM = "\xef\xbb\xbf"

/** These characters as UTF-8, each byte a character. */
const utf8 = (text: string): string => Buffer.from(text).toString("latin1")

type Case = readonly [promise: string, input: string, items: ReadonlyArray<Item>]

const lineCases: ReadonlyArray<Case> = [
  ["LF ends a line", "one\ntwo\n", ["one", "two"]],
  ["CR LF ends a line", "one\r\ntwo\r\n", ["one", "two"]],
  ["CR NUL ends a line", "one\r\0two\r\0", ["one", "two"]],
  ["CR alone ends a line", "one\rtwo\r", ["one", "two"]],
  ["every CR ends a line, however many come", "one\r\r\r\ntwo\n\r\n\r", ["one", "two"]],
  ["one NUL belongs to the CR before it, a second one to the next line", "one\r\0\0two\n", ["one", "\0two"]],
  ["a NUL behind CR LF, or behind LF, belongs to the next line", "one\r\n\0two\n\0\n", ["one", "\0two", "\0"]],
  [
    "an LF or NUL behind telnet sequences belongs to the CR before them",
    `one\r${IAC}${NOP}${IAC}${DO}\x06\0two\r${IAC}${SB}a${IAC}${SE}${IAC}${IP}${IAC}${EC}${IAC}${EL}\0${IAC}\nthree\n`,
    ["one", answer(`${IAC}${WONT}\x06`), "two", "three"]
  ],
  [
    "a NUL belongs to no CR behind anything else",
    `a\rb\0\n\r${EOT}\0\n\r${DEL}\0\n\r${NAK}\0\n\r${ESC}\0\n\r${ESC}[A\0\n\r${IAC}${IAC}\0\n`,
    ["a", "b\0", "\0", "\0", "\0", "\0", "\0", "\ufffd\0"]
  ],
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
  ["a longer line that ends with CR is too long", `${"x".repeat(40)}\rok\r`, [tooLong, "ok"]],
  ["a long line is reported only when it ends", "x".repeat(100), []],
  ["UTF-8 is decoded", utf8("né €\n"), ["né €"]],
  ["the maximum length is in bytes", utf8(`${"é".repeat(8)}\n${"é".repeat(9)}\n`), ["é".repeat(8), tooLong]]
]

const telnetCases: ReadonlyArray<Case> = [
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
  ["BRK does too", `${"x".repeat(40)}${IAC}${BRK}ok\n`, ["ok"]],
  ["telnet commands do not count in the length", `${`${IAC}${NOP}`.repeat(20)}${"x".repeat(16)}\n`, ["x".repeat(16)]],
  ["an IAC whose DM was lost as urgent data is skipped alone", `${IAC}LIST\n`, ["LIST"]],
  [
    "a DM whose IAC was lost as urgent data is skipped, once after a command",
    `${IAC}${DO}\x06\xf2LIST\n\xf2PING\n${IAC}${IP}\xf2\xf2\n`,
    [answer(`${IAC}${WONT}\x06`), "LIST", "\ufffdPING", "\ufffd"]
  ],
  ["a DM is skipped behind EC", `a${IAC}\xf7\xf2LIST\n`, ["LIST"]],
  ["a DM is skipped behind EL", `ab${IAC}\xf8\xf2LIST\n`, ["LIST"]],
  ["a DM after the end of a line is data", `${IAC}${NOP}a\n\xf2b\n`, ["a", "\ufffdb"]],
  ["a DM inside a line, or before any command, is data", `\xf2a\n${IAC}${NOP}a\xf2\n`, ["\ufffda", "a\ufffd"]],
  ["a line's end makes a DM data again", `${IAC}${IP}LIST\n\xf2PING\n`, ["LIST", "\ufffdPING"]],
  [
    "a DM is skipped in a line that has been erased, not in one that is too long",
    `${IAC}${IP}a${DEL}\xf2b\n${IAC}${IP}${"x".repeat(17)}\xf2${NAK}\xf2c\n`,
    ["b", "c"]
  ]
]

const keyCases: ReadonlyArray<Case> = [
  ["BS erases the last character", "ame\b\b\bonw\be\n", ["one"]],
  ["DEL erases the last character", `MESG I hate${DEL.repeat(4)}lov\n`, ["MESG I lov"]],
  ["IAC EC erases the last character", `onw${IAC}${EC}e\n`, ["one"]],
  ["nothing is erased in an empty line", `\b${DEL}${IAC}${EC}one\n\b${DEL}${IAC}${EC}two\n`, ["one", "two"]],
  ["no more is erased than there is", `one${DEL.repeat(9)}two\n`, ["two"]],
  ["what is erased cannot bring back the line before", `one\n${DEL}${DEL}two\n`, ["one", "two"]],
  ["a line that has been erased is empty, and skipped", `one${DEL.repeat(3)}\ntwo${NAK}\r\nthree\n`, ["three"]],
  ["NAK erases the line", `one${NAK}two\n`, ["two"]],
  ["IAC EL erases the line", `one${IAC}${EL}two\n`, ["two"]],
  ["EOT is ignored", `${EOT}o${EOT}ne${EOT}\n${EOT}\n`, ["one"]],
  ["a space and a control character are characters", `a \x01${DEL}${DEL}b\n`, ["ab"]],
  ["a character of 2, 3 or 4 bytes is one", utf8(`aé${DEL}b€${DEL}c😀${DEL}d\n`), ["abcd"]],
  ["a combining accent is a character of its own", utf8(`ae\u0301${DEL}\n`), ["ae"]],
  ["a byte order mark inside a line is a character", `a${BOM}${DEL}b\n`, ["ab"]],
  ["the beginning of a character is a character", `a\xe2\x82${DEL}b\xf0\x9f\x98${DEL}c\xc3${DEL}d\n`, ["abcd"]],
  [
    "what cannot be one character is several",
    `\xe0\x80${DEL}a\xed\xa0\x80${DEL}b\xc3\xa9\xa9${DEL}\n`,
    ["\ufffda\ufffd\ufffdbé"]
  ],
  ["a literal 255 is a character", `a${IAC}${IAC}${DEL}b\n`, ["ab"]],
  ["an erased character leaves what was before it to be completed", `\xe2\x82x${DEL}\xac\n`, ["€"]],
  [
    "erased characters do not count in the length",
    `${"x".repeat(16)}${`${DEL}y`.repeat(20)}${NAK}${"z".repeat(16)}\n`,
    ["z".repeat(16)]
  ],
  [
    "a line that went over the limit stays too long",
    `${"x".repeat(17)}${DEL.repeat(40)}\b${IAC}${EC}ok\nok\n`,
    [tooLong, "ok"]
  ],
  ["NAK erases a line that is too long", `${"x".repeat(40)}${NAK}ok\n`, ["ok"]],
  ["IAC EL does too", `${"x".repeat(40)}${IAC}${EL}ok\n`, ["ok"]]
]

const escapeCases: ReadonlyArray<Case> = [
  ["arrow keys are removed", `o${ESC}[A${ESC}[Bn${ESC}[1;5Ce${ESC}[D\n`, ["one"]],
  ["the keys of application mode are removed", `o${ESC}OAn${ESC}OPe${ESC}OM\n`, ["one"]],
  ["the marks of a bracketed paste are removed, what is pasted is not", `${ESC}[200~one${ESC}[201~\n`, ["one"]],
  ["parameters and intermediate bytes are part of it", `a${ESC}[?25;1 !"/qb\n`, ["ab"]],
  ["CSI ends at 0x40 and at 0x7e, not at 0x3f", `a${ESC}[@b${ESC}[~c${ESC}[?~d\n`, ["abcd"]],
  ["SS3 takes one byte, of all that are printable", `a${ESC}O b${ESC}O~c\n`, ["abc"]],
  ["another byte behind ESC is data", `a${ESC}b${ESC} c\n`, ["ab c"]],
  ["another ESC begins anew", `a${ESC}${ESC}[Ab${ESC}[1${ESC}[Ac${ESC}O${ESC}OAd\n`, ["abcd"]],
  ["a line end ends it, and the line", `a${ESC}\nb${ESC}[\rc${ESC}[1;\r\nd${ESC}O\r\0`, ["a", "b", "c", "d"]],
  ["it is forgotten in the next line", `a${ESC}[\nAb\n`, ["a", "Ab"]],
  ["an editing key ends it and edits", `ab${ESC}[1${DEL}c\nab${ESC}O\bc\nab${ESC}${NAK}c\n`, ["ac", "ac", "c"]],
  ["EOT ends it", `a${ESC}[${EOT}Ab\n`, ["aAb"]],
  ["a control character ends it", `a${ESC}[\x01b${ESC}O\tc${ESC}\0d\n`, ["a\x01b\tc\0d"]],
  ["a byte beyond ASCII ends it", utf8(`a${ESC}[1éb${ESC}Oéc${ESC}éd\n`), ["aébécéd"]],
  [
    "telnet sequences do not end it",
    `a${ESC}${IAC}${NOP}[${IAC}${DO}\x061${IAC}${AYT}Ab\n`,
    [answer(`${IAC}${WONT}\x06`), answer("[Yes]\r\n"), "ab"]
  ],
  ["those that erase do", `ab${ESC}[${IAC}${EC}A\nab${ESC}[${IAC}${EL}A\nab${ESC}O${IAC}${IP}A\n`, ["aA", "A", "A"]],
  ["a literal 255 does", `a${ESC}[${IAC}${IAC}A\n`, ["a\ufffdA"]],
  ["a DM whose IAC was lost ends it, and is skipped", `${IAC}${NOP}${ESC}[\xf2A\n`, ["A"]],
  ["its 32nd byte may be its last", `${ESC}[${"1".repeat(29)}Aone\n`, ["one"]],
  ["its 33rd byte is data, even one that could end it", `${ESC}[${"1".repeat(30)}Aone\n`, ["Aone"]],
  ["behind 32 bytes parameters are data", `${ESC}[${"1".repeat(30)}23Aone\n`, ["23Aone"]],
  ["a line end can be its 33rd byte", `one${ESC}[${"1".repeat(30)}\n`, ["one"]],
  ["it does not count in the length", `${`${ESC}[1;5C`.repeat(9)}${"x".repeat(16)}${ESC}OA\n`, ["x".repeat(16)]],
  ["a line that is too long is so all the same", `${"x".repeat(17)}${ESC}[A\nok\n`, [tooLong, "ok"]]
]

const markCases: ReadonlyArray<Case> = [
  ["at the beginning of the connection it is dropped", `${BOM}one\n`, ["one"]],
  ["only one is", `${BOM}${BOM}one\n`, ["\ufeffone"]],
  ["in the next line it is kept", `${BOM}one\n${BOM}two\n`, ["one", "\ufefftwo"]],
  ["behind any byte it is kept", `\n${BOM}a\n`, ["\ufeffa"]],
  ["behind an editing key it is kept", `${DEL}${BOM}a\n`, ["\ufeffa"]],
  ["behind an escape sequence it is kept", `${ESC}[A${BOM}a\n`, ["\ufeffa"]],
  [
    "behind telnet sequences it is dropped",
    `${IAC}${WILL}\x18${IAC}${NOP}${IAC}${IP}${IAC}${EC}${BOM}a\n`,
    [answer(`${IAC}${DONT}\x18`), "a"]
  ],
  ["behind a DM whose IAC was lost it is dropped", `${IAC}${NOP}\xf2${BOM}a\n`, ["a"]],
  ["telnet sequences may be inside it", `\xef${IAC}${NOP}\xbb${IAC}${SB}a${IAC}${SE}\xbfa\n`, ["a"]],
  ["half of it is data", "\xef\xbba\n", ["\ufffda"]],
  ["a third of it is data", "\xefa\n", ["\ufffda"]],
  ["another character that begins like it is one", "\xef\xbb\xbe\n", ["\ufefe"]],
  ["half of it and a line end is a line", "\xef\xbb\r\xef\n", ["\ufffd", "\ufffd"]],
  ["half of it can be erased", `\xef\xbb${DEL}a\n`, ["a"]],
  ["half of it, erased by telnet, ends the beginning", `\xef\xbb${IAC}${EC}${BOM}a\n`, ["\ufeffa"]],
  ["half of it, thrown away, ends the beginning", `\xef${IAC}${IP}${BOM}a\n`, ["\ufeffa"]],
  ["a DM inside it is data", `${IAC}${NOP}\xef\xf2a\n`, ["\ufffd\ufffda"]],
  ["it does not count in the length", `${BOM}${"x".repeat(16)}\n`, ["x".repeat(16)]],
  ["it is nothing that could be erased", `${BOM}${DEL}a\n`, ["a"]],
  ["alone it is no line", `${BOM}\n`, []]
]

const long = "z".repeat(4094)
const subnegotiationCases: ReadonlyArray<Case> = [
  ["one of 4,096 bytes with its end ends there", `${IAC}${SB}${long}${IAC}${SE}one\n`, ["one"]],
  ["one byte more, and its SE is data", `${IAC}${SB}z${long}${IAC}${SE}\n`, ["\ufffd"]],
  ["behind 4,096 bytes everything is data", `${IAC}${SB}zz${long}one\ntwo\n`, ["one", "two"]],
  ["or telnet again", `${IAC}${SB}zz${long}${IAC}${AYT}one\n`, [answer("[Yes]\r\n"), "one"]],
  ["a doubled IAC is two of them", `${IAC}${SB}${IAC}${IAC}${long}one\n`, ["one"]],
  ["each has its own count", `${`${IAC}${SB}${long}${IAC}${SE}`.repeat(3)}one\n`, ["one"]]
]

const named = (about: string, cases: ReadonlyArray<Case>) =>
  cases.map(([promise, input, items]): Case => [`${about}: ${promise}`, input, items])
const all: ReadonlyArray<Case> = [
  ...named("lines", lineCases),
  ...named("telnet", telnetCases),
  ...named("editing keys", keyCases),
  ...named("escape sequences", escapeCases),
  ...named("a byte order mark", markCases),
  ...named("long subnegotiations", subnegotiationCases)
]

describe("decoding bytes to lines", () => {
  it.each(all)("%s", (_, input, items) => {
    assert.deepStrictEqual(decoded([bytes(input)]), items)
  })

  it.each(all)("at every cut: %s", (_, input, items) => {
    const whole = bytes(input)
    assert.deepStrictEqual(decoded(Array.from(whole, (byte) => Uint8Array.of(byte))), items)
    for (let place = 0; place <= whole.length; place++) {
      // Inside a long subnegotiation one place is like the other.
      if (input.slice(Math.max(place - 4, 0), place + 4) === "z".repeat(8)) continue
      assert.deepStrictEqual(decoded(cut(whole, [place])), items, `cut at ${place}`)
    }
  })

  const often = { fastCheck: { numRuns: 1000 } }

  it.prop(
    "every stream gives what the fuzzer's own slow decoder says",
    [stream],
    ([whole]) => {
      assert.deepStrictEqual(decoded([whole]), decodedSlowly(whole, 16))
    },
    often
  )

  it.prop("every stream typed byte by byte gives the same lines", [stream], ([whole]) => {
    assert.deepStrictEqual(decoded(Array.from(whole, (byte) => Uint8Array.of(byte))), decoded([whole]))
  })

  it.prop(
    "every split of every stream gives the same lines",
    [stream, places],
    ([whole, places]) => {
      assert.deepStrictEqual(decoded(cut(whole, places)), decoded([whole]))
    },
    often
  )

  it.prop("no line holds a line end or is longer than the maximum", [stream], ([whole]) => {
    for (const item of decoded([whole])) {
      if (typeof item !== "string") continue
      assert.notInclude(item, "\n")
      assert.notInclude(item, "\r")
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
  const held = (part: object): number =>
    Object.values(part).reduce<number>((sum, value: unknown) => {
      if (value instanceof Uint8Array) return sum + value.byteLength
      return typeof value === "object" && value !== null ? sum + held(value) : sum
    }, 0)

  it.each([
    ["an endless line", "x".repeat(1000)],
    ["an endless line beyond ASCII", "\xc3\xa9".repeat(500)],
    ["endless subnegotiations", `${IAC}${SB}${"x".repeat(996)}`],
    ["endless escape sequences", `${ESC}[${"0".repeat(28)}`],
    ["endless erasing", `x${DEL}`.repeat(500)],
    ["an endless line, erased", `${"x".repeat(1000)}${NAK}`],
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

  it("is released when a line is erased", () => {
    const decoder = new LineDecoder(64, (line) => line)
    for (const keys of [NAK, DEL.repeat(9), `${IAC}${EL}`, `${IAC}${IP}`]) {
      decoder.push(bytes("half a li"))
      assert.isAbove(held(decoder), 0)
      decoder.push(bytes(keys))
      assert.strictEqual(held(decoder), 0)
    }
  })
})
