import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // npm run test:cluster: they wait for leases.
    exclude: ["**/node_modules/**", "test/outages/**"],
    globalSetup: ["test/support/build.ts"],
    reporters: ["default", "./test/support/LastLine.ts"],
    // Many tests wait for programs and timers: more of them at once than there are cores.
    maxWorkers: 4,
    minWorkers: 1,
    testTimeout: 20_000
  }
})
