import { emitKeypressEvents } from "node:readline"
import { PassThrough } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import { gather, type Input, type Keypress, Pasted, Pressed } from "../../src/chat/Keys.ts"

/** The keypress events that Node makes of the bytes of a terminal. */
const keypresses = (bytes: string): ReadonlyArray<Keypress> => {
  const stream = new PassThrough()
  const found: Array<Keypress> = []
  emitKeypressEvents(stream)
  stream.on("keypress", (_text: string | undefined, key: Keypress) => found.push(key))
  stream.emit("data", Buffer.from(bytes))
  return found
}

const pressed = (name: string, text = ""): Input => Pressed({ key: { name, text } })
const START = "\u001b[200~"
const END = "\u001b[201~"

describe("the bytes of a terminal", () => {
  it.each<readonly [bytes: string, inputs: ReadonlyArray<Input>]>([
    ["aB", [pressed("a", "a"), pressed("b", "B")]],
    [" ", [pressed("space", " ")]],
    ["\u672c", [pressed("", "\u672c")]],
    ["\u{1f600}", [pressed("", "\u{1f600}")]],
    ["\r", [pressed("return")]],
    ["\t", [pressed("tab", "\t")]],
    ["\u0003", [pressed("ctrl-c")]],
    ["\u001a", [pressed("ctrl-z")]],
    ["\u001b[A", [pressed("up")]],
    ["\u001bOA", [pressed("up")]],
    ["\u001b[1;5D", [pressed("ctrl-left")]],
    ["\u001bb", [pressed("meta-b")]],
    ["\u007f", [pressed("backspace")]],
    ["\u001b\u007f", [pressed("meta-backspace")]],
    // A sequence that Node does not know types nothing.
    ["\u001b[99~", [pressed("undefined")]],
    [`${START}one\rtwo${END}x`, [Pasted({ text: "one\rtwo" }), pressed("x", "x")]],
    [`${START}a\u001b[38;5;12mb\u001b[0mc\u0007${END}`, [Pasted({ text: "abc" })]],
    [`${START}a\tb${END}`, [Pasted({ text: "a\tb" })]],
    [`${START}${START}a${END}`, [Pasted({ text: "a" })]],
    [END, []]
  ])("%j", (bytes, expected) => {
    const [inputs, pasting] = gather(undefined, keypresses(bytes))
    assert.deepStrictEqual(inputs, expected)
    assert.isUndefined(pasting)
  })

  it("may end in the middle of a paste", () => {
    const [none, pasting] = gather(undefined, keypresses(`${START}one`))
    assert.deepStrictEqual([none, pasting], [[], "one"])
    const [inputs, after] = gather(pasting, keypresses(` two${END}`))
    assert.deepStrictEqual([inputs, after], [[Pasted({ text: "one two" })], undefined])
  })
})
