/** Tests for a machine that has no programs: test/skipping.test.ts runs them on one. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { itNeeds } from "./Program.ts"

describe("a fixture", () => {
  it("runs", () => assert.isTrue(true))
  itNeeds("openssl", "nc")("needs two programs", () => Effect.void)
  itNeeds("openssl")("needs one of them", () => Effect.void)
  it.skip("has another system (needs Linux)", () => {})
})
