/** One connection from hello to goodbye. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import {
  type Connection,
  ConnectionFailed,
  type Departure,
  type Receiver,
  tooManyConnections
} from "../connection/Connection.ts"
import { type Ending, farewells, leaving, quit } from "../connection/DisconnectReason.ts"
import * as Peer from "../net/Peer.ts"
import * as Reply from "../protocol/Reply.ts"
import type { Then } from "../room/Decision.ts"
import type { Member, Refusal } from "../room/Roster.ts"
import type { Leaving, StatusEvent } from "../status/StatusEvent.ts"
import type { Verdict } from "./Admission.ts"
import { Hearing, type Speaker } from "./Hearing.ts"
import type { Setting } from "./Setting.ts"

/**
 * Reads are handled at once, in the transport's own call, as long as everybody has room: a round trip then wakes no
 * fiber. What has to wait (a claim for a seat, a full outbox, the end) stops the reading and is the fiber's.
 */
export class Session implements Speaker, Receiver {
  readonly connection: Connection
  member: Member | undefined
  /** When it connected or, for a member, joined: milliseconds since 1970. */
  since: number
  /** How it ended, once it has. */
  ending: Leaving["event"] | undefined
  private readonly setting: Setting
  /** Absent until the client says something: most are silent. */
  private hearing: Hearing | undefined
  /** Whether the log knows of it. */
  private isAnnounced = false

  constructor(setting: Setting, connection: Connection) {
    this.setting = setting
    this.connection = connection
    this.since = setting.clock.unsafeCurrentTimeMillis()
    setting.metrics.accepted++
  }

  private get hasLeft(): boolean {
    return this.ending !== undefined
  }

  get fd(): number {
    return this.connection.fd
  }

  get outbox(): Connection["outbox"] {
    return this.connection.outbox
  }

  /** Serves the client until it is gone and its descriptor is given up. A defect ends this session and no other. */
  run(): Effect.Effect<void> {
    const { connection, setting } = this
    const { introduction } = connection
    setting.joining.start(connection)
    connection.attach(this)
    const verdict = setting.admission.enter(connection)
    if (introduction === undefined) return Effect.catchAllCause(this.begin(verdict), (cause) => this.end(cause))
    if (verdict === "cut") this.greet(verdict)
    return introduction.pipe(
      Effect.flatMap(() => this.begin(verdict)),
      Effect.catchAllCause((cause) => this.end(cause))
    )
  }

  /** It is known who the client is, so whether it can stay: it is told so when there is nothing to be done before. */
  private begin(verdict: Verdict): Effect.Effect<never, Ending> {
    const { connection, setting } = this
    const final = verdict === "admitted" ? setting.admission.introduce(connection) : verdict
    if (connection.handshake !== undefined && final !== "cut") {
      return Effect.flatMap(connection.handshake, () => this.welcome(final))
    }
    return this.welcome(final)
  }

  private welcome(verdict: Verdict): Effect.Effect<never, Ending> {
    this.greet(verdict)
    return this.life()
  }

  private greet(verdict: Verdict): void {
    const { connection } = this
    this.announce()
    if (verdict !== "admitted") connection.abort(tooManyConnections)
    if (verdict === "cut") connection.destroy()
  }

  private announce(): void {
    if (this.isAnnounced || !this.setting.log.observed) return
    this.isAnnounced = true
    this.record([
      { event: "accepted", fd: this.fd, peer: Peer.written(this.connection.peer) },
      { event: "handlerAssigned", fd: this.fd }
    ])
  }

  // Each frame that a sleeping fiber is nested in costs a tenth of a kilobyte for each connection: there are few here.
  private life(): Effect.Effect<never, Ending> {
    return Effect.flatMap(this.step(), () => this.life())
  }

  /** Reads until something stops the reading, or deals with what stopped it. */
  private step(): Effect.Effect<void, Ending> {
    const halt = this.hearing?.halt
    if (halt === undefined) return this.connection.read
    const proceed = Effect.suspend(() => this.proceed(halt.next))
    return halt.waiting === undefined ? proceed : Effect.zipRight(this.wait(halt.waiting, halt.isPaced), proceed)
  }

  private end(cause: Cause.Cause<Ending>): Effect.Effect<void> {
    const { connection, setting } = this
    const why = Cause.failureOrCause(cause)
    const isOver = Either.isLeft(why)
      ? Effect.sync(() => this.leave(why.left))
      : Effect.zipRight(
          Effect.logError("A session failed.", why.right),
          Effect.sync(() => connection.abort(new ConnectionFailed({ code: "DEFECT" })))
        )
    const close = Effect.suspend(() => {
      setting.closing.start(connection)
      return connection.close
    })
    return Effect.zipRight(
      Effect.zipRight(isOver, close),
      Effect.sync(() => {
        setting.closing.stop(connection)
        setting.admission.leave(connection)
      })
    )
  }

