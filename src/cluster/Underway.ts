/**
 * Commands on their way to the engine. They are carried out even if their client is disconnected meanwhile, which ends its
 * wait.
 */
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import type { DisconnectReason } from "../connection/DisconnectReason.ts"
import type { Client, Outcome } from "../room/Room.ts"

export class Underway {
  private readonly scope: Scope.Scope
  /** By the token of the seat, which has one at a time. */
  private readonly fibers = new Map<string, Fiber.RuntimeFiber<Outcome>>()

  constructor(scope: Scope.Scope) {
    this.scope = scope
  }

  /** Relays in a fiber of the room. Fails when the client is disconnected before that ends. */
  wait(
    { disconnected }: Client,
    token: string,
    relay: Effect.Effect<Outcome>
  ): Effect.Effect<Outcome, DisconnectReason> {
    return Effect.flatMap(Effect.forkIn(relay, this.scope), (fiber) => {
      this.fibers.set(token, fiber)
      fiber.addObserver(() => this.fibers.delete(token))
      return Effect.raceFirst(Fiber.join(fiber), disconnected)
    })
  }

  /** Waits until what the seat's client has sent is carried out. */
  ended(token: string): Effect.Effect<void> {
    return Effect.suspend(() => {
      const fiber = this.fibers.get(token)
      return fiber === undefined ? Effect.void : Effect.asVoid(Fiber.await(fiber))
    })
  }
}
