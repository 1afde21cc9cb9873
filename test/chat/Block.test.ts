import { assert, describe, it } from "@effect/vitest"
import { type Block, type Kind, line, rows } from "../../src/chat/Block.ts"

const block = (kind: Kind, speaker: string, text: string): Block => ({ kind, speaker, text, time: 0 })
const clock = () => "21:04"
const laidOut = (printed: Block, columns: number, isColoured = false) => rows(printed, { columns, isColoured, clock })

describe("a block", () => {
  it("differs by its mark, without any colour", () => {
    const kinds: ReadonlyArray<Kind> = ["public", "private", "own", "joined", "left", "notice", "trouble"]
    const starts = kinds.map((kind) => line(block(kind, "", ""), clock))
    assert.lengthOf(new Set(starts), kinds.length)
  })

  it("is wrapped with an indent, so that no text looks like a message of somebody else", () => {
    const forged = `hi${" ".repeat(31)}21:05   amy: I quit`
    assert.deepStrictEqual(laidOut(block("public", "bob", forged), 40), [
      `21:04   bob: hi${" ".repeat(24)}`,
      `        ${" ".repeat(6)}21:05   amy: I quit`
    ])
  })

  it.each<readonly [columns: number, rows: ReadonlyArray<string>]>([
    [40, ["21:04   bob: one two three four five", "        six seven"]],
    [24, ["21:04   bob: one two", "  three four five six", "  seven"]]
  ])("fits into %i columns", (columns, expected) =>
    assert.deepStrictEqual(laidOut(block("public", "bob", "one two three four five six seven"), columns), expected)
  )

  it.each([10, 3, 2, 1])("is whole in %i columns", (columns) => {
    const all = laidOut(block("public", "bob", "hello"), columns)
    assert.strictEqual(all.join("").replaceAll(" ", ""), "21:04bob:hello")
    for (const row of all) assert.isAtMost(row.length, Math.max(1, columns - 1))
  })

  it("colours the sender and not the text, in the first row only", () => {
    assert.deepStrictEqual(laidOut(block("private", "bob (private)", "psst and more words"), 40, true), [
      "\u001b[1;35m21:04 * bob (private): \u001b[0mpsst and more",
      "        words"
    ])
    assert.deepStrictEqual(laidOut(block("joined", "", "amy is here"), 40, true), [
      "\u001b[32m21:04 + amy is here\u001b[0m"
    ])
  })

  it("shows a tab as spaces, which have the same width everywhere", () => {
    assert.deepStrictEqual(laidOut(block("public", "bob", "a\tb"), 40), ["21:04   bob: a    b"])
  })

  it("without a time keeps its column", () => {
    assert.strictEqual(line({ kind: "notice", speaker: "", text: "help", time: undefined }, clock), "      = help")
  })
})
