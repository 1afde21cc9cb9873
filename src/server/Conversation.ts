/** The conversation with a client: chunks become commands, and each command is dealt with. */
import * as Effect from "effect/Effect"
import { Limits } from "../Limits.ts"
import { isLoopback } from "../net/IpAddress.ts"
import type { Peer } from "../net/Peer.ts"
import { isRequest } from "../protocol/Command.ts"
import { Room } from "../room/Room.ts"
import { Metrics } from "../status/Metrics.ts"
import * as Beginning from "./Beginning.ts"
import { RateLimit } from "./RateLimit.ts"
import * as Registration from "./Registration.ts"
import type { Session } from "./Session.ts"
import type { SessionDeadlines } from "./SessionDeadlines.ts"
import { TokenBucket } from "./TokenBucket.ts"
import * as Waiting from "./Waiting.ts"

/** Makes the function that talks with a client that has sent its first chunk, until it quits or is disconnected. */
export const make = Effect.fnUntraced(function* (deadlines: SessionDeadlines) {
  const limits = yield* Limits
  const room = yield* Room
  const metrics = yield* Metrics
  const clock = yield* Effect.clock
  const begin = yield* Beginning.make(deadlines)
  const waiting = yield* Waiting.make
  const proceed = yield* Registration.make(waiting)

  /** A client on this machine is not limited. */
  const rateLimit = ({ address }: Peer): RateLimit | undefined => {
    const { burst, rate } = limits.current
    const isLimited = !isLoopback(address) && Number.isFinite(rate) && Number.isFinite(burst)
    return isLimited ? new RateLimit(new TokenBucket(rate, burst, clock)) : undefined
  }

  return Effect.fnUntraced(function* (session: Session, first: Uint8Array) {
    const beginning = begin(session, first)
    const rate = rateLimit(session.connection.peer)
    let refusals = 0
    for (let chunk = first; ; chunk = yield* beginning.isOver ? session.connection.read : beginning.read) {
      metrics.bytesIn += chunk.length
      const commands = beginning.isOver ? beginning.decoder.push(chunk) : yield* beginning.hear(chunk)
      // A member is not idle before its commands are dealt with, whatever holds it back.
      if (session.member !== undefined && commands.some(isRequest)) session.deadline.unlink()
      let position = 0
      while (position < commands.length) {
        const end = rate === undefined ? commands.length : rate.allowed(commands, position)
        if (rate !== undefined && end === position) {
          yield* waiting.forRate(session, rate.refilled)
          continue
        }
        const outcome = yield* room.relay(session, commands, position, end)
        rate?.consume(commands, position, outcome.position)
        position = outcome.position
        if (outcome.pressure !== undefined) yield* waiting.forRoom(session, outcome.pressure)
        if (outcome.next._tag !== "Continue") refusals = yield* proceed(session, outcome.next, refusals)
      }
      if (session.member !== undefined && !session.deadline.isLinked) deadlines.idling.start(session.deadline)
    }
  })
})
