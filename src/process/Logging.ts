/** Effect's Logger, writing lines of text or of JSON to standard output. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import type { Metrics } from "../status/Metrics.ts"
import { render, type StatusEvent } from "../status/StatusEvent.ts"
import { StatusReport } from "../status/StatusLog.ts"
import { commands } from "./ConnectHints.ts"
import * as StandardOutput from "./StandardOutput.ts"

export type Format = "text" | "json"

/** One log entry as lines. */
export interface Formatter {
  readonly event: (event: StatusEvent, time: string, level: string) => string
  readonly message: (message: string, time: string, level: string) => string
}

/** `<timestamp> <level> <line>`. To a person it also says how to reach an address. */
export const text = (forPerson: boolean): Formatter => ({
  event: (event, time, level) => {
    const line = `${time} ${level} ${render(event)}\n`
    return forPerson && event.event === "listening" ? line + commands(event) : line
  },
  // What follows a message's first line (the stack of a defect) is indented, so that it cannot pass for a line of its own.
  message: (message, time, level) => `${time} ${level} ${message.replaceAll("\n", "\n    ")}\n`
})

/** One object a line, with `timestamp`, `level`, `event` and what else the event knows. */
export const json: Formatter = {
  event: (event, timestamp, level) => `${JSON.stringify({ timestamp, level, ...event })}\n`,
  message: (message, timestamp, level) => `${JSON.stringify({ timestamp, level, event: "message", message })}\n`
}

const ascii = /^[\u0000-\u007f]*$/

const said = (message: unknown): string =>
  Array.isArray(message) ? message.map(said).join(" ") : typeof message === "string" ? message : String(message)

/** A logger that writes what the formatter makes of each entry, and says how many lines were lost before it. */
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
      return output.write(note + formatter.message(said(message) + why, time, logLevel.label), lost, false)
    }
    let lines = note
    let isAscii = true
    for (const { event, times } of report.runs) {
      const line = formatter.event(event, time, logLevel.label)
      isAscii &&= ascii.test(line)
      lines += line.repeat(times)
    }
    output.write(lines, lost, isAscii)
  })
}

/** Replaces Effect's default logger. All that was logged is written when the layer has been released. */
export const layer = (format: Format): Layer.Layer<never, never, Metrics> =>
  Layer.unwrapScoped(
    Effect.map(StandardOutput.make, (output) =>
      Logger.replace(Logger.defaultLogger, make(format === "json" ? json : text(output.isTerminal), output))
    )
  )
