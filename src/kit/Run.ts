/** Runs a client program in this process: signals end it, and its exit status is set. */
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { escaped } from "../protocol/Text.ts"
import type { ArgumentError } from "./Arguments.ts"
import type { Description } from "./Options.ts"

export const DONE = 0
/** Refused, not reached in time, or wrong arguments. */
export const REFUSED = 1
/** No connection, or it was lost. */
export const UNCONNECTED = 2

const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

/** The exit status that belongs to the first signal. A second signal ends the process at once, as by default. */
const signalled = Effect.async<number>((resume) => {
  const listeners = Object.entries(signals).map(([signal, status]) => {
    const listener = () => {
      forget()
      resume(Effect.succeed(status))
    }
    process.once(signal, listener)
    return [signal, listener] as const
  })
  const forget = () => {
    for (const [signal, listener] of listeners) process.off(signal, listener)
  }
  return Effect.sync(forget)
})

/** One line on standard error. A name or a value in it can hold anything. */
export const complain = (message: string): Effect.Effect<void> => Console.error(`partyline: ${escaped(message)}`)

const usage = ({ name, operands }: Description): string =>
  `usage: partyline ${name} [options] ${operands}\nTry partyline ${name} --help for more.`

/**
 * Sets the exit status and lets the process end by itself, because `process.exit` would cut what is still on its way to a
 * pipe. The program has said why it failed, wrong arguments apart.
 */
export const run = (description: Description, program: Effect.Effect<number, ArgumentError>): Promise<void> => {
  // Nobody may read standard error.
  process.stderr.on("error", () => {})
  const told = program.pipe(
    Effect.catchTag("ArgumentError", ({ message }) =>
      Effect.zipRight(complain(message), Effect.as(Console.error(usage(description)), REFUSED))
    )
  )
  return Effect.runPromiseExit(Effect.raceFirst(told, signalled)).then((exit) => {
    if (Exit.isSuccess(exit)) process.exitCode = exit.value
    else {
      process.exitCode = REFUSED
      process.stderr.write(`partyline: a fault of partyline's own: ${Cause.pretty(exit.cause)}\n`)
    }
  })
}
