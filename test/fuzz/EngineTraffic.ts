/** The commands of this process that Redis has not answered, as ioredis reports them. */
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

interface Command {
  readonly command: string
  readonly args: ReadonlyArray<string>
}

/** An inbox that a node waits at, and the position in it: everything up to there has been taken. */
export interface Reading {
  readonly inbox: string
  readonly position: string
}

const readingOf = ({ args }: Command): Reading => ({ inbox: args.at(-2) ?? "", position: args.at(-1) ?? "" })

export class EngineTraffic {
  /** Commands that were ever sent, but for XREAD. */
  sent = 0
  /** Each XREAD that waits for an entry. */
  private readonly reads = new Set<Command>()
  private readonly underway = new Set<Command>()
  private readonly waiting: Array<() => void> = []

  /** Listens as long as the scope lasts. */
  static readonly make: Effect.Effect<EngineTraffic, never, Scope.Scope> = Effect.gen(function* () {
    const traffic = new EngineTraffic()
    yield* heard("start", (command) => traffic.starts(command))
    yield* heard("asyncEnd", (command) => traffic.ends(command))
    return traffic
  })

  get readings(): ReadonlyArray<Reading> {
    return Array.from(this.reads, readingOf)
  }

  get isBusy(): boolean {
    return this.underway.size > 0
  }

  /** Waits until everything is answered but those XREADs. */
  readonly answered: Effect.Effect<void> = Effect.async((resume) => {
    if (!this.isBusy) return resume(Effect.void)
    this.waiting.push(() => resume(Effect.void))
  })

  private starts(command: Command): void {
    if (isRead(command)) this.reads.add(command)
    else {
      this.sent++
      this.underway.add(command)
    }
  }

  private ends(command: Command): void {
    this.reads.delete(command)
    this.underway.delete(command)
    if (!this.isBusy) for (const resume of this.waiting.splice(0)) resume()
  }
}

const isRead = ({ command }: Command): boolean => command.toUpperCase() === "XREAD"

const isCommand = (message: unknown): message is Command =>
  typeof message === "object" && message !== null && "command" in message && "args" in message

const heard = (event: "start" | "asyncEnd", f: (command: Command) => void) => {
  const listener = (message: unknown) => {
    if (isCommand(message)) f(message)
  }
  const channel = `tracing:ioredis:command:${event}`
  return Effect.acquireRelease(
    Effect.sync(() => subscribe(channel, listener)),
    () => Effect.sync(() => unsubscribe(channel, listener))
  )
}
