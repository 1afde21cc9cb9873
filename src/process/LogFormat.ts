/** Log entries as lines of text or of JSON. */
import { escaped } from "../protocol/Text.ts"
import type { StatusEvent } from "../status/StatusEvent.ts"
import { render } from "../status/StatusLine.ts"
import { commands } from "./ConnectHints.ts"

export type Format = "text" | "json"

/** One log entry as lines. */
export interface Formatter {
  readonly event: (event: StatusEvent, time: string, level: string) => string
  readonly message: (message: string, time: string, level: string) => string
}

/** Further lines of a message (a stack) are indented, so that they cannot pass for log entries. */
const lines = (message: string): string => message.split("\n").map(escaped).join("\n    ")

/** `<timestamp> <level> <line>`. For a person it adds the commands that connect to an address, and its page if there is one. */
export const text = (forPerson: boolean, hasPage = false): Formatter => ({
  event: (event, time, level) => {
    const line = `${time} ${level} ${render(event)}\n`
    return forPerson && event.event === "listening" ? line + commands(event, hasPage) : line
  },
  message: (message, time, level) => `${time} ${level} ${lines(message)}\n`
})

/** One object a line, with `timestamp`, `level`, `event` and the fields of the event. */
export const json: Formatter = {
  event: (event, timestamp, level) => `${JSON.stringify({ timestamp, level, ...event })}\n`,
  message: (message, timestamp, level) => `${JSON.stringify({ timestamp, level, event: "message", message })}\n`
}

const priorities: { readonly [level: string]: number } = { DEBUG: 7, INFO: 6, WARN: 4, ERROR: 3, FATAL: 3 }

const prefixed = (text: string, level: string): string => text.replaceAll(/^(?=.)/gm, `<${priorities[level] ?? 6}>`)

/** For systemd's journal, which has timestamps of its own: the syslog priority in place of timestamp and level. */
export const journal = (format: Format): Formatter => ({
  event: (event, time, level) =>
    prefixed(format === "json" ? json.event(event, time, level) : `${render(event)}\n`, level),
  message: (message, time, level) =>
    prefixed(format === "json" ? json.message(message, time, level) : `${lines(message)}\n`, level)
})
