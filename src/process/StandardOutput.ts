/** Standard output that may be slow, full or closed: writing never blocks and never fails. */
import * as Fs from "node:fs"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { codeOf } from "../ErrorText.ts"
import { LOG_BYTES } from "../Limits.ts"
import { countLines } from "../protocol/Text.ts"
import { Metrics } from "../status/Metrics.ts"

export interface StandardOutput {
  /** Whether standard output is a terminal. */
  readonly isTerminal: boolean
  /** Whether it is systemd's journal. */
  readonly isJournal: boolean
  /** Takes the number of lines lost since the last call, for a note before the next line. */
  readonly takeLost: () => number
  /**
   * Writes whole lines, in order, by the end of this turn of the event loop. `losses` is the number of lost lines that
   * they report. `isAscii` promises that they are ASCII. Never throws and never blocks.
   */
  readonly write: (lines: string, losses: number, isAscii: boolean) => void
}

/** How long shutdown waits for a reader of standard output that has stopped reading. */
const LAST_LINES = "200 millis"

/** systemd names the device and the inode of the journal's socket; output may have been redirected since. */
const isJournal = (): boolean => {
  try {
    const { dev, ino } = Fs.fstatSync(process.stdout.fd)
    return process.env["JOURNAL_STREAM"] === `${dev}:${ino}`
  } catch {
    return false
  }
}

const isFile = (): boolean => {
  try {
    return Fs.fstatSync(process.stdout.fd).isFile()
  } catch {
    return false
  }
}

/** By default Node writes to a terminal in blocking mode, and Ctrl-S would stop the server. */
const neverBlock = (stream: NodeJS.WriteStream): void => {
  const handle: unknown = Reflect.get(stream, "_handle")
  if (typeof handle !== "object" || handle === null) return
  const setBlocking: unknown = Reflect.get(handle, "setBlocking")
  if (typeof setBlocking === "function") Reflect.apply(setBlocking, handle, [false])
}

interface Failure {
  readonly code: string
  /** The lines that were not written. */
  readonly rest: string
  /** Whether a part of the first line was written. */
  readonly isTorn: boolean
}

/** Writes to a file synchronously. After its first error, a stream would never write again. */
const writeFile = (text: string, isAscii: boolean): Failure | undefined => {
  const length = isAscii ? text.length : Buffer.byteLength(text)
  let written = 0
  try {
    // Speed: text needs no buffer, and Latin-1 is copied without encoding. Together they halve the cost of a line.
    // Bytes are only needed after a partial write.
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

const complain = (text: string) => process.stderr.write(`partyline: ${text}\n`)

/** The end of the scope writes the pending lines, or reports their loss on standard error. */
export const make: Effect.Effect<StandardOutput, never, Scope.Scope | Metrics> = Effect.gen(function* () {
  const metrics = yield* Metrics
  const { stdout, stderr } = process
  const toFile = isFile()
  if (stdout.isTTY) neverBlock(stdout)
  let pending = ""
  let isAscii = true
  /** Losses that `pending` reports. If `pending` is lost, they are to be reported again. */
  let reported = 0
  let lost = 0
  let isLosing = false
  let isTorn = false
  let isGone = false

  /** Counts lost lines, and again the losses that they would have reported. */
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
    const losses = reported
    const wasAscii = isAscii
    pending = ""
    isAscii = true
    reported = 0
    if (text === "") return
    if (isGone) {
      metrics.statusLinesLost += countLines(text)
      return
    }
    // One turn of a flood can make more than may wait, and that is no sign of a slow reader.
    if (stdout.writableLength > 0 && stdout.writableLength + text.length > LOG_BYTES) {
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
      // Finalizers are uninterruptible by default, and a timeout waits for an uninterruptible effect.
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
    isJournal: isJournal(),
    takeLost: () => {
      const count = lost
      lost = 0
      return count
    },
    write: (lines, losses, areAscii) => {
      if (pending === "") setImmediate(flush)
      pending += lines
      isAscii &&= areAscii
      reported += losses
    }
  }
})
