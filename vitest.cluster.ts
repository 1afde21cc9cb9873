import { defineConfig } from "vitest/config"

/** The tests of the contract, once more with a room over many machines, and the tests that wait for leases. */
export default defineConfig({
  test: {
    include: ["test/transcripts.test.ts", "test/server/{Session,Watch,Reclaim,Motd}.test.ts", "test/outages/*.test.ts"],
    globalSetup: ["test/support/build.ts", "test/support/engine.ts"],
    reporters: ["default", "./test/support/LastLine.ts"],
    // Real servers are stopped and killed here while a virtual clock runs: one repetition, and no more, tells a fault from chance.
    retry: 1,
    testTimeout: 30_000
  }
})
