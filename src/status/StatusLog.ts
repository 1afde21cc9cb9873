/** The service that records status events for the operator. */
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import { NodeInspectSymbol } from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import * as Runtime from "effect/Runtime"
import type { StatusEvent } from "./StatusEvent.ts"
import { isLoss, isTrouble, render } from "./StatusLine.ts"

/** An event and how often it was recorded in a row. A burst of messages to one recipient repeats one object. */
export interface Run {
  readonly event: StatusEvent
  times: number
}

/** Events as the message of one log entry, in the order in which they were recorded. */
export class StatusReport {
  readonly runs: ReadonlyArray<Run>

  constructor(runs: ReadonlyArray<Run>) {
    this.runs = runs
  }

  /** The lines: so a logger or `console.log` that does not know this class can show it. */
  toString(): string {
    return this.runs.flatMap(({ event, times }) => Array<string>(times).fill(render(event))).join("\n")
  }

  toJSON(): string {
    return this.toString()
  }

  [NodeInspectSymbol](): string {
    return this.toString()
  }
}

const levelOf = (event: StatusEvent): LogLevel.LogLevel => {
  if (isLoss(event)) return LogLevel.Error
  return isTrouble(event) ? LogLevel.Warning : LogLevel.Info
}

/** Logs one event by itself, at once. */
export const report = (event: StatusEvent): Effect.Effect<void> =>
  Effect.logWithLevel(levelOf(event), new StatusReport([{ event, times: 1 }]))

export class StatusLog extends Context.Tag("partyline/StatusLog")<
  StatusLog,
  {
    /** Whether events below a warning are logged. If not, callers need not make them. */
    readonly observed: boolean
    /** Records the events in this order. Returns at once, and does not throw. */
    readonly record: (events: ReadonlyArray<StatusEvent>) => void
  }
>() {
  /** Logs each event with Effect's Logger: its line is a log entry of its own, a string that every logger can show. */
  static readonly layer: Layer.Layer<StatusLog> = Layer.suspend(() => logging(logLines))

  /**
   * Logs with Effect's Logger, for a logger that knows StatusReport. Events that are recorded before its fiber runs are the
   * message of one entry; a change of level starts another.
   */
  static readonly layerReports: Layer.Layer<StatusLog> = Layer.suspend(() => logging(logReport))

  /** Calls `f` with each event. An event for which `f` throws is logged as an error, and nothing else. */
  static readonly layerSink = (f: (event: StatusEvent) => void): Layer.Layer<StatusLog> =>
    Layer.effect(
      StatusLog,
      Effect.map(Effect.runtime<never>(), (runtime) => {
        const complain = Runtime.runFork(runtime)
        const take = (event: StatusEvent): void => {
          try {
            f(event)
          } catch (defect) {
            complain(Effect.logError("The sink of status events failed.", Cause.die(defect)))
          }
        }
        return { observed: true, record: (events) => events.forEach(take) }
      })
    )
}

type LogRuns = (level: LogLevel.LogLevel, runs: ReadonlyArray<Run>) => Effect.Effect<void>

const logReport: LogRuns = (level, runs) => Effect.logWithLevel(level, new StatusReport(runs))

const logLines: LogRuns = (level, runs) =>
  Effect.forEach(runs, ({ event, times }) => Effect.repeatN(Effect.logWithLevel(level, render(event)), times - 1), {
    discard: true
  })

/** Logs what was recorded when its fiber runs, and the rest at the end of the scope. */
const logging = (log: LogRuns): Layer.Layer<StatusLog> =>
  Layer.scoped(
    StatusLog,
    Effect.gen(function* () {
      const minimum = yield* FiberRef.get(FiberRef.currentMinimumLogLevel)
      const observed = LogLevel.lessThanEqual(minimum, LogLevel.Info)
      let pending: Array<Run> = []
      let wake: (() => void) | undefined

      const untilPending = Effect.async<void>((resume) => {
        wake = () => resume(Effect.void)
        if (pending.length > 0) wake()
      })
      const flush = Effect.suspend(() => {
        const runs = pending
        pending = []
        return Effect.forEach(byLevel(runs), ([level, group]) => log(level, group), { discard: true })
      }).pipe(
        Effect.catchAllCause((cause) => Console.error(`partyline: status lines were lost: ${Cause.pretty(cause)}`)),
        Effect.uninterruptible
      )
      yield* Effect.addFinalizer(() => flush)
      yield* untilPending.pipe(Effect.zipRight(flush), Effect.forever, Effect.forkScoped)

      return StatusLog.of({
        observed,
        record: (events) => {
          for (const event of events) {
            const last = pending[pending.length - 1]
            if (last?.event === event) last.times++
            else if (observed || LogLevel.lessThanEqual(minimum, levelOf(event))) pending.push({ event, times: 1 })
          }
          if (pending.length > 0) wake?.()
        }
      })
    })
  )

/** Consecutive events of the same level, in groups. */
const byLevel = (runs: ReadonlyArray<Run>): Array<[LogLevel.LogLevel, Array<Run>]> => {
  const groups: Array<[LogLevel.LogLevel, Array<Run>]> = []
  for (const run of runs) {
    const level = levelOf(run.event)
    const last = groups[groups.length - 1]
    if (last !== undefined && last[0] === level) last[1].push(run)
    else groups.push([level, [run]])
  }
  return groups
}
