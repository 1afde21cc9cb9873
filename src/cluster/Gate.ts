/** A value that is there at times: who asks for it waits for it, or is told that it cannot be had. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberId from "effect/FiberId"

export class Gate<A, E> {
  private deferred = Deferred.unsafeMake<A, E>(FiberId.none)
  /** How the deferred was done; undefined while it is waited for. */
  private state: Exit.Exit<A, E> | undefined

  /** Waits for the value. Fails while it cannot be had. */
  readonly value: Effect.Effect<A, E> = Effect.suspend(() => Deferred.await(this.deferred))

  /** The value is there. */
  open(value: A): void {
    this.settle(Exit.succeed(value))
  }

  /** The value cannot be had until the gate is opened. */
  fail(error: E): void {
    this.settle(Exit.fail(error))
  }

  /** The value is gone, if it is still this one: whoever asks waits for the next. */
  shut(value: A): void {
    if (this.state === undefined || !Exit.isSuccess(this.state) || this.state.value !== value) return
    this.state = undefined
    this.deferred = Deferred.unsafeMake<A, E>(FiberId.none)
  }

  private settle(state: Exit.Exit<A, E>): void {
    if (this.state !== undefined) this.deferred = Deferred.unsafeMake<A, E>(FiberId.none)
    this.state = state
    Deferred.unsafeDone(this.deferred, state)
  }
}
