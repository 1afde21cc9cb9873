/** Forks a fiber for each connection, and drains them at the end. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { serverShuttingDown } from "../connection/DisconnectReason.ts"
import { Listener } from "../connection/Listener.ts"
import { Limits } from "../Limits.ts"
import type { Room } from "../room/Room.ts"
import { Metrics } from "../status/Metrics.ts"
import { StatusLog } from "../status/StatusLog.ts"
import { FiberScheduler } from "./FiberScheduler.ts"
import * as Life from "./Life.ts"
import { OpenConnections } from "./OpenConnections.ts"
import { Session } from "./Session.ts"
import { Tracing } from "./Tracing.ts"

/**
 * Serves the connections of the listener for as long as the scope lasts. At its end no more are accepted, every client is
 * told, and each has the drain timeout to take what is left for it.
 */
const serve = Effect.gen(function* () {
  const limits = yield* Limits
  const log = yield* StatusLog
  const listener = yield* Listener
  const connections = yield* OpenConnections
  const metrics = yield* Metrics
  const tracing = yield* Tracing
  const clock = yield* Effect.clock
  const life = yield* Life.make(connections.remove)
  const scheduler = new FiberScheduler()
  // Fibers are counted by `connections`: a FiberSet would add a scope, an observer and an entry of a table for each.
  const fork = Runtime.runFork(yield* Effect.withScheduler(Effect.runtime<never>(), scheduler))

  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      connections.accepting(false)
      // As one task: each is disconnected before the first one goes on, and hears nothing of the others' ends.
      scheduler.scheduleTask(() => {
        for (const { connection } of [...connections.sessions]) connection.disconnect(serverShuttingDown)
      })
      return connections.emptied
    })
  )

  log.record(listener.addresses.map((address) => ({ event: "listening", ...address })))
  yield* listener.accept((connection) => {
    const { maxLine } = limits.current
    const session = new Session(++metrics.accepted, connection, clock.unsafeCurrentTimeMillis(), maxLine)
    connections.add(session)
    scheduler.scheduleTask(() => fork(tracing.follow(session, life(session))))
  })
  connections.accepting(true)
})

export const layer: Layer.Layer<
  never,
  never,
  Limits | Room | StatusLog | Listener | Metrics | OpenConnections | Tracing
> = Layer.scopedDiscard(serve)
