import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { play } from "./Game.ts"
import type { Trace } from "./Round.ts"

const ROUNDS = 2000
const PARTS = 10

/** The last lines of the trace that a failure shows. */
const SHOWN = 60

describe("clients with random actions", () => {
  it.each(Array.from({ length: PARTS }, (_, part) => 1 + (part * ROUNDS) / PARTS))(
    "are served according to the protocol (rounds from seed %i)",
    async (first) => {
      for (let seed = first; seed < first + ROUNDS / PARTS; seed++) {
        const trace: Trace = []
        await Effect.runPromise(play(seed, trace)).catch((why: unknown) =>
          assert.fail(
            `${trace.slice(-SHOWN).join("\n")}\n${String(why)}\nall of it: npm run fuzz -- --seed ${seed} --rounds 1`
          )
        )
      }
    },
    120_000
  )
})
