import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Scope from "effect/Scope"
import type { StatusEvent } from "../../src/status/StatusEvent.ts"
import { StatusLog, StatusReport } from "../../src/status/StatusLog.ts"

const mesg: StatusEvent = { event: "request", fd: 5, request: "MESG", recipient: "bob" }
const slow: StatusEvent = { event: "slowConsumer", fd: 6 }
const lines = [
  "Client (5): MESG bob",
  "Client (5): MESG bob",
  "Client (6): Slow Consumer. Disconnecting User."
] as const

/** Runs a log with that logger, and gives what was written. */
const written = (
  makeLogger: (write: (entry: unknown) => void) => Logger.Logger<unknown, void>,
  log: Effect.Effect<void>
) =>
  Effect.gen(function* () {
    const entries: Array<string> = []
    const write = (entry: unknown) => {
      entries.push(typeof entry === "string" ? entry : JSON.stringify(entry))
    }
    const console = { ...(yield* Effect.console), unsafe: { ...globalThis.console, log: write } }
    yield* log.pipe(
      Effect.provide(Logger.replace(Logger.defaultLogger, makeLogger(write))),
      Effect.withConsole(console)
    )
    return entries
  })

/** Records the events with a status log. */
const recorded = (layer: Layer.Layer<StatusLog>) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const log = yield* Effect.provide(StatusLog, yield* Layer.buildWithScope(layer, scope))
    log.record([mesg, mesg, slow])
    yield* Scope.close(scope, Exit.void)
  })

type Write = (entry: unknown) => void
const loggers = {
  string: (write: Write) => Logger.map(Logger.stringLogger, write),
  logfmt: (write: Write) => Logger.map(Logger.logfmtLogger, write),
  json: (write: Write) => Logger.map(Logger.jsonLogger, write),
  structured: (write: Write) => Logger.map(Logger.structuredLogger, write),
  pretty: () => Logger.prettyLogger({ colors: false, mode: "tty" })
}

describe("the status log", () => {
  it.effect.each(Object.entries(loggers))("is a readable line an event in Effect's %s logger", ([, logger]) =>
    Effect.gen(function* () {
      const entries = yield* written(logger, recorded(StatusLog.layer))
      assert.strictEqual(entries.length, lines.length)
      for (const [index, line] of lines.entries()) {
        assert.include(entries[index], line)
        assert.notInclude(entries[index], "\\", "nothing is quoted twice")
      }
    })
  )

  it.effect.each(Object.entries(loggers))("shows a report readably in Effect's %s logger", ([, logger]) =>
    Effect.gen(function* () {
      const report = new StatusReport([
        { event: mesg, times: 2 },
        { event: slow, times: 1 }
      ])
      const entries = yield* written(logger, Effect.log(report))
      assert.strictEqual(entries.length, 1)
      for (const line of lines) assert.include(entries[0], line)
      assert.strictEqual(String(report), lines.join("\n"))
    })
  )

  it.effect("logs an event that its sink fails to take, and goes on", () =>
    Effect.gen(function* () {
      const taken: Array<StatusEvent> = []
      const sink = StatusLog.layerSink((event) => {
        if (event === slow) throw new Error("no disk")
        taken.push(event)
      })
      const entries = yield* written(
        (write) => Logger.map(Logger.logfmtLogger, write),
        Effect.map(StatusLog, (log) => log.record([mesg, slow, mesg])).pipe(Effect.provide(sink))
      )
      assert.deepStrictEqual(taken, [mesg, mesg])
      assert.strictEqual(entries.length, 1)
      assert.match(entries[0] ?? "", /level=ERROR .*The sink of status events failed.*no disk/)
    })
  )
})
