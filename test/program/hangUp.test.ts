/** SIGHUP, from a person and from the kernel when a terminal goes away. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { fileSays } from "../support/fileSays.ts"
import { dial, itNeeds, partyline, redirected, serves } from "../support/Program.ts"

const script = fileURLToPath(new URL("../support/hangup.py", import.meta.url))

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

describe("SIGHUP", () => {
  it.scopedLive("with nothing to reload changes nothing, and the log says so", () =>
    Effect.gen(function* () {
      const { joins, program } = yield* serves()
      const ann = yield* joins("ann")
      yield* program.signals("SIGHUP")
      yield* program.says("Nothing to Reload: There Is No --config, --tls-cert, --motd @file or --ops-token")
      yield* ann.types("PING")
      expect(yield* ann.hears).toBe("PONG")
    })
  )

  it.scopedLive("while the server drains does not end it", () =>
    Effect.gen(function* () {
      const { joins, program } = yield* serves()
      const ann = yield* joins("ann", { lingers: true })
      yield* program.signals("SIGTERM")
      yield* ann.isLeft
      yield* program.signals("SIGHUP")
      yield* ann.hangsUp
      expect(yield* program.ended).toMatchObject({ code: 0, signal: null })
    })
  )

  it.scopedLive("reads the file of --motd again", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "motd")
      writeFileSync(file, "old news\n")
      const { connects, program } = yield* serves(["--motd", `@${file}`])
      const greeting = Effect.gen(function* () {
        const { hears, types } = yield* connects
        yield* types("QUIT")
        return yield* hears
      })
      expect(yield* greeting).toBe("old news")
      writeFileSync(file, "new news\n")
      yield* program.signals("SIGHUP")
      yield* program.says(`Configuration: motd Has Changed in ${file}`)
      expect(yield* greeting).toBe("new news")
      rmSync(file)
      yield* program.signals("SIGHUP")
      yield* program.captures(/^(Configuration Not Changed: )/, 1)
      expect(yield* greeting).toBe("new news")
    })
  )

  it.scopedLive("keeps what came through a pipe, says so, and reads the rest again", () =>
    Effect.gen(function* () {
      const file = join(yield* folder, "motd")
      writeFileSync(file, "old news\n")
      const pipes = "--ops-port 0 --ops-token @<(echo correct-horse-battery) --config <(echo max-users = 1)"
      const { connects, joins, program } = yield* serves(["--motd", `@${file}`], { behind: redirected(pipes) })
      writeFileSync(file, "new news\n")
      yield* program.signals("SIGHUP")
      yield* program.says(`Configuration: motd Has Changed in ${file}`)
      yield* program.captures(/^Configuration: (ops-token|config) Stays; \/dev\/fd\/\d+ Can Be Read Once Only$/, 2)
      yield* joins("ann")
      const { hears, types } = yield* connects
      yield* types("JOIN bob")
      expect([yield* hears, yield* hears]).toEqual(["new news", "Too Many Users. Disconnecting User."])
    })
  )
})

describe("a terminal that goes away", () => {
  for (const [words, command] of [
    ["with nohup", 'nohup "$@" > "$LOG" 2>&1 & wait'],
    ["in the background", '"$@" > "$LOG" 2>&1 & wait'],
    ["in the foreground", 'exec "$@" > "$LOG"']
  ] as const) {
    itNeeds("python3")(`does not take a server with it that was started ${words}`, () =>
      Effect.gen(function* () {
        const log = join(yield* folder, "log")
        writeFileSync(log, "")
        const behind = ["python3", script, "bash", "-c", command, "bash"]
        const terminal = yield* partyline(["0", "--host", "127.0.0.1"], { behind, env: { LOG: log } })
        const pid = Number(yield* fileSays(log, /\(process (\d+)\)/))
        yield* Effect.addFinalizer(() =>
          Effect.sync(() => {
            process.kill(pid, "SIGKILL")
          })
        )
        const port = Number(yield* fileSays(log, /Connections on \S+:(\d+)$/m))
        terminal.child.stdin.end()
        yield* fileSays(log, /Nothing to (Reload)/)
        const ann = yield* dial(port)
        yield* ann.types("JOIN ann")
        expect(yield* ann.hears).toBe("JOIN ann Request Accepted")
      })
    )
  }
})
