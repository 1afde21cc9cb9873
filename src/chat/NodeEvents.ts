/** Node's events, for as long as a scope is open. */
import type { EventEmitter } from "node:events"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

/** Calls the function at each such event, until the scope closes. */
export const listen = <Args extends ReadonlyArray<never>>(
  emitter: EventEmitter,
  event: string,
  listener: (...args: Args) => void
): Effect.Effect<void, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => void emitter.on(event, listener)),
    () => Effect.sync(() => void emitter.off(event, listener))
  )
