/** The program's messages to systemd (Type=notify). A socket of python3 takes the place of systemd's. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { itNeeds, serves, starts } from "../support/Program.ts"

const script = fileURLToPath(new URL("../support/notified.py", import.meta.url))

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

const test = itNeeds("systemd-notify", "python3")

describe("systemd", () => {
  test("is told READY when the server listens, and STOPPING when it begins to drain", () =>
    Effect.gen(function* () {
      const socket = join(yield* folder, "notify")
      const manager = yield* starts(["python3", script, socket])
      yield* manager.says("waiting")
      const { joins, program } = yield* serves(["--drain-timeout", "1m"], { env: { NOTIFY_SOCKET: socket } })
      yield* manager.says("READY=1")
      const ann = yield* joins("ann")
      yield* program.signals("SIGHUP")
      yield* program.captures(/^(Nothing to Reload)/, 1)
      // A client that does not read keeps the server from ending.
      ann.socket.pause()
      yield* ann.sends("LIST\n".repeat(200_000))
      yield* program.signals("SIGTERM")
      yield* manager.says("STOPPING=1")
      expect(program.hasEnded).toBe(false)
      ann.socket.destroy()
      expect(yield* program.ended).toMatchObject({ code: 0, stderr: "" })
      expect(manager.lines.filter((line) => /^(READY|STOPPING|RELOADING)=/.test(line))).toEqual([
        "READY=1",
        "STOPPING=1"
      ])
    }))

  for (const [words, path] of [
    ["without systemd-notify", { PATH: "/nonexistent" }],
    ["without a socket", {}]
  ] as const) {
    test(`is not told ${words}: one line says so, and the server serves`, () =>
      Effect.gen(function* () {
        const env = { ...path, NOTIFY_SOCKET: join(yield* folder, "nobody") }
        const { joins, program } = yield* serves([], { env })
        yield* program.captures(/^(The Service Manager Was Not Told) \(systemd-notify: \S.*\)$/, 1)
        yield* joins("ann")
        yield* program.signals("SIGTERM")
        expect(yield* program.ended).toMatchObject({ code: 0, stderr: "" })
        expect(program.stdout.match(/ WARN /g)).toHaveLength(1)
      }))
  }

  it.scopedLive("is not told anything where it does not ask", () =>
    Effect.gen(function* () {
      const { program } = yield* serves([], { env: { PATH: "/nonexistent" } })
      yield* program.signals("SIGTERM")
      expect(yield* program.ended).toMatchObject({ code: 0, stderr: "" })
      expect(program.stdout).not.toContain("WARN")
    })
  )
})
