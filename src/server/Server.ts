/** Accepts connections, gives each a fiber, and lets them go in good order. */
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import { Limits } from "../Limits.ts"
import { Room } from "../room/Room.ts"
import { Admission } from "./Admission.ts"
import { type Connection, idleTooLong, registrationTimedOut, serverShuttingDown } from "./Connection.ts"
import * as Deadlines from "./Deadlines.ts"
import { Listener } from "./Listener.ts"
import { Pace } from "./Pace.ts"
import { Session, type Setting } from "./Session.ts"
import { StatusLog } from "./StatusLog.ts"
import { TokenBucket } from "./TokenBucket.ts"

/**
 * Serves what the listener accepts, for as long as the scope lasts. At its end nobody more is accepted, every client is
 * told, and each has the drain limit to take what is left for it.
 */
const serve = Effect.gen(function* () {
  const limits = yield* Limits
  const room = yield* Room
  const log = yield* StatusLog
  const listener = yield* Listener
  const clock = yield* Effect.clock
  const isPaced = Number.isFinite(limits.rate) && Number.isFinite(limits.burst)
  const setting: Setting = {
    limits,
    room,
    log,
    pace: () => (isPaced ? new Pace(new TokenBucket(limits.rate, limits.burst, clock)) : undefined),
    admission: new Admission(limits, log),
    joining: yield* Deadlines.make<Session>(limits.joinTimeout, (session) =>
      session.connection.abort(registrationTimedOut)
    ),
    idling: yield* Deadlines.make<Session>(limits.idleTimeout, (session) => session.connection.abort(idleTooLong)),
    closing: yield* Deadlines.make<Connection>(limits.drainTimeout, (connection) => connection.destroy())
  }

  const fibers = yield* FiberSet.make<void>()
  const fork = yield* FiberSet.runtime(fibers)<never>()
  const sessions = new Set<Session>()
  yield* Effect.addFinalizer(() =>
    Effect.suspend(() => {
      for (const session of sessions) session.connection.abort(serverShuttingDown)
      return FiberSet.awaitEmpty(fibers)
    })
  )

  log.record(listener.addresses.map((address) => ({ event: "listening", ...address })))
  yield* listener.accept((connection) => {
    const session = new Session(setting, connection)
    sessions.add(session)
    fork(Effect.map(session.run(), () => void sessions.delete(session)))
  })
})

export const layer: Layer.Layer<never, never, Limits | Room | StatusLog | Listener> = Layer.scopedDiscard(serve)
