import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { Lines } from "../../src/client/Lines.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

describe("Lines", () => {
  it.prop(
    "gives the same lines however the bytes are cut",
    [FastCheck.array(FastCheck.fullUnicodeString()), FastCheck.array(FastCheck.nat(7))],
    ([texts, cuts]) => {
      const lines = texts.map((text) => text.replaceAll("\n", ""))
      const whole = bytes(lines.map((line) => `${line}\n`).join(""))
      const decoder = new Lines()
      const found: Array<string | undefined> = []
      let start = 0
      for (let index = 0; start < whole.length; index++) {
        const end = start + 1 + (cuts[index % Math.max(cuts.length, 1)] ?? 0)
        found.push(...decoder.push(whole.subarray(start, end)))
        start = end
      }
      // A lone surrogate has no bytes of its own.
      assert.deepStrictEqual(
        found,
        lines.map((line) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes(line)))
      )
    }
  )

  it("keeps the last line until it is asked for", () => {
    const decoder = new Lines()
    assert.deepStrictEqual(decoder.push(bytes("a\n\nb")), ["a", ""])
    assert.deepStrictEqual(decoder.end(), ["b"])
    assert.deepStrictEqual(decoder.end(), [])
  })

  it("drops a line of more than 1 MiB, and goes on", () => {
    const decoder = new Lines()
    const mebibyte = new Uint8Array(1024 * 1024).fill(97)
    assert.deepStrictEqual(decoder.push(mebibyte), [])
    assert.deepStrictEqual(decoder.push(mebibyte), [])
    assert.deepStrictEqual(decoder.push(bytes("\nb\n")), [undefined, "b"])
    assert.deepStrictEqual(decoder.push(mebibyte), [])
    assert.deepStrictEqual(
      decoder.push(bytes("\n")).map((line) => line?.length),
      [1024 * 1024]
    )
  })
})
