import { assert, describe, it } from "@effect/vitest"
import * as Editor from "../../src/chat/Editor.ts"

/** An editor from its text, with `|` for the cursor. */
const editor = (text: string): Editor.Editor => {
  const [before = "", after = ""] = text.split("|")
  return { ...Editor.empty, before, after }
}
const shown = ({ after, before }: Editor.Editor): string => `${before}|${after}`

const FAMILY = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}"

describe("a key in the line being typed", () => {
  it.each<readonly [key: string, before: string, after: string]>([
    ["left", "ab|c", "a|bc"],
    ["left", "|abc", "|abc"],
    ["left", `a${FAMILY}|`, `a|${FAMILY}`],
    ["right", "a|bc", "ab|c"],
    ["right", `|${FAMILY}a`, `${FAMILY}|a`],
    ["right", "abc|", "abc|"],
    ["ctrl-b", "ab|c", "a|bc"],
    ["ctrl-f", "a|bc", "ab|c"],
    ["home", "ab|c", "|abc"],
    ["ctrl-a", "ab|c", "|abc"],
    ["end", "ab|c", "abc|"],
    ["ctrl-e", "ab|c", "abc|"],
    ["backspace", "ab|c", "a|c"],
    ["backspace", "e\u0301|", "|"],
    ["backspace", `${FAMILY}|`, "|"],
    ["backspace", "\u{1f1e9}\u{1f1ea}|", "|"],
    ["backspace", "|a", "|a"],
    ["ctrl-h", "ab|c", "a|c"],
    ["delete", "a|bc", "a|c"],
    ["delete", `|${FAMILY}a`, "|a"],
    ["ctrl-d", "a|bc", "a|c"],
    ["ctrl-k", "a|bc", "a|"],
    ["ctrl-u", "ab|c", "|c"],
    ["ctrl-w", "one two-three  |x", "one |x"],
    ["meta-backspace", "one two-three|", "one two-|"],
    ["meta-d", "one| two three", "one| three"],
    ["ctrl-left", "one two|", "one |two"],
    ["meta-b", "one  |two", "|one  two"],
    ["ctrl-right", "|one two", "one| two"],
    ["meta-f", "one| two", "one two|"],
    ["meta-f", "|gr\u00fc\u00dfe sie", "gr\u00fc\u00dfe| sie"],
    ["f5", "a|b", "a|b"],
    ["pageup", "a|b", "a|b"]
  ])("%s turns %j into %j", (name, before, after) => {
    assert.strictEqual(shown(Editor.press(editor(before), { name, text: "" })), after)
  })

  // A pattern that is tried from each place takes minutes for such a line, and runs into the time that a test may take.
  it.each([
    ["ctrl-w", "x"],
    ["ctrl-w", " "],
    ["meta-backspace", "x"],
    ["meta-backspace", "-"],
    ["meta-b", "\u672c"]
  ])("%s takes the last word behind a million of %j", (name, letter) => {
    const before = `${letter.repeat(1_000_000)} - `
    assert.strictEqual(Editor.press({ ...Editor.empty, before: `${before}word` }, { name, text: "" }).before, before)
  })

  it("that types text inserts it", () => {
    assert.strictEqual(shown(Editor.press(editor("a|c"), { name: "b", text: "b" })), "ab|c")
    assert.strictEqual(shown(Editor.press(editor("e|"), { name: "", text: "\u0301" })), "e\u0301|")
  })

  it("brings back with Ctrl-Y what was deleted last", () => {
    const press = (state: Editor.Editor, name: string) => Editor.press(state, { name, text: "" })
    const killed = ["ctrl-u", "backspace", "end", "ctrl-y"].reduce(press, editor("one two| three"))
    assert.strictEqual(shown(killed), " threeone two|")
  })
})
