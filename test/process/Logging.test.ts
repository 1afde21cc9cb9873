import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Scope from "effect/Scope"
import * as LogFormat from "../../src/process/LogFormat.ts"
import * as Logging from "../../src/process/Logging.ts"
import type { StatusEvent } from "../../src/status/StatusEvent.ts"
import { StatusLog } from "../../src/status/StatusLog.ts"

/** The events as the status log writes them through Effect's Logger. */
const logged = (formatter: LogFormat.Formatter, level: LogLevel.LogLevel, events: ReadonlyArray<StatusEvent>) =>
  Effect.gen(function* () {
    let written = ""
    const logger = Logging.make(formatter, {
      takeLost: () => 0,
      write: (lines) => {
        written += lines
      }
    })
    const layer = StatusLog.layerReports.pipe(
      Layer.provide(Logger.replace(Logger.defaultLogger, logger)),
      Layer.provide(Logger.minimumLogLevel(level))
    )
    const scope = yield* Scope.make()
    const log = yield* Effect.provide(StatusLog, yield* Layer.buildWithScope(layer, scope))
    log.record(events)
    yield* Scope.close(scope, Exit.void)
    return { written, observed: log.observed }
  })

const events: ReadonlyArray<StatusEvent> = [
  { event: "accepted", fd: 5, peer: "127.0.0.1:40000" },
  { event: "request", fd: 5, request: "MESG", recipient: "bob" },
  { event: "slowConsumer", fd: 6 },
  { event: "quit", fd: 5, registered: true }
]

