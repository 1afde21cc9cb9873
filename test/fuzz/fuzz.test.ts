import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { hasEngine } from "../support/World.ts"
import type { Trace } from "./Round.ts"
import { targets } from "./targets.ts"

/** Over an engine a round takes many times as long. */
const ROUNDS = hasEngine ? 150 : 1000
const PARTS = 10

/** The last lines of the trace that a failure shows. */
const SHOWN = 60

const plays = async (name: string, first: number, rounds: number): Promise<void> => {
  for (let seed = first; seed < first + rounds; seed++) {
    const trace: Trace = []
    await Effect.runPromise(targets.get(name)?.play(seed, trace) ?? Effect.dieMessage(name)).catch((why: unknown) =>
      assert.fail(
        `${trace.slice(-SHOWN).join("\n")}\n${String(why)}\nall of it: npm run fuzz -- --target ${name} --seed ${seed} --rounds 1`
      )
    )
  }
}

describe("clients with random actions", () => {
  it.each(Array.from({ length: PARTS }, (_, part) => 1 + (part * ROUNDS) / PARTS))(
    "are served according to the protocol (rounds from seed %i)",
    (first) => plays("room", first, ROUNDS / PARTS),
    120_000
  )
})

describe.skipIf(hasEngine)("random input", () => {
  it.each([
    ["lines", 5],
    ["http", 2],
    ["proxy", 2],
    ["websocket", 2],
    ["options", 1],
    ["screen", 1],
    ["entries", 5]
  ])("of the target %s has its meaning, or is refused", (name, rounds) => plays(name, 1, rounds), 60_000)

  it("has a test for every target", () => {
    assert.deepStrictEqual([...targets.keys()].slice(1), [
      "lines",
      "http",
      "proxy",
      "websocket",
      "options",
      "screen",
      "entries"
    ])
  })
})
