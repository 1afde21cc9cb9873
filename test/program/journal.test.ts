/** The log where systemd's journal reads it. A file takes the place of the journal's socket. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fileSays } from "../support/fileSays.ts"
import { partyline } from "../support/Program.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

/** The whole log of a server that has an unreadable file at SIGHUP. `stream` is a shell word for JOURNAL_STREAM. */
const logOf = (stream: string, ...args: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const [log, options] = [join(yield* folder, "log"), join(yield* folder, "options.toml")]
    writeFileSync(log, "")
    writeFileSync(options, "")
    const script = `JOURNAL_STREAM=${stream} exec "$@" > "$LOG"`
    const behind = ["bash", "-c", script, "bash"]
    const program = yield* partyline(["0", "--host", "127.0.0.1", "--config", options, ...args], {
      behind,
      env: { LOG: log }
    })
    yield* fileSays(log, /Waiting for|"listening"/)
    writeFileSync(options, "nonsense")
    yield* program.signals("SIGHUP")
    yield* fileSays(log, /Configuration Not Changed/)
    yield* program.signals("SIGTERM")
    expect(yield* program.ended).toMatchObject({ code: 0, stderr: "" })
    return readFileSync(log, "utf8").trimEnd().split("\n")
  })

const JOURNAL = '$(stat -L -c %d:%i "$LOG")'

describe("each line of the journal begins with its syslog priority", () => {
  it.scopedLive("in place of timestamp and level", () =>
    Effect.map(logOf(JOURNAL), (lines) => {
      expect(lines[0]).toMatch(/^<6>Starting partyline \S+ \(process \d+\)$/)
      expect(lines[1]).toMatch(/^<6>Waiting for Incoming Connections on 127\.0\.0\.1:\d+$/)
      expect(lines[2]).toMatch(/^<4>Configuration Not Changed: /)
      expect(lines[3]).toBe("<6>Stopped")
      expect(lines).toHaveLength(4)
    })
  )

  it.scopedLive("and in JSON is the same object behind it", () =>
    Effect.map(logOf(JOURNAL, "--log-format", "json"), (lines) => {
      const read = lines.map((line): unknown => JSON.parse(line.slice(3)))
      expect(lines.map((line) => line.slice(0, 3))).toEqual(["<6>", "<6>", "<4>", "<6>"])
      expect(read).toMatchObject([
        { level: "INFO", event: "starting" },
        { level: "INFO", event: "listening" },
        { level: "WARN", event: "message" },
        { level: "INFO", event: "stopped" }
      ])
    })
  )
})

describe("where standard output is not the journal", () => {
  it.scopedLive("lines begin with a timestamp, although JOURNAL_STREAM was inherited", () =>
    Effect.map(logOf("1:2"), (lines) => {
      for (const line of lines) expect(line).toMatch(/^\d{4}-\S+Z (?:INFO|WARN) /)
    })
  )
})
