import { defineConfig } from "vitest/config"

/** Runs the fixture alone, with the reporter of the suite. */
export default defineConfig({
  test: { include: ["test/support/skipping.fixture.ts"], reporters: ["./test/support/LastLine.ts"] }
})
