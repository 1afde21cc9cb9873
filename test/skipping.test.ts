import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { runs } from "./support/Program.ts"

describe("skipped tests", () => {
  it.scopedLive("are listed at the end, with what to install, and the counts are the last line", () =>
    Effect.gen(function* () {
      const empty = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
      )
      const vitest = ["node_modules/vitest/vitest.mjs", "run", "--config", "test/support/skipping.config.ts"]
      const { code, stderr, stdout } = yield* runs([process.execPath, ...vitest], { PATH: empty, CI: "" })
      assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" })
      assert.strictEqual(
        stdout.slice(stdout.indexOf("Skipped:")),
        [
          "Skipped:",
          "  test/support/skipping.fixture.ts: a fixture > needs two programs (needs: apt-get install openssl netcat-openbsd)",
          "  test/support/skipping.fixture.ts: a fixture > needs one of them (needs: apt-get install openssl)",
          "  test/support/skipping.fixture.ts: a fixture > has another system (needs Linux)",
          "To run them: apt-get install netcat-openbsd openssl",
          "1 passed, 0 failed, 3 skipped",
          ""
        ].join("\n")
      )
    })
  )
})
