import { assert, describe, it } from "@effect/vitest"
import { complete } from "../../src/chat/Completion.ts"
import * as Editor from "../../src/chat/Editor.ts"
import * as History from "../../src/chat/History.ts"
import { isKept, parse, Typed } from "../../src/chat/Typed.ts"

describe("a typed line", () => {
  it.each<readonly [line: string, typed: Typed]>([
    ["hello", Typed.Text({ text: "hello" })],
    [" /list", Typed.Text({ text: " /list" })],
    ["//shrug", Typed.Text({ text: "/shrug" })],
    ["", Typed.Nothing()],
    ["   ", Typed.Nothing()],
    ["/msg bob hi there", Typed.Message({ name: "bob", text: "hi there" })],
    ["/msg  bob  hi ", Typed.Message({ name: "bob", text: " hi " })],
    ["/list", Typed.List()],
    ["/help me", Typed.Help()],
    ["/quit", Typed.Quit()],
    ["/raw MESG bob  x", Typed.Raw({ line: "MESG bob  x" })]
  ])("%j", (line, typed) => assert.deepStrictEqual(parse(line), typed))

  it.each([
    ["/msg", "needs a name and a text"],
    ["/msg bob", "What should bob be told"],
    ["/msg b\u00f6b hi", "is no name"],
    ["/raw", "needs a line"],
    ["/mgs bob hi", "There is no /mgs"],
    ["/constructor", "There is no /constructor"],
    ["/ list", "There is no /"]
  ])("%j is wrong", (line, why) => {
    const typed = parse(line)
    assert.strictEqual(typed._tag, "Wrong")
    if (typed._tag === "Wrong") assert.include(typed.why, why)
  })

  it.each([
    ["/list", true],
    ["/help", true],
    ["/quit ", true],
    ["hello", false],
    ["/msg bob secret", false],
    ["/raw MESG bob secret", false],
    ["/mgs bob secret", false],
    ["/list secret", false],
    ["//shrug", false],
    [" /list", false]
  ])("%j is kept between runs: %s", (line, expected) => assert.strictEqual(isKept(line), expected))
})

describe("Tab", () => {
  const people = ["amy", "Bob", "bobby"]
  const after = (before: string, rest = "") => {
    const completion = complete({ ...Editor.empty, before, after: rest }, people)
    return completion === undefined ? undefined : [completion.editor.before, completion.candidates]
  }

  it.each<readonly [before: string, completed: ReturnType<typeof after>]>([
    ["a", ["amy: ", []]],
    ["hello a", ["hello amy ", []]],
    ["/msg a", ["/msg amy ", []]],
    ["/msg ", ["/msg ", people]],
    ["/msg amy hello a", ["/msg amy hello amy ", []]],
    ["b", ["Bob", []]],
    ["Bob", ["Bob", ["Bob", "bobby"]]],
    ["bobb", ["bobby: ", []]],
    ["/m", ["/msg ", []]],
    ["/", ["/", ["msg", "list", "help", "raw", "quit"]]],
    ["z", undefined],
    ["/z", undefined],
    ["", undefined],
    ["hello ", undefined]
  ])("%j", (before, completed) => assert.deepStrictEqual(after(before), completed))

  it("leaves what is behind the cursor", () => {
    const completion = complete({ ...Editor.empty, before: "a", after: "tail" }, people)
    assert.strictEqual(completion?.editor.after, "tail")
  })
})

describe("the history", () => {
  const history = History.of(["one", "two"])

  it("goes up to the first line and down to what was being typed", () => {
    const shown: Array<string> = []
    let [state, text] = [history, "half"]
    for (const step of [-1, -1, -1, 1, 1, 1] as const) {
      const moved = History.move(state, step, text)
      if (moved !== undefined) [state, text] = moved
      shown.push(text)
    }
    assert.deepStrictEqual(shown, ["two", "one", "one", "two", "half", "half"])
  })

  it("does not keep a line twice in a row, and no more than it is meant to", () => {
    assert.deepStrictEqual(History.add(history, "two").lines, ["one", "two"])
    const full = History.of(Array.from({ length: History.HISTORY_LINES }, (_, index) => `${index}`))
    assert.deepStrictEqual(
      [History.add(full, "x").lines.length, History.add(full, "x").lines[0], History.add(full, "x").lines.at(-1)],
      [History.HISTORY_LINES, "1", "x"]
    )
  })
})
