import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { widthBound } from "../../src/chat/Graphemes.ts"
import { layOut } from "../../src/chat/InputRow.ts"
import * as Paint from "../../src/chat/Paint.ts"

describe("the input row", () => {
  /** The row with `|` for the cursor. */
  const row = (before: string, after: string, columns: number, prompt = "ann> "): string => {
    const { afterCursor, beforeCursor } = layOut({ prompt, before, after, columns })
    return `${beforeCursor}|${afterCursor}`
  }

  it.each<readonly [name: string, row: string, expected: string]>([
    ["shows a line that fits", row("hello ", "world", 40), "ann> hello |world"],
    ["keeps one column free", row("1234", "", 10), "ann> 1234|"],
    ["scrolls to the end of a long line", row("123456", "", 10), "ann> <456|"],
    ["shows that something follows", row("12", "345678901234", 15), "ann> 12|345678>"],
    ["shows both sides of a cursor in a long line", row("abcdefghijkl", "mnopqrstuvw", 20), "ann> <defghijkl|mno>"],
    ["scrolls by whole characters", row("\u672c\u672c\u672c", "", 10), "ann> <\u672c|"],
    ["takes a family as one character", row("\u{1f468}\u200d\u{1f469}x", "", 10), "ann> <x|"],
    ["gives a long prompt two thirds of the row", row("hi", "", 11, "(sending: hello) ann> "), "ann> hi|"],
    ["has the cursor and little else in two columns", row("hi", "", 2), "<|"],
    ["shows a tab as one column", row("a\tb", "c\td", 40, "(sending: a\tb) "), "(sending: a b) a b|c d"]
  ])("%s", (_, row, expected) => assert.strictEqual(row, expected))

  it("of a line of a million letters is that of its letters around the cursor", () => {
    const many = "x".repeat(1_000_000)
    assert.strictEqual(row(many, many, 20), row("x".repeat(100), "x".repeat(100), 20))
  })

  it("is never wider than the terminal less one column", () => {
    const text = FastCheck.string({ unit: "grapheme", maxLength: 60 })
    FastCheck.assert(
      FastCheck.property(text, text, text, FastCheck.integer({ min: 2, max: 90 }), (prompt, before, after, columns) => {
        const { afterCursor, beforeCursor } = layOut({ prompt, before, after, columns })
        assert.isAtMost(widthBound(beforeCursor) + widthBound(afterCursor), columns - 1)
      })
    )
  })
})

describe("drawing it", () => {
  it("leaves the cursor's column to the terminal", () => {
    assert.strictEqual(
      Paint.draw({ beforeCursor: "ann> he", afterCursor: "llo" }),
      "\u001b[?7lann> he\u001b7llo\u001b8\u001b[?7h"
    )
  })

  it.each([
    [0, 80, "\r\u001b[J"],
    [79, 80, "\r\u001b[J"],
    // A narrower terminal has folded it.
    [79, 40, "\r\u001b[1A\u001b[J"],
    [79, 20, "\r\u001b[3A\u001b[J"],
    [5, 0, "\r\u001b[4A\u001b[J"]
  ])("erases a row of %i columns in a terminal of %i", (width, columns, expected) =>
    assert.strictEqual(Paint.erase(width, columns), expected)
  )
})
