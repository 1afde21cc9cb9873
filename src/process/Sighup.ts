/** The signal SIGHUP: the operator asks the program to read its files again. */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as PubSub from "effect/PubSub"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"

/**
 * Runs a reaction after each signal. A fiber takes one signal at a time, so that reactions never overlap. A defect in one is
 * logged, and the next signal has its reaction.
 */
const subscribe = <R>(signals: PubSub.PubSub<void>, reaction: Effect.Effect<void, never, R>) =>
  Effect.flatMap(PubSub.subscribe(signals), (queue) => {
    const reacted = Effect.catchAllDefect(reaction, (defect) => Effect.logError("A reload failed.", Cause.die(defect)))
    return Effect.asVoid(Effect.forkScoped(Effect.forever(Effect.zipRight(Queue.take(queue), reacted))))
  })

export class Sighup extends Context.Tag("partyline/Sighup")<
  Sighup,
  {
    /**
     * Runs the reaction after each signal until the scope ends. Signals that arrive during a reaction cause one more.
     */
    readonly each: <R>(reaction: Effect.Effect<void, never, R>) => Effect.Effect<void, never, R | Scope.Scope>
  }
>() {
  /**
   * All subscribers share one listener of the process. While the layer is held, SIGHUP does not end the process, whether or
   * not there is a subscriber: a server that nohup started has to outlive its terminal, and Node puts back the default
   * action that nohup had turned off.
   */
  static readonly layer: Layer.Layer<Sighup> = Layer.scoped(
    Sighup,
    Effect.gen(function* () {
      const signals = yield* PubSub.sliding<void>(1)
      const run = yield* FiberSet.makeRuntime<never>()
      yield* Effect.acquireRelease(
        Effect.sync(() => {
          const listener = () => void run(PubSub.publish(signals, undefined))
          process.on("SIGHUP", listener)
          return listener
        }),
        (listener) => Effect.sync(() => process.off("SIGHUP", listener))
      )
      return Sighup.of({ each: (reaction) => subscribe(signals, reaction) })
    })
  )

  /** Takes what a test publishes for signals. */
  static readonly layerMemory = (signals: PubSub.PubSub<void>): Layer.Layer<Sighup> =>
    Layer.succeed(Sighup, Sighup.of({ each: (reaction) => subscribe(signals, reaction) }))
}
