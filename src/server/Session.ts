/** The life of one connection, as a fiber: it pulls chunks, decodes commands, has them relayed, and ends in one place. */
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { Connection } from "../connection/Connection.ts"
import {
  ConnectionFailed,
  type DisconnectReason,
  farewell,
  idleTooLong,
  leaving,
  quit,
  registrationTimedOut,
  tooManyAttempts,
  tooManyConnections
} from "../connection/DisconnectReason.ts"
import type { Outbox } from "../connection/Outbox.ts"
import { LINGER, Limits, MOTD_DELAY, RECLAIMS } from "../Limits.ts"
import { Link } from "../LinkedList.ts"
import { isLoopback } from "../net/IpAddress.ts"
import * as Peer from "../net/Peer.ts"
import { type Command, isRequest, parse } from "../protocol/Command.ts"
import { LineDecoder } from "../protocol/LineDecoder.ts"
import { beginsWithLines, ProtocolDetector } from "../protocol/ProtocolDetector.ts"
import * as Reply from "../protocol/Reply.ts"
import type { Next } from "../room/Decision.ts"
import type { InvalidUsername, UsernameTaken } from "../room/Registry.ts"
import { type Client, Room, type RoomUnavailable } from "../room/Room.ts"
import type { Member } from "../room/Roster.ts"
import { Metrics } from "../status/Metrics.ts"
import type { Leaving } from "../status/StatusEvent.ts"
import { StatusLog } from "../status/StatusLog.ts"
import { Admission, type Admittance } from "./Admission.ts"
import * as Beginning from "./Beginning.ts"
import * as Deadlines from "./Deadlines.ts"
import { Motd } from "./Motd.ts"
import { RateLimit } from "./RateLimit.ts"
import { TokenBucket } from "./TokenBucket.ts"

/** Stands for the end of input, behind commands that are held back. */
const END = new Uint8Array(0)

/** Reads on. The end of input is a chunk: what is held back is dealt with first. */
const readOrEnd = ({ read }: Connection): Connection["read"] =>
  Effect.catchTag(read, "EndOfInput", () => Effect.succeed(END))

type Reclaim = Extract<Next, { readonly _tag: "Reclaim" }>

/** A connection and its client, as the room, the status page and the traces see them. */
export class Session extends Link implements Client {
  readonly connection: Connection
  /** The one deadline that runs: to register, then to be heard of, then to be gone. */
  readonly deadline: Deadlines.Deadline<Connection>
  /** Its seat. Kept when it has left. */
  member: Member | undefined
  /** Milliseconds since 1970 at which it connected or, for a member, registered. */
  since: number
  /** The event of its leaving line, once that is written. */
  ending: Leaving["event"] | undefined

  constructor(connection: Connection, since: number) {
    super()
    this.connection = connection
    this.deadline = new Deadlines.Deadline(connection)
    this.since = since
  }

  get fd(): number {
    return this.connection.fd
  }

  get outbox(): Outbox {
    return this.connection.outbox
  }

  get isLeaving(): boolean {
    return this.ending !== undefined || this.connection.isDisconnected
  }

  disconnect(reason: DisconnectReason): void {
    this.connection.disconnect(reason)
  }
}

/** Whatever fails in a step of the end, the steps after it are taken. */
const despiteDefects = (complaint: string, step: Effect.Effect<void>): Effect.Effect<void> =>
  Effect.catchAllCause(step, (cause) => Effect.logError(complaint, cause))

/**
 * Makes the life of sessions, which share their deadlines for as long as the scope lasts. A life succeeds when the
 * descriptor has been given up, and calls `ended` then; a defect in it ends that session and no other.
 */
