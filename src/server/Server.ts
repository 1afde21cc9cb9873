/** Accepts connections, gives each a fiber, and lets them go in good order. */
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import { type Connection, idleTooLong, registrationTimedOut, serverShuttingDown } from "../connection/Connection.ts"
import { Listener } from "../connection/Listener.ts"
import { Limits } from "../Limits.ts"
import { Room } from "../room/Room.ts"
import { StatusLog } from "../status/StatusLog.ts"
import { Admission } from "./Admission.ts"
import { Presence } from "./Connections.ts"
import * as Deadlines from "./Deadlines.ts"
import { Metrics } from "./Metrics.ts"
import { Pace } from "./RateLimit.ts"
import { Session } from "./Session.ts"
import type { Setting } from "./Setting.ts"
import { TokenBucket } from "./TokenBucket.ts"
import { Tracing } from "./Tracing.ts"

/**
 * Serves what the listener accepts, for as long as the scope lasts. At its end nobody more is accepted, every client is
 * told, and each has the drain limit to take what is left for it.
 */
const serve = Effect.gen(function* () {
  const limits = yield* Limits
  const room = yield* Room
  const log = yield* StatusLog
  const listener = yield* Listener
  const metrics = yield* Metrics
  const presence = yield* Presence
  const tracing = yield* Tracing
  const clock = yield* Effect.clock
  const isPaced = () => Number.isFinite(limits.current.rate) && Number.isFinite(limits.current.burst)
  const setting: Setting = {
    limits,
    room,
    log,
    metrics,
    clock,
    pace: () => (isPaced() ? new Pace(new TokenBucket(limits.current.rate, limits.current.burst, clock)) : undefined),
    admission: new Admission(limits, log),
    joining: yield* Deadlines.make<Connection>(limits.current.joinTimeout, (connection) =>
      connection.abort(registrationTimedOut)
    ),
    idling: yield* Deadlines.make<Connection>(limits.current.idleTimeout, (connection) =>
      connection.abort(idleTooLong)
    ),
    closing: yield* Deadlines.make<Connection>(limits.current.drainTimeout, (connection) => connection.destroy())
  }

  const fibers = yield* FiberSet.make<void>()
  const fork = yield* FiberSet.runtime(fibers)<never>()
  const { sessions } = presence
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      presence.isOpen = false
      for (const session of sessions) session.connection.abort(serverShuttingDown)
      return FiberSet.awaitEmpty(fibers)
    })
  )

  const forget = (session: Session): void => {
    sessions.delete(session)
    metrics.bytesOut += session.outbox.sent
  }

  log.record(listener.addresses.map((address) => ({ event: "listening", ...address })))
  yield* listener.accept((connection) => {
    const session = new Session(setting, connection)
    sessions.add(session)
    fork(Effect.map(tracing.follow(session, session.run()), () => forget(session)))
  })
  presence.isOpen = true
})

export const layer: Layer.Layer<never, never, Limits | Room | StatusLog | Listener | Metrics | Presence | Tracing> =
  Layer.scopedDiscard(serve)