  private proceed(then: Then): Effect.Effect<void, Ending> {
    // Whoever has departed is not heard any more: reading fails with the reason.
    if (this.hasLeft) return this.connection.read
    switch (then._tag) {
      case "Continue":
        return this.goOn
      case "Quit":
        return quit
      case "Join":
        return this.join(then.name)
    }
  }

  private get goOn(): Effect.Effect<void> {
    return Effect.sync(() => {
      if (!this.hasLeft) this.hearing?.advance()
    })
  }

  receive(chunk: Uint8Array): boolean {
    const { connection, setting } = this
    this.hearing ??= new Hearing(setting, this, connection.peer)
    if (this.hearing.take(chunk) && this.member !== undefined) setting.idling.start(connection)
    return this.hearing.advance()
  }

  departed(why: Departure): void {
    this.leave(why)
  }

  /** Waits for those who have no room, or for its own turn, unless this client departs. That time is not idle time. */
  private hold(waiting: Effect.Effect<void>): Effect.Effect<void, Departure> {
    const { idling } = this.setting
    idling.stop(this.connection)
    return Effect.raceFirst(waiting, this.connection.departure).pipe(
      Effect.tap(() => {
        if (this.member !== undefined) idling.start(this.connection)
      })
    )
  }

  /** Holds the client back, and counts for how long. */
  private wait(waiting: Effect.Effect<void>, isPaced: boolean): Effect.Effect<void, Departure> {
    const { clock, metrics } = this.setting
    const began = clock.unsafeCurrentTimeNanos()
    if (!isPaced) metrics.waits++
    return Effect.ensuring(
      this.hold(waiting),
      Effect.sync(() => {
        metrics[isPaced ? "floodDelaySeconds" : "waitSeconds"] += Number(clock.unsafeCurrentTimeNanos() - began) / 1e9
      })
    )
  }

  /** Claims a seat. With one, the rest of the session happens while it is held. */
  private join(name: string): Effect.Effect<void, Ending> {
    return Effect.acquireUseRelease(
      this.setting.room.join(name, this, (member) => this.seat(member)),
      // The next step is known when the rest of the last read has been dealt with.
      () => Effect.flatMap(this.goOn, () => this.life()),
      ({ leave }) => leave
    ).pipe(Effect.catchAll((ending) => this.refuse(ending)))
  }

  private seat(member: Member): void {
    this.member = member
    this.since = this.setting.clock.unsafeCurrentTimeMillis()
    if (this.hasLeft) return
    this.record([{ event: "joined", fd: this.fd, name: member.name }])
    this.outbox.push(Reply.joinAccepted(member.name))
    this.setting.joining.stop(this.connection)
    this.setting.idling.start(this.connection)
  }

  /** A refusal is answered; an ending stays one. */
  private refuse(why: Refusal | Ending): Effect.Effect<void, Ending> {
    switch (why._tag) {
      case "UsernameTaken":
        this.record([{ event: "usernameTaken", fd: this.fd }])
        return this.answer(Reply.usernameTaken(why.name))
      case "InvalidUsername":
        this.record([{ event: "invalidUsername", fd: this.fd }])
        return this.answer(Reply.invalidUsername(why.name))
      default:
        return Effect.fail(why)
    }
  }

  private answer(reply: string): Effect.Effect<void, Ending> {
    return Effect.zipRight(this.hold(Effect.suspend(() => this.outbox.offer(reply))), this.goOn)
  }

  /** Says why the session is over, to the operator and to the client, once. What remains is to close the connection. */
  private leave(ending: Ending): void {
    if (this.hasLeft) return
    this.announce()
    const { metrics } = this.setting
    const event = leaving(ending, this.connection, this.member !== undefined)
    this.record([event])
    this.ending = event.event
    metrics.endings[event.event]++
    if (event.event === "databaseFull") metrics.refused.too_many_users++
    if (event.event === "tooManyConnections") metrics.refused.too_many_connections++
    this.setting.joining.stop(this.connection)
    this.setting.idling.stop(this.connection)
    this.outbox.close(farewells[ending._tag])
  }

  /** Writes in the log what happens to this client, until its leaving line. */
  record(events: ReadonlyArray<StatusEvent>): void {
    if (!this.hasLeft && events.length > 0) this.setting.log.record(events)
  }
}