export const make = Effect.fnUntraced(function* (ended: (session: Session) => void) {
  const limits = yield* Limits
  const room = yield* Room
  const log = yield* StatusLog
  const metrics = yield* Metrics
  const motd = yield* Motd
  const clock = yield* Effect.clock
  const begin = yield* Beginning.make
  const admission = new Admission(limits, log)
  const { drainTimeout, idleTimeout, joinTimeout } = limits.current
  const registering = yield* Deadlines.make<Connection>(joinTimeout, (connection) =>
    connection.disconnect(registrationTimedOut)
  )
  const idling = yield* Deadlines.make<Connection>(idleTimeout, (connection) => connection.disconnect(idleTooLong))
  const closing = yield* Deadlines.make<Connection>(drainTimeout, (connection) => connection.destroy())

  const greeting = yield* Deadlines.make<Connection>(MOTD_DELAY, (connection) => connection.nudge())
  const lingering = yield* Deadlines.make<Connection>(Duration.min(LINGER, drainTimeout), (connection) =>
    connection.destroy()
  )

  /** A client on this machine is not limited. */
  const rateLimit = ({ address }: Peer.Peer): RateLimit | undefined => {
    const { burst, rate } = limits.current
    const isLimited = !isLoopback(address) && Number.isFinite(rate) && Number.isFinite(burst)
    return isLimited ? new RateLimit(new TokenBucket(rate, burst, clock)) : undefined
  }

  const announce = ({ connection: { fd, peer } }: Session): void => {
    if (!log.observed) return
    log.record([
      { event: "accepted", fd, peer: Peer.written(peer) },
      { event: "handlerAssigned", fd }
    ])
  }

  /** Waits, unless the client is disconnected. A member is not idle meanwhile. */
  const waitFor = (session: Session, wait: Effect.Effect<void>): Effect.Effect<void, DisconnectReason> =>
    Effect.suspend(() => {
      if (session.member !== undefined) session.deadline.unlink()
      return Effect.raceFirst(wait, session.connection.disconnected)
    }).pipe(
      Effect.tap(() => {
        if (session.member !== undefined) idling.start(session.deadline)
      })
    )

  /** Waits, and counts the seconds. */
  const waitCounted = (
    session: Session,
    wait: Effect.Effect<void>,
    counter: "waitSeconds" | "floodDelaySeconds"
  ): Effect.Effect<void, DisconnectReason> =>
    Effect.suspend(() => {
      const began = clock.unsafeCurrentTimeNanos()
      return Effect.ensuring(
        waitFor(session, wait),
        Effect.sync(() => {
          metrics[counter] += Number(clock.unsafeCurrentTimeNanos() - began) / 1e9
        })
      )
    })

  /** Waits for room: for the client's lines at recipients, or for its answer. That is a wait that the operator can see. */
  const waitForRoom = (session: Session, room: Effect.Effect<void>): Effect.Effect<void, DisconnectReason> =>
    Effect.suspend(() => {
      metrics.waits++
      return waitCounted(session, room, "waitSeconds")
    })

  /** Answers the client, and waits until it has room for the answer. */
  const answer = (session: Session, text: string): Effect.Effect<void, DisconnectReason> =>
    Effect.suspend(() => {
      const room = session.outbox.reply(text)
      return room === undefined ? Effect.void : waitForRoom(session, room)
    })

  const seat = (session: Session, member: Member) =>
    Effect.sync(() => {
      session.member = member
      session.since = clock.unsafeCurrentTimeMillis()
      idling.start(session.deadline)
    })

  /** Claims a seat. A refusal is answered; only a full database is the end. */
  const join = (session: Session, name: string): Effect.Effect<void, DisconnectReason> =>
    Effect.matchEffect(room.join(name, session), {
      onSuccess: (member) => seat(session, member),
      onFailure: (refusal) => (refusal._tag === "DatabaseFull" ? Effect.fail(refusal) : refuse(session, refusal))
    })

  const refuse = (
    session: Session,
    refusal: UsernameTaken | InvalidUsername | RoomUnavailable
  ): Effect.Effect<void, DisconnectReason> => {
    if (refusal._tag === "RoomUnavailable") return discard(session, "JOIN")
    const isTaken = refusal._tag === "UsernameTaken"
    log.record([{ event: isTaken ? "usernameTaken" : "invalidUsername", fd: session.fd }])
    return answer(session, isTaken ? Reply.usernameTaken(refusal.name) : Reply.invalidUsername(refusal.name))
  }

  /** Answers a command that needs an engine which cannot be reached. */
  const discard = (session: Session, request: "JOIN" | "RECLAIM" | "KEY"): Effect.Effect<void, DisconnectReason> => {
    log.record([{ event: "discarded", fd: session.fd, request }])
    return answer(session, Reply.discarded(request))
  }

  /** Claims the seat of a lost connection. Too many refusals are the end; succeeds with their number. */
  const reclaim = (
    session: Session,
    { key, name }: Reclaim,
    refusals: number
  ): Effect.Effect<number, DisconnectReason> =>
    Effect.matchEffect(room.reclaim(name, key, session), {
      onSuccess: (member) => Effect.as(seat(session, member), refusals),
      onFailure: (refusal) => {
        if (refusal._tag === "RoomUnavailable") return Effect.as(discard(session, "RECLAIM"), refusals)
        log.record([{ event: "unableToReclaim", fd: session.fd }])
        const answered = answer(session, Reply.unableToReclaim(name))
        return Effect.zipRight(answered, refusals + 1 < RECLAIMS ? Effect.succeed(refusals + 1) : tooManyAttempts)
      }
    })

  /** Does what the room has decided comes next. */
  const proceed = (session: Session, next: Exclude<Next, Reclaim>): Effect.Effect<void, DisconnectReason> => {
    switch (next._tag) {
      case "Continue":
        return Effect.void
      case "Quit":
        return quit
      case "Join":
        return join(session, next.name)
      case "Watch":
        return room.watch(session, next.isOn)
      case "Key":
        return session.member === undefined
          ? Effect.void
          : Effect.matchEffect(room.makeKey(session.member), {
              onSuccess: (key) => answer(session, Reply.key(key)),
              onFailure: () => discard(session, "KEY")
            })
    }
  }

  /** The message of the day is not to wait longer for the first line. */
  const greetSoon = (connection: Connection): void => {
    if (motd.current !== "") greeting.start(new Deadlines.Deadline(connection))
  }

  /** Counts the connection, and lets it in when it is known who it is and that there is room for it. */
  const enter = Effect.fnUntraced(function* (session: Session, admittance: Admittance) {
    const { connection } = session
    admission.enter(admittance, connection.fd)
    registering.start(session.deadline)
    if (connection.proxyHeader !== undefined && admittance.verdict !== "cut") {
      yield* Effect.onExit(connection.proxyHeader, () => Effect.sync(() => announce(session)))
    } else announce(session)
    admission.enterFrom(connection.peer.address, admittance, connection.fd)
    if (connection.handshake !== undefined && admittance.verdict !== "cut") yield* connection.handshake
    if (admittance.verdict !== "admitted") yield* tooManyConnections
    greetSoon(connection)
  })

  /** Talks with a client that has sent its first chunk, until it quits or is disconnected. */
  const converse = Effect.fnUntraced(function* (session: Session, first: Uint8Array) {
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
            greetSoon(connection)
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
          yield* waitCounted(session, rate.refilled, "floodDelaySeconds")
          continue
        }
        const outcome = yield* room.relay(session, commands, position, end)
        rate?.consume(commands, position, outcome.position)
        position = outcome.position
        if (outcome.pressure !== undefined) yield* waitForRoom(session, outcome.pressure)
        if (outcome.next._tag === "Reclaim") refusals = yield* reclaim(session, outcome.next, refusals)
        else if (outcome.next._tag !== "Continue") yield* proceed(session, outcome.next)
      }
      commands = []
    }
  })

  /** Writes the leaving line, and counts it. */
  const record = (session: Session, reason: DisconnectReason) =>
    Effect.sync(() => {
      const { connection, fd, member } = session
      const line = leaving(reason, {
        fd,
        peer: connection.peer,
        isRegistered: member !== undefined,
        isSilent: connection.isSilent
      })
      session.ending = line.event
      metrics.endings[line.event]++
      if (line.event === "databaseFull") metrics.refused.too_many_users++
      if (line.event === "tooManyConnections") metrics.refused.too_many_connections++
      log.record([line])
    })

  /** Ends a session, for whatever reason: one leaving line, the seat given back, a farewell, the descriptor given up. */
  const end = Effect.fnUntraced(function* (session: Session, admittance: Admittance, reason: DisconnectReason) {
    const { connection, member } = session
    yield* despiteDefects("A leaving line was not written.", record(session, reason))
    connection.outbox.close(farewell(reason))
    if (reason._tag === "SessionReclaimed") yield* Deferred.succeed(reason.left, undefined)
    if (member !== undefined) {
      const left = room.leave(member, reason._tag === "ServerShuttingDown")
      yield* despiteDefects("A seat was not given back.", left)
    }
    closing.start(session.deadline)
    if (admittance.verdict === "cut" || Duration.toMillis(limits.current.drainTimeout) === 0) connection.destroy()
    yield* connection.close(() => lingering.start(session.deadline))
  })

  /** The session is over, and counts no more. */
  const forget = (session: Session, admittance: Admittance) =>
    Effect.sync(() => {
      session.deadline.unlink()
      admission.leave(admittance)
      metrics.bytesOut += session.outbox.sent
      ended(session)
    })

  const endAfter = (session: Session, admittance: Admittance, cause: Cause.Cause<DisconnectReason>) =>
    Either.match(Cause.failureOrCause(cause), {
      onLeft: (reason) => end(session, admittance, reason),
      onRight: (defect) =>
        Effect.zipRight(
          Effect.logError("A session failed.", defect),
          end(session, admittance, new ConnectionFailed({ code: "DEFECT" }))
        )
    }).pipe(Effect.ensuring(forget(session, admittance)))

  return (session: Session): Effect.Effect<void> =>
    Effect.suspend(() => {
      metrics.accepted++
      const admittance: Admittance = { verdict: "cut", network: undefined }
      // A client that is silent waits in `read`, and costs no generator.
      return Effect.flatMap(enter(session, admittance), () => session.connection.read).pipe(
        Effect.flatMap((first) => converse(session, first)),
        Effect.catchAllCause((cause) => endAfter(session, admittance, cause))
      )
    })
})
