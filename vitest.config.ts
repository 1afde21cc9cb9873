import { defineConfig } from "vitest/config"

/** Client programs and pages in real terminals and browsers, and the package as npm installs it: npm run test:clients. */
export const clients =
  "test/program/{chat,chatPage*,say,listen,scripting,clientTls,statusPage,operator,package}.test.ts"

/** Programs with a real Redis: npm run test:cluster. */
export const nodes = "test/program/cluster.test.ts"

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // npm run test:cluster: they wait for leases.
    exclude: ["**/node_modules/**", "test/outages/**", clients, nodes],
    globalSetup: ["test/support/build.ts"],
    reporters: ["default", "./test/support/LastLine.ts"],
    // Many tests wait for programs and timers: more of them at once than there are cores. The files of a worker share its
    // modules, because loading Effect anew takes longer than most files run. With fewer workers at least than at most,
    // vitest 3 fails while it ends them ("Terminating worker thread").
    isolate: false,
    maxWorkers: 4,
    minWorkers: 4,
    // Ends a test that hangs. A starved machine takes many times longer than an idle one.
    testTimeout: 60_000
  }
})
