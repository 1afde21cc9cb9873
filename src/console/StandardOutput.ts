/** The process's standard output, which may be slow, full or gone without harming anybody. */
import * as Fs from "node:fs"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { LOG_BYTES } from "../Limits.ts"

export interface StandardOutput {
  /** Whether a person is likely to be looking. */
  readonly isTerminal: boolean
  /** Writes whole lines, in order, at the latest at the end of this turn of the event loop. Never throws. */
  readonly write: (lines: string) => void
}

/** How long the end of the program waits for a reader of standard output that has stopped reading. */
const LAST_LINES = "1 second"

const isFile = (): boolean => {
  try {
    return Fs.fstatSync(process.stdout.fd).isFile()
  } catch {
    return false
  }
}

/** Writes to a file at once: unlike the stream, which is broken for good by its first error. */
const writeFile = (text: string): NodeJS.ErrnoException | undefined => {
  try {
    Fs.writeFileSync(process.stdout.fd, text)
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

const complain = (text: string) => process.stderr.write(`partyline: ${text}\n`)

/** What is written when the scope ends has been written, or its loss been said on standard error. */
export const make: Effect.Effect<StandardOutput, never, Scope.Scope> = Effect.gen(function* () {
  const { stdout, stderr } = process
  const toFile = isFile()
  let pending = ""
  let lost = 0
  let isGone = false

  const lose = (text: string) => {
    lost += text.split("\n").length - 1
  }
  const trouble = (error: NodeJS.ErrnoException) => {
    if (lost === 0) complain(`status lines are being lost: standard output cannot be written (${error.code})`)
  }
  const onError = (error: NodeJS.ErrnoException) => {
    if (!isGone) trouble(error)
    isGone = true
  }
  const ignore = () => {}
  stdout.on("error", onError)
  stderr.on("error", ignore)

  const flush = () => {
    const text = pending
    pending = ""
    if (text === "" || isGone) return
    if (stdout.writableLength + text.length > LOG_BYTES) {
      if (lost === 0) complain("status lines are being lost: nobody reads standard output")
      return lose(text)
    }
    const note = lost === 0 ? "" : `${lost} status lines were lost here\n`
    if (!toFile) stdout.write(note + text)
    else {
      const error = writeFile(note + text)
      if (error !== undefined) {
        trouble(error)
        return lose(text)
      }
    }
    lost = 0
  }

  yield* Effect.addFinalizer(() =>
    Effect.async<void>((resume) => {
      flush()
      if (isGone || toFile) return resume(Effect.void)
      stdout.write("", () => resume(Effect.void))
    }).pipe(
      // A finalizer cannot be interrupted unless it says so, and then a timeout would wait for what it times.
      Effect.interruptible,
      Effect.timeoutOption(LAST_LINES),
      Effect.andThen(() => {
        stdout.off("error", onError)
        stdout.on("error", ignore)
      })
    )
  )

  return {
    isTerminal: stdout.isTTY === true,
    write: (lines) => {
      if (pending === "") setImmediate(flush)
      pending += lines
    }
  }
})
