/** Streams of lines, telnet, editing keys and escape sequences, and the decoder of them beside the slow one. */
import { deepStrictEqual } from "node:assert/strict"
import * as FastCheck from "effect/FastCheck"
import { type Decoded, LineDecoder } from "../../src/protocol/LineDecoder.ts"
import { itemsOf } from "./Bytes.ts"
import { cutAt, places, property, target } from "./Target.ts"

export type Item = Decoded<string>

/** The lines of these chunks, from a new decoder, which must know whether each is printable ASCII. */
export const decoded = (chunks: ReadonlyArray<Uint8Array>, maxLine: number): ReadonlyArray<Item> => {
  const decoder = new LineDecoder(maxLine, (line, isPlain) => {
    deepStrictEqual(isPlain, /^[ -~]*$/.test(line), JSON.stringify(line))
    return line
  })
  return chunks.flatMap((chunk) => decoder.push(chunk))
}

/** The same from the fuzzer's own slow decoder. */
export const decodedSlowly = (whole: Uint8Array, maxLine: number): ReadonlyArray<Item> =>
  itemsOf(whole, maxLine).map((item): Item => {
    if (item === "too long") return { _tag: "TooLong" }
    if ("line" in item) return item.line
    return { _tag: "Telnet", answer: item.answer === "[Yes]" ? "[Yes]\r\n" : item.answer }
  })

const bytes = (text: string): Buffer => Buffer.from(text, "latin1")

const pieces = FastCheck.constantFrom(
  ...["\n", "\r\n", "\r\0", "\r", "\0", "LIST", "MESG bob hi", " ", "é", "😀", "\ufeff", "\t"].map((text) =>
    Buffer.from(text)
  ),
  ...["\b", "\x7f", "\x15", "\x04", "\x1b", "[", "O", ";", "~", "x".repeat(15), "y".repeat(40)].map(bytes),
  ...["\x1b[A", "\x1bOP", "\x1b[200~", `\x1b[${"0".repeat(28)}`, `\x1b[${"0".repeat(31)}`].map(bytes),
  ...["\xff\xff", "\xff\xfd\x06", "\xff\xfb\n", "\xff\xfaa\xffb\n\xff\xf0", "\xff\xf4", "\xff\xf6"].map(bytes),
  ...["\xff\xf7", "\xff\xf8", "\xff", "\xf0", "\xf2", "\xe2\x82", "\xef", "\xbb\xbf"].map(bytes),
  ...["\xed\xa0\x80", "\xf0\x90", "\xc3"].map(bytes)
)
const endless = FastCheck.integer({ min: 4090, max: 4096 }).map((length) => bytes(`\xff\xfa${"z".repeat(length)}`))
const piece = FastCheck.oneof(
  { weight: 20, arbitrary: pieces },
  { weight: 5, arbitrary: FastCheck.uint8Array({ maxLength: 4 }).map((some) => Buffer.from(some)) },
  { weight: 1, arbitrary: endless }
)
const first = FastCheck.constantFrom("", "\xef\xbb\xbf", "\xef", "\xef\xbb", "\xff\xf4", "\xff\xf1\xef\xbb\xbf").map(
  bytes
)

/** The bytes of a connection from its beginning. */
export const stream = FastCheck.tuple(first, FastCheck.array(piece, { maxLength: 40 })).map(([first, others]) =>
  Buffer.concat([first, ...others])
)

export const lines = target(
  "the decoder of lines, telnet, editing keys and escape sequences, against a slow one",
  property(
    FastCheck.record({ whole: stream, maxLine: FastCheck.constantFrom(1, 3, 16, 40, 4096), places }),
    ({ maxLine, places, whole }) => {
      const expected = decodedSlowly(whole, maxLine)
      deepStrictEqual(decoded([whole], maxLine), expected)
      deepStrictEqual(decoded(cutAt(whole, places), maxLine), expected)
    }
  )
)
