import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { graphemes, widthBound } from "../../src/chat/Graphemes.ts"
import { wrap } from "../../src/chat/Wrap.ts"

const FAMILY = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}\u200d\u{1f466}"
const FLAG = "\u{1f1e9}\u{1f1ea}"

describe("graphemes", () => {
  it.each([
    ["abc", 3],
    ["e\u0301", 1],
    [FAMILY, 1],
    [FLAG, 1],
    [`a${"\u0301".repeat(500)}`, 1],
    ["", 0]
  ])("%j has as many characters as people see", (text, count) => assert.lengthOf(graphemes(text), count))

  it("are the same in a long text as in one go", () => {
    const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" })
    const part = FastCheck.constantFrom(
      "a",
      " ",
      "e\u0301",
      FAMILY,
      FLAG,
      "\u{1f44d}\u{1f3fb}",
      "\u{1f1e9}",
      "\u0915\u094d\u0937"
    )
    FastCheck.assert(
      FastCheck.property(FastCheck.array(part, { minLength: 300, maxLength: 600 }), (parts) => {
        const text = parts.join("")
        assert.deepEqual(
          graphemes(text),
          Array.from(segmenter.segment(text), ({ segment }) => segment)
        )
      }),
      { numRuns: 30 }
    )
  })

  // In one go a million letters take V8 half an hour, and this would run into the time that a test may take.
  it("of a text of a million letters are found", () => assert.lengthOf(graphemes("x".repeat(1_000_000)), 1_000_000))
})

describe("the bound of a width", () => {
  it.each([
    ["plain", 5],
    ["\u672c", 2],
    ["e\u0301", 1],
    [`a${"\u0301".repeat(500)}`, 1],
    // Some terminals join the family into two columns, some show its four members.
    [FAMILY, 8],
    [FLAG, 4],
    ["\u2764", 1],
    ["\u2764\ufe0f", 2],
    ["\u{1f44d}\u{1f3ff}", 4],
    ["\u0633\u0644\u0627\u0645", 4],
    ["a\u200bb", 2],
    // Terminals show a soft hyphen, and the signs in front of Arabic numbers.
    ["a\u00adb", 3],
    ["\u0600\u0661", 2],
    ["", 0]
  ])("of %j", (text, columns) => assert.strictEqual(widthBound(text), columns))
})

describe("wrapping", () => {
  const wraps = (text: string, columns: number, rest = columns, lead = 0) => wrap(text, { first: columns, rest, lead })

  it.each<readonly [name: string, rows: ReadonlyArray<string>, expected: ReadonlyArray<string>]>([
    ["a text that fits", wraps("hello", 10), ["hello"]],
    ["nothing", wraps("", 10), [""]],
    ["words", wraps("one two three", 8), ["one two", "three"]],
    ["a word that ends at the edge", wraps("one two three", 7), ["one two", "three"]],
    ["a long word, anywhere", wraps("abcdefghij", 4), ["abcd", "efgh", "ij"]],
    ["a long word behind the lead, in the same row", wraps("bob: abcdefghij", 8, 6, 5), ["bob: abc", "defghi", "j"]],
    ["narrower rows below the first", wraps("one two three four", 9, 5), ["one two", "three", "four"]],
    ["wide characters, which may need one column more", wraps("\u672c\u672c\u672c", 5), ["\u672c\u672c", "\u672c"]],
    ["a character that is wider than a row", wraps(`a${FAMILY}b`, 3), ["a", FAMILY, "b"]],
    [
      "a word that has moved to the next row, with a wide character behind it",
      wraps(`a bcd${FLAG}`, 5),
      ["a", "bcd", FLAG]
    ],
    ["rows of one column", wraps("ab", 1), ["a", "b"]],
    ["spaces, which stay at the end of a row", wraps("a    b", 3), ["a  ", " b"]]
  ])("of %s", (_, rows, expected) => assert.deepStrictEqual(rows, expected))

  it("loses nothing but spaces, and makes no row too wide", () => {
    const word = FastCheck.oneof(FastCheck.constant(" "), FastCheck.string({ unit: "grapheme", maxLength: 12 }))
    FastCheck.assert(
      FastCheck.property(FastCheck.array(word), FastCheck.integer({ min: 1, max: 40 }), (words, columns) => {
        const text = words.join("")
        const rows = wraps(text, columns)
        assert.strictEqual(rows.join("").replaceAll(" ", ""), text.replaceAll(" ", ""))
        for (const row of rows) assert.isTrue(widthBound(row) <= columns || graphemes(row).length === 1, row)
      })
    )
  })
})
