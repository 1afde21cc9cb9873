/** The file that keeps typed commands between runs. It never holds a message. */
import { homedir } from "node:os"
import { dirname, isAbsolute, join } from "node:path"
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Ref from "effect/Ref"
import { HISTORY_LINES } from "./History.ts"
import { isKept } from "./Typed.ts"

export class HistoryFileError extends Data.TaggedError("HistoryFileError")<{
  readonly path: string
  readonly cause: PlatformError
}> {
  override get message(): string {
    const reason = this.cause._tag === "SystemError" ? this.cause.reason : this.cause.message
    return `commands are not kept between runs: ${this.path}: ${reason}`
  }
}

type Variables = { readonly [name: string]: string | undefined }

/** `history` in the folder for state of the XDG specification, which ignores a path that is not absolute. */
export const pathOf = (variables: Variables, home: string = homedir()): string => {
  const state = variables["XDG_STATE_HOME"] ?? ""
  return join(isAbsolute(state) ? state : join(home, ".local", "state"), "partyline", "history")
}

export class HistoryFile extends Context.Tag("partyline/HistoryFile")<
  HistoryFile,
  {
    /** Lines of earlier runs, the oldest first. */
    readonly lines: Effect.Effect<ReadonlyArray<string>, HistoryFileError>
    /** Keeps a line, if it carries no message. Several programs can do so at once. Fails once; then it keeps nothing. */
    readonly remember: (line: string) => Effect.Effect<void, HistoryFileError>
  }
>() {
  static readonly layer = (path: string): Layer.Layer<HistoryFile, never, FileSystem.FileSystem> =>
    Layer.effect(HistoryFile, make(path))
}

const PRIVATE = 0o600

const make = (path: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const isBroken = yield* Ref.make(false)
    const failed = Effect.mapError((cause: PlatformError) => new HistoryFileError({ path, cause }))

    const read = files.readFileString(path).pipe(
      Effect.map((text) => text.split("\n").filter(isKept)),
      Effect.catchIf(
        (error) => error._tag === "SystemError" && error.reason === "NotFound",
        () => Effect.succeed([])
      )
    )

    /** Renaming is atomic: another program reads the old file or the new one, never half of one. */
    const shorten = (lines: ReadonlyArray<string>) =>
      Effect.gen(function* () {
        const next = `${path}.${process.pid}`
        yield* files.writeFileString(next, lines.map((line) => `${line}\n`).join(""), { mode: PRIVATE })
        yield* files.rename(next, path)
      })

    const lines = Effect.gen(function* () {
      const all = yield* read
      const kept = all.slice(-HISTORY_LINES)
      if (all.length > 2 * HISTORY_LINES) yield* shorten(kept)
      return kept
    })

    const append = (line: string) =>
      Effect.gen(function* () {
        yield* files.makeDirectory(dirname(path), { recursive: true, mode: 0o700 })
        // One write in append mode: the lines of two programs do not mix.
        yield* files.writeFileString(path, `${line}\n`, { flag: "a", mode: PRIVATE })
        // A file that somebody made by hand has the mode that the umask gave it.
        yield* files.chmod(path, PRIVATE)
      })

    return HistoryFile.of({
      lines: failed(lines),
      remember: (line) =>
        Effect.tapError(failed(append(line)), () => Ref.set(isBroken, true)).pipe(
          Effect.unlessEffect(Ref.get(isBroken)),
          Effect.when(() => isKept(line))
        )
    })
  })