describe("the status log", () => {
  it.effect("is a line of text for each event, after a timestamp and a level", () =>
    Effect.gen(function* () {
      const { written } = yield* logged(LogFormat.text(false), LogLevel.Info, events)
      assert.strictEqual(
        written,
        [
          "1970-01-01T00:00:00.000Z INFO Client (5): Connection Accepted",
          "1970-01-01T00:00:00.000Z INFO Client (5): MESG bob",
          "1970-01-01T00:00:00.000Z WARN Client (6): Slow Consumer. Disconnecting User.",
          "1970-01-01T00:00:00.000Z INFO Client (5): Disconnecting User.",
          ""
        ].join("\n")
      )
    })
  )

  it.effect("is an object a line in JSON, with the fields of each event", () =>
    Effect.gen(function* () {
      const { written } = yield* logged(LogFormat.json, LogLevel.Info, events)
      const lines = written
        .trimEnd()
        .split("\n")
        .map((line): unknown => JSON.parse(line))
      const timestamp = "1970-01-01T00:00:00.000Z"
      assert.deepStrictEqual(lines, [
        { timestamp, level: "INFO", event: "accepted", fd: 5, peer: "127.0.0.1:40000" },
        { timestamp, level: "INFO", event: "request", fd: 5, request: "MESG", recipient: "bob" },
        { timestamp, level: "WARN", event: "slowConsumer", fd: 6 },
        { timestamp, level: "INFO", event: "quit", fd: 5, registered: true }
      ])
    })
  )

  it.effect("is warnings only at level warning", () =>
    Effect.gen(function* () {
      const { observed, written } = yield* logged(LogFormat.text(false), LogLevel.Warning, events)
      assert.strictEqual(written, "1970-01-01T00:00:00.000Z WARN Client (6): Slow Consumer. Disconnecting User.\n")
      assert.isFalse(observed)
    })
  )

  it.effect("has the level that the loss of an engine deserves", () =>
    Effect.gen(function* () {
      const { written } = yield* logged(LogFormat.text(false), LogLevel.Info, [
        { event: "roomUnavailable", problem: "no answer" },
        { event: "roomAvailable" },
        { event: "leaseLost", users: 2 },
        { event: "roomLost", users: 3 }
      ])
      const lines = written.trimEnd().split("\n")
      assert.deepStrictEqual(
        lines.map((line) => line.slice(line.indexOf(" ") + 1)),
        [
          "WARN Room Unavailable (no answer).",
          "INFO Room Available.",
          "WARN Lease Lost. Registering 2 Users Again.",
          "ERROR Room Data Lost. Registering 3 Users Again."
        ]
      )
    })
  )

  it.effect("adds the commands that connect to an address, for a person", () =>
    Effect.gen(function* () {
      const { written } = yield* logged(LogFormat.text(true), LogLevel.Info, [
        { event: "listening", host: "127.0.0.1", port: 8001 }
      ])
      const [line, commands] = written.split("\n")
      assert.match(line ?? "", /Waiting for Incoming Connections on 127\.0\.0\.1:8001$/)
      assert.match(commands ?? "", /^ +telnet 127\.0\.0\.1 8001 +or +nc 127\.0\.0\.1 8001$/)
    })
  )

  it.effect("adds the address for a browser, for a person, where there is a page", () =>
    Effect.gen(function* () {
      const pageOf = (host: string, secure: boolean) =>
        Effect.map(
          logged(LogFormat.text(true, true), LogLevel.Info, [{ event: "listening", host, port: 8001, secure }]),
          ({ written }) => /https?:\S+$/m.exec(written)?.[0]
        )
      assert.strictEqual(yield* pageOf("127.0.0.1", false), "http://localhost:8001")
      assert.strictEqual(yield* pageOf("127.0.0.1", true), "https://localhost:8001")
      assert.strictEqual(yield* pageOf("::1", false), "http://[::1]:8001")
      assert.strictEqual(yield* pageOf("192.0.2.1", false), "http://192.0.2.1:8001")
    })
  )

  it.effect("adds the commands that connect over TLS, for a person", () =>
    Effect.gen(function* () {
      const { written } = yield* logged(LogFormat.text(true), LogLevel.Info, [
        { event: "listening", host: "127.0.0.1", port: 8443, secure: true },
        { event: "listening", host: "::1", port: 8443, secure: true }
      ])
      const lines = written.split("\n")
      assert.match(lines[0] ?? "", /Waiting for Incoming Connections on 127\.0\.0\.1:8443 \(TLS\)$/)
      const indented = lines.map((line) => line.trim())
      assert.deepStrictEqual(indented.slice(1, 3), [
        "openssl s_client -connect 127.0.0.1:8443 -quiet",
        "ncat --ssl 127.0.0.1 8443"
      ])
      assert.deepStrictEqual(indented.slice(4, 6), [
        "openssl s_client -connect [::1]:8443 -quiet",
        "ncat --ssl ::1 8443"
      ])
    })
  )

  it.effect("indents further lines of a message, so that they cannot pass for entries", () =>
    Effect.gen(function* () {
      let written = ""
      const logger = Logging.make(LogFormat.text(false), {
        takeLost: () => 0,
        write: (lines) => {
          written += lines
        }
      })
      yield* Effect.logError("went wrong\n1970-01-01T00:00:00.000Z INFO forged", Cause.die(new Error("a\nb"))).pipe(
        Effect.provide(Logger.replace(Logger.defaultLogger, logger))
      )
      const [first, ...rest] = written.trimEnd().split("\n")
      assert.strictEqual(first, "1970-01-01T00:00:00.000Z ERROR went wrong")
      for (const line of rest) assert.match(line, /^ {4}/)
    })
  )

  it.effect.each([
    ["text", LogFormat.text(false), "1970-01-01T00:00:00.000Z WARN 7 status lines were lost.\n"],
    [
      "JSON",
      LogFormat.json,
      '{"timestamp":"1970-01-01T00:00:00.000Z","level":"WARN","event":"message","message":"7 status lines were lost."}\n'
    ]
  ] as const)("notes how many lines were lost before an entry, in %s", ([, formatter, note]) =>
    Effect.gen(function* () {
      let written = ""
      let told = 0
      const logger = Logging.make(formatter, {
        takeLost: () => 7,
        write: (lines, losses) => {
          written += lines
          told += losses
        }
      })
      yield* Effect.log("and on").pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)))
      assert.isTrue(written.startsWith(note), written)
      assert.strictEqual(told, 7)
    })
  )
})
