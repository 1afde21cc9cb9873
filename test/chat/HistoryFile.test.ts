import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as PlatformError from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { HISTORY_LINES } from "../../src/chat/History.ts"
import { HistoryFile, HistoryFileError, pathOf } from "../../src/chat/HistoryFile.ts"

/** The path of a history file in a new folder, which is removed afterwards. */
const place = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  ),
  (folder) => join(folder, "state", "history")
)

const opened = (path: string, files: Layer.Layer<FileSystem.FileSystem> = NodeFileSystem.layer) =>
  Effect.provide(HistoryFile, Layer.provide(HistoryFile.layer(path), files))

const modeOf = (path: string) => statSync(path).mode & 0o777

describe("the history file", () => {
  it.each<readonly [variables: { readonly [name: string]: string }, path: string]>([
    [{}, "/home/ann/.local/state/partyline/history"],
    [{ XDG_STATE_HOME: "/state" }, "/state/partyline/history"],
    [{ XDG_STATE_HOME: "" }, "/home/ann/.local/state/partyline/history"],
    [{ XDG_STATE_HOME: "state" }, "/home/ann/.local/state/partyline/history"]
  ])("is where XDG puts it: %j", (variables, path) => assert.strictEqual(pathOf(variables, "/home/ann"), path))

  it.scopedLive("keeps commands for the next run, for its owner alone", () =>
    Effect.gen(function* () {
      const path = yield* place
      const first = yield* opened(path)
      assert.deepStrictEqual(yield* first.lines, [])
      yield* first.remember("/list")
      yield* first.remember("/help")
      assert.deepStrictEqual(yield* (yield* opened(path)).lines, ["/list", "/help"])
      assert.strictEqual(modeOf(path), 0o600)
    })
  )

  it.scopedLive("never has a message in it", () =>
    Effect.gen(function* () {
      const path = yield* place
      const { remember } = yield* opened(path)
      for (const line of ["hello", "/msg bob x", "/raw MESG bob x", "/mgs bob x", "/list x"]) yield* remember(line)
      assert.isFalse(existsSync(path))
    })
  )

  it.scopedLive("can be shared by two programs", () =>
    Effect.gen(function* () {
      const path = yield* place
      const [one, two] = [yield* opened(path), yield* opened(path)]
      const fifty = (keep: HistoryFile["Type"], line: string) =>
        Effect.replicateEffect(keep.remember(line), 50, { concurrency: "unbounded", discard: true })
      yield* Effect.all([fifty(one, "/list"), fifty(two, "/help")], { concurrency: "unbounded" })
      const lines = yield* one.lines
      assert.lengthOf(lines, 100)
      assert.lengthOf(
        lines.filter((line) => line === "/help"),
        50
      )
    })
  )

  it.scopedLive("of a careless mode is closed to others, and its foreign lines are dropped", () =>
    Effect.gen(function* () {
      const path = yield* place
      yield* (yield* opened(path)).remember("/list")
      writeFileSync(path, "/list\n/msg bob secret\n\u001b[2J\n")
      chmodSync(path, 0o644)
      const again = yield* opened(path)
      assert.deepStrictEqual(yield* again.lines, ["/list"])
      yield* again.remember("/help")
      assert.strictEqual(modeOf(path), 0o600)
    })
  )

  it.scopedLive("does not grow for ever", () =>
    Effect.gen(function* () {
      const path = yield* place
      yield* (yield* opened(path)).remember("/list")
      writeFileSync(path, "/help\n".repeat(2 * HISTORY_LINES + 1))
      assert.lengthOf(yield* (yield* opened(path)).lines, HISTORY_LINES)
      assert.lengthOf(readFileSync(path, "utf8").trim().split("\n"), HISTORY_LINES)
      assert.strictEqual(modeOf(path), 0o600)
    })
  )

  /** A file system on which everything fails for this reason. */
  const broken = (reason: PlatformError.SystemErrorReason) => {
    const error = new PlatformError.SystemError({ reason, module: "FileSystem", method: "open", pathOrDescriptor: "x" })
    const fails = () => Effect.fail(error)
    return FileSystem.layerNoop({ readFileString: fails, writeFileString: fails, makeDirectory: () => Effect.void })
  }

  it.scoped("that cannot be read says why", () =>
    Effect.gen(function* () {
      const { lines } = yield* opened("/x/history", broken("PermissionDenied"))
      const error = yield* Effect.flip(lines)
      assert.instanceOf(error, HistoryFileError)
      assert.strictEqual(error.message, "commands are not kept between runs: /x/history: PermissionDenied")
    })
  )

  it.scoped("that cannot be written, as on a full disk, says so once", () =>
    Effect.gen(function* () {
      const { remember } = yield* opened("/x/history", broken("Unknown"))
      assert.instanceOf(yield* Effect.flip(remember("/list")), HistoryFileError)
      yield* remember("/list")
    })
  )
})
