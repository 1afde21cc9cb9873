/** The service that records status events for the operator. */
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as Layer from "effect/Layer"
import * as LogLevel from "effect/LogLevel"
import type { StatusEvent } from "./StatusEvent.ts"
import { isLoss, isTrouble, render } from "./StatusLine.ts"

/** An event and how often it was recorded in a row. A burst of messages to one recipient repeats one object. */
export interface Run {
  readonly event: StatusEvent
  times: number
}

/** Events as the message of one log entry. A logger that does not know this class prints the lines. */
export class StatusReport {
  readonly runs: ReadonlyArray<Run>

  constructor(runs: ReadonlyArray<Run>) {
    this.runs = runs
  }

  toString(): string {
    return this.runs.flatMap(({ event, times }) => Array<string>(times).fill(render(event))).join("\n")
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
    /** Records the events in this order. Returns at once. */
    readonly record: (events: ReadonlyArray<StatusEvent>) => void
  }
>() {
  /**
   * Logs with Effect's Logger. Events that are recorded before its fiber runs go into one call, with a StatusReport as
   * the message; a change of level starts another call. The end of the scope logs pending events.
   */
  static readonly layer: Layer.Layer<StatusLog> = Layer.scoped(
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
        return Effect.forEach(byLevel(runs), ([level, group]) => Effect.logWithLevel(level, new StatusReport(group)), {
          discard: true
        })
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

  /** Calls `f` with each event, for tests. */
  static readonly layerSink = (f: (event: StatusEvent) => void): Layer.Layer<StatusLog> =>
    Layer.succeed(StatusLog, { observed: true, record: (events) => events.forEach(f) })
}

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
