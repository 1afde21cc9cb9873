/** The process's standard output, which may be slow, full or gone without harming anybody. */
import * as Fs from "node:fs"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { codeOf } from "../ErrorText.ts"
import { LOG_BYTES } from "../Limits.ts"
import { Metrics } from "../status/Metrics.ts"

export interface StandardOutput {
  /** Whether a person is likely to be looking. */
  readonly isTerminal: boolean
  /** How many lines were lost since this was last asked: the next ones should say so. */
  readonly takeLost: () => number
  /**
   * Writes whole lines, in order, at the latest at the end of this turn of the event loop. `losses` is how many earlier
   * ones they say to be lost; `isAscii` that they are known to be ASCII. Never throws and never blocks.
   */
  readonly write: (lines: string, losses: number, isAscii: boolean) => void
}

/** How long the end of the program waits for a reader of standard output that has stopped reading. */
const LAST_LINES = "200 millis"

const isFile = (): boolean => {
  try {
    return Fs.fstatSync(process.stdout.fd).isFile()
  } catch {
    return false
  }
}

/** Node writes to a terminal in blocking mode: Ctrl-S would stop the server. */
const neverBlock = (stream: NodeJS.WriteStream): void => {
  const handle: unknown = Reflect.get(stream, "_handle")
  if (typeof handle !== "object" || handle === null) return
  const setBlocking: unknown = Reflect.get(handle, "setBlocking")
  if (typeof setBlocking === "function") Reflect.apply(setBlocking, handle, [false])
}

interface Failure {
  readonly code: string
  /** What could not be written, whole lines. */
  readonly rest: string
  /** Whether a part of the first of these lines was written. */
  readonly isTorn: boolean
}

/** Writes to a file at once: unlike the stream, which is broken for good by its first error. */
const writeFile = (text: string, isAscii: boolean): Failure | undefined => {
  const length = isAscii ? text.length : Buffer.byteLength(text)
  let written = 0
  try {
    // As text, which spares a buffer for each write, and ASCII as Latin-1, which is copied and neither measured nor
    // encoded: together half the price of a line. As bytes only when the file did not take all of it.
    written = Fs.writeSync(process.stdout.fd, text, null, isAscii ? "latin1" : "utf8")
    if (written === length) return undefined
    const bytes = Buffer.from(text)
    while (written < length) written += Fs.writeSync(process.stdout.fd, bytes, written)
    return undefined
  } catch (error) {
    const bytes = Buffer.from(text)
    const lineStart = written === 0 ? 0 : bytes.lastIndexOf("\n", written - 1) + 1
    return { code: codeOf(error), rest: bytes.toString("utf8", lineStart), isTorn: lineStart < written }
  }
}

const countLines = (text: string): number => text.split("\n").length - 1

const complain = (text: string) => process.stderr.write(`partyline: ${text}\n`)

/** What is written when the scope ends has been written, or its loss been said on standard error. */
export const make: Effect.Effect<StandardOutput, never, Scope.Scope | Metrics> = Effect.gen(function* () {
  const metrics = yield* Metrics
  const { stdout, stderr } = process
  const toFile = isFile()
  if (stdout.isTTY) neverBlock(stdout)
  let pending = ""
  let isAscii = true
  /** Losses that `pending` tells of: lost again with it. */
  let told = 0
  let lost = 0
  let isLosing = false
  let isTorn = false
  let isGone = false

  /** Loses lines, which may have told of losses before them. */
  const lose = (count: number, losses: number, why: string) => {
    lost += count + losses
    metrics.statusLinesLost += count
    if (!isLosing) complain(`status lines are being lost: ${why}`)
    isLosing = true
  }
  const onError = (error: Error) => {
    if (!isGone) lose(0, 0, `standard output cannot be written (${codeOf(error)})`)
    isGone = true
  }
  const ignore = () => {}
  stdout.on("error", onError)
  stderr.on("error", ignore)

  const flush = () => {
    const text = pending
    const losses = told
    const wasAscii = isAscii
    pending = ""
    isAscii = true
    told = 0
    if (text === "") return
    if (isGone) {
      metrics.statusLinesLost += countLines(text)
      return
    }
    if (stdout.writableLength + text.length > LOG_BYTES) {
      return lose(countLines(text), losses, "nobody reads standard output")
    }
    if (!toFile) {
      stdout.write(text)
      isLosing = false
      return
    }
    const failure = writeFile(isTorn ? `\n${text}` : text, wasAscii)
    isTorn = failure?.isTorn ?? false
    if (failure === undefined) isLosing = false
    else lose(countLines(failure.rest), losses, `standard output cannot be written (${failure.code})`)
  }

  yield* Effect.addFinalizer(() =>
    Effect.async<void>((resume) => {
      flush()
      if (isGone || toFile) return resume(Effect.void)
      stdout.write("", () => resume(Effect.void))
    }).pipe(
      // A finalizer cannot be interrupted unless it says so, and then a timeout would wait for what it times.
      Effect.interruptible,
      Effect.timeoutTo({
        duration: LAST_LINES,
        onSuccess: () => {},
        onTimeout: () => lose(0, 0, "nobody reads standard output")
      }),
      Effect.andThen(() => {
        stdout.off("error", onError)
        stdout.on("error", ignore)
      })
    )
  )

  return {
    isTerminal: stdout.isTTY === true,
    takeLost: () => {
      const count = lost
      lost = 0
      return count
    },
    write: (lines, losses, areAscii) => {
      if (pending === "") setImmediate(flush)
      pending += lines
      isAscii &&= areAscii
      told += losses
    }
  }
})
