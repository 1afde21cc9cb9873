/** The conversation with a client: chunks become commands, and each command is dealt with. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Connection } from "../connection/Connection.ts"
import { Limits } from "../Limits.ts"
import { isLoopback } from "../net/IpAddress.ts"
import type { Peer } from "../net/Peer.ts"
import { type Command, isRequest, parse } from "../protocol/Command.ts"
import { LineDecoder } from "../protocol/LineDecoder.ts"
import { beginsWithLines, ProtocolDetector } from "../protocol/ProtocolDetector.ts"
import { Room } from "../room/Room.ts"
import { Metrics } from "../status/Metrics.ts"
import * as Beginning from "./Beginning.ts"
import { Deadline } from "./Deadlines.ts"
import { Motd } from "./Motd.ts"
import { RateLimit } from "./RateLimit.ts"
import * as Registration from "./Registration.ts"
import type { Session } from "./Session.ts"
import type { SessionDeadlines } from "./SessionDeadlines.ts"
import { TokenBucket } from "./TokenBucket.ts"
import * as Waiting from "./Waiting.ts"

/** Stands for the end of input, behind commands that are held back. */
const END = new Uint8Array(0)

/** Reads on. The end of input is a chunk: what is held back is dealt with first. */
const readOrEnd = ({ read }: Connection): Connection["read"] =>
  Effect.catchTag(read, "EndOfInput", () => Effect.succeed(END))

/** Makes the function that talks with a client that has sent its first chunk, until it quits or is disconnected. */
export const make = Effect.fnUntraced(function* (deadlines: SessionDeadlines) {
  const { greeting, idling, registering } = deadlines
  const limits = yield* Limits
  const room = yield* Room
  const metrics = yield* Metrics
  const motd = yield* Motd
  const clock = yield* Effect.clock
  const begin = yield* Beginning.make
  const waiting = yield* Waiting.make(deadlines)
  const proceed = yield* Registration.make(waiting, deadlines)

  /** A client on this machine is not limited. */
  const rateLimit = ({ address }: Peer): RateLimit | undefined => {
    const { burst, rate } = limits.current
    const isLimited = !isLoopback(address) && Number.isFinite(rate) && Number.isFinite(burst)
    return isLimited ? new RateLimit(new TokenBucket(rate, burst, clock)) : undefined
  }

  return Effect.fnUntraced(function* (session: Session, first: Uint8Array) {
    const { connection } = session
    let decoder = new LineDecoder<Command>(limits.current.maxLine, parse)
    const rate = rateLimit(connection.peer)
    let detector = beginsWithLines(first) ? undefined : new ProtocolDetector(limits.current.maxLine)
    /** When the first line began, if it has not ended in the same chunk. */
    let began: bigint | undefined
    let commands: ReadonlyArray<Command> = []
    /** The message of the day until it is sent: when the first line has ended, or at the nudge of its deadline. */
    let welcome = motd.current
    let refusals = 0
    for (let chunk = first; ; chunk = yield* commands.length > 0 ? readOrEnd(connection) : connection.read) {
      metrics.bytesIn += chunk.length
      commands = commands.length === 0 ? decoder.push(chunk) : [...commands, ...decoder.push(chunk)]
      // A client that sends nothing more has sent lines, or its beginning would have been recognized.
      if (chunk === END) detector = undefined
      if (detector !== undefined) {
        const protocol = detector.push(chunk)
        if (protocol === undefined) {
          if (detector.isMidLine) began ??= clock.unsafeCurrentTimeNanos()
          // Until the first line has ended there is nothing to answer but telnet.
          if (commands.some(isRequest)) continue
        } else detector = undefined
        if (protocol !== undefined && protocol._tag !== "Lines") {
          // TLS or WebSocket: inside it everything begins anew.
          session.deadline.unlink()
          const elapsed = began === undefined ? 0n : clock.unsafeCurrentTimeNanos() - began
          yield* begin(connection, protocol, Duration.nanos(elapsed))
          registering.start(session.deadline)
          decoder = new LineDecoder<Command>(limits.current.maxLine, parse)
          commands = []
          began = undefined
          if (protocol._tag === "Tls") {
            detector = new ProtocolDetector(limits.current.maxLine)
            if (welcome !== "") greeting.start(new Deadline(connection))
            continue
          }
        }
      }
      if (welcome !== "") {
        if (detector !== undefined && chunk.length > 0) continue
        connection.outbox.push(welcome)
        welcome = ""
      }
      if (session.member !== undefined && commands.some(isRequest)) idling.start(session.deadline)
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
      commands = []
    }
  })
})
