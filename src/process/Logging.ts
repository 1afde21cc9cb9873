/** Effect's Logger on standard output. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import { isAscii } from "../protocol/Text.ts"
import type { Metrics } from "../status/Metrics.ts"
import { StatusReport } from "../status/StatusLog.ts"
import { type Format, type Formatter, journal, json, text } from "./LogFormat.ts"
import * as StandardOutput from "./StandardOutput.ts"

const textOf = (message: unknown): string =>
  Array.isArray(message) ? message.map(textOf).join(" ") : typeof message === "string" ? message : String(message)

/** Writes each entry with the formatter, after a note of how many lines were lost before it. */
export const make = (
  formatter: Formatter,
  output: Pick<StandardOutput.StandardOutput, "takeLost" | "write">
): Logger.Logger<unknown, void> => {
  let now = Number.NaN
  let time = ""
  return Logger.make(({ cause, date, logLevel, message }) => {
    if (date.getTime() !== now) {
      now = date.getTime()
      time = date.toISOString()
    }
    const lost = output.takeLost()
    const note = lost === 0 ? "" : formatter.message(`${lost} status lines were lost.`, time, "WARN")
    const report: unknown = Array.isArray(message) ? message[0] : message
    if (!(report instanceof StatusReport)) {
      const why = Cause.isEmpty(cause) ? "" : `\n${Cause.pretty(cause)}`
      return output.write(note + formatter.message(textOf(message) + why, time, logLevel.label), lost, false)
    }
    let lines = note
    let isLatin1 = true
    for (const { event, times } of report.runs) {
      const line = formatter.event(event, time, logLevel.label)
      isLatin1 &&= isAscii(line)
      lines += line.repeat(times)
    }
    output.write(lines, lost, isLatin1)
  })
}

const formatterOf = (
  format: Format,
  hasPage: boolean,
  { isJournal, isTerminal }: StandardOutput.StandardOutput
): Formatter => (isJournal ? journal(format) : format === "json" ? json : text(isTerminal, hasPage))

/**
 * Replaces Effect's default logger. The release of the layer writes the last lines. A person at a terminal is told how to
 * connect, also with a browser if there is a page.
 */
export const layer = (format: Format, hasPage = false): Layer.Layer<never, never, Metrics> =>
  Layer.unwrapScoped(
    Effect.map(StandardOutput.make, (output) =>
      Logger.replace(Logger.defaultLogger, make(formatterOf(format, hasPage, output), output))
    )
  )
