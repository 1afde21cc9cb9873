import { defineConfig } from "vitest/config"
import { nodes } from "./vitest.config.ts"

/** The tests of the contract, once more with a room over many machines, and the tests that wait for leases. */
export default defineConfig({
  test: {
    include: [
      "test/transcripts.test.ts",
      "test/server/{Session,Watch,Reclaim,Motd}.test.ts",
      "test/fuzz/fuzz.test.ts",
      nodes,
      "test/outages/*.test.ts"
    ],
    globalSetup: ["test/support/build.ts", "test/support/engine.ts"],
    reporters: ["default", "./test/support/LastLine.ts"],
    testTimeout: 60_000
  }
})
