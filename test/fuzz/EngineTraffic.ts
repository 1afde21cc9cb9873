/** The commands of this process that Redis has not answered, as ioredis reports them. */
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

interface Command {
  readonly command: string
  readonly args: ReadonlyArray<string>
}

/** An inbox that is waited at, and the position in it: everything up to there has been taken. */
export interface Reading {
  readonly inbox: string
  readonly position: string
}

export class EngineTraffic {
  /** Commands that were ever sent, but for XREAD. */
  sent = 0
  /** The XREAD that waits for an entry. */
  private read: Command | undefined
  private readonly underway = new Set<Command>()
  private readonly waiting: Array<() => void> = []

  /** Listens as long as the scope lasts. */
  static readonly make: Effect.Effect<EngineTraffic, never, Scope.Scope> = Effect.gen(function* () {
    const traffic = new EngineTraffic()
    yield* heard("start", (command) => traffic.starts(command))
    yield* heard("asyncEnd", (command) => traffic.ends(command))
    return traffic
  })

  get reading(): Reading | undefined {
    const [inbox, position] = this.read?.args.slice(-2) ?? []
    return inbox === undefined || position === undefined ? undefined : { inbox, position }
  }

  get isBusy(): boolean {
    return this.underway.size > 0
  }

  /** Waits until everything is answered but the XREAD that waits. */
  readonly answered: Effect.Effect<void> = Effect.async((resume) => {
    if (!this.isBusy) return resume(Effect.void)
    this.waiting.push(() => resume(Effect.void))
  })

  private starts(command: Command): void {
    if (isRead(command)) this.read = command
    else {
      this.sent++
      this.underway.add(command)
    }
  }

  private ends(command: Command): void {
    if (this.read === command) this.read = undefined
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
