import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // npm run test:cluster: they wait for leases.
    exclude: ["**/node_modules/**", "test/outages/**"],
    globalSetup: ["test/support/build.ts"],
    reporters: ["default", "./test/support/LastLine.ts"],
    testTimeout: 20_000
  }
})
