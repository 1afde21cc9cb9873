/** The beginning of a client's input, until it is known that the client speaks lines: nothing is executed before that. */
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { DisconnectReason } from "../connection/DisconnectReason.ts"
import { HELD_ANSWERS } from "../Limits.ts"
import { type Command, isRequest, parse } from "../protocol/Command.ts"
import { LineDecoder } from "../protocol/LineDecoder.ts"
import { beginsWithLines, type Protocol, ProtocolDetector } from "../protocol/ProtocolDetector.ts"
import { Deadline } from "./Deadlines.ts"
import { Motd } from "./Motd.ts"
import * as ProtocolSwitch from "./ProtocolSwitch.ts"
import type { Session } from "./Session.ts"
import type { SessionDeadlines } from "./SessionDeadlines.ts"

/** Stands for the end of input, behind commands that are held back. */
const END = new Uint8Array(0)

const none: ReadonlyArray<Command> = []

interface Shared {
  readonly motd: Context.Tag.Service<Motd>
  readonly clock: Effect.Effect.Success<typeof Effect.clock>
  readonly deadlines: SessionDeadlines
  readonly switchProtocol: ProtocolSwitch.Switch
}

/** Makes the function that makes the beginning of a session from its first chunk. */
export const make = Effect.fnUntraced(function* (deadlines: SessionDeadlines) {
  const shared: Shared = {
    motd: yield* Motd,
    clock: yield* Effect.clock,
    deadlines,
    switchProtocol: yield* ProtocolSwitch.make
  }
  return (session: Session, first: Uint8Array) => new Beginning(session, first, shared)
})

/** A small machine: nearly every client begins plainly with lines, and then it is over at once. */
export class Beginning {
  /** Decodes the client's lines, from now on. */
  decoder: LineDecoder<Command>
  private readonly session: Session
  private readonly shared: Shared
  /** Absent when the beginning is over. */
  private detector: ProtocolDetector | undefined
  /** Commands that are held back. */
  private held = none
  /** When the first line began, if it has not ended in the same chunk. */
  private began: bigint | undefined
  /** The message of the day until it is sent: when the first line has ended, or at the nudge of its deadline. */
  private welcome: string

  constructor(session: Session, first: Uint8Array, shared: Shared) {
    this.session = session
    this.shared = shared
    this.decoder = this.newDecoder()
    this.welcome = shared.motd.current
    if (beginsWithLines(first)) this.greet()
    else this.detector = this.newDetector()
  }

  /** Whether the client speaks lines, and all its commands can be dealt with as they come. */
  get isOver(): boolean {
    return this.detector === undefined
  }

  /** Waits for the next chunk. Where commands are held back, the end of input counts as one: they are dealt with first. */
  get read(): Effect.Effect<Uint8Array, DisconnectReason> {
    const { read } = this.session.connection
    return this.held.length === 0 ? read : Effect.catchTag(read, "EndOfInput", () => Effect.succeed(END))
  }

  /** Hears a chunk. Succeeds with the commands that can be dealt with; other protocols are answered or switched to. */
  hear(chunk: Uint8Array): Effect.Effect<ReadonlyArray<Command>, DisconnectReason> {
    return Effect.suspend(() => {
      this.held = [...this.held, ...this.decoder.push(chunk)]
      // A client that sends nothing more has sent lines, or its beginning would have been recognized.
      const protocol: Protocol | undefined = chunk === END ? { _tag: "Lines" } : this.detector?.push(chunk)
      if (protocol === undefined) return Effect.succeed(this.undecided(chunk))
      if (protocol._tag === "Lines") return Effect.succeed(this.over())
      return this.switchTo(protocol)
    })
  }

  /** Until the first line has ended there is nothing to answer but telnet, and that not before the greeting. */
  private undecided(chunk: Uint8Array): ReadonlyArray<Command> {
    if (this.detector?.isMidLine === true) this.began ??= this.shared.clock.unsafeCurrentTimeNanos()
    if (this.held.some(isRequest)) return none
    if (chunk.length === 0 || this.held.length > HELD_ANSWERS) this.greet()
    return this.welcome === "" ? this.release() : none
  }

  private over(): ReadonlyArray<Command> {
    this.detector = undefined
    this.greet()
    return this.release()
  }

  /** Inside TLS and WebSocket everything begins anew; a WebSocket carries nothing but lines. */
  private switchTo(protocol: Exclude<Protocol, { readonly _tag: "Lines" }>) {
    const { clock, deadlines, switchProtocol } = this.shared
    const { session } = this
    session.deadline.unlink()
    const elapsed = this.began === undefined ? 0n : clock.unsafeCurrentTimeNanos() - this.began
    return Effect.map(switchProtocol(session.connection, protocol, Duration.nanos(elapsed)), () => {
      deadlines.registering.start(session.deadline)
      this.decoder = this.newDecoder()
      this.held = none
      this.began = undefined
      if (protocol._tag !== "Tls") return this.over()
      this.detector = this.newDetector()
      if (this.welcome !== "") deadlines.greeting.start(new Deadline(session.connection))
      return none
    })
  }

  private greet(): void {
    if (this.welcome === "") return
    this.session.outbox.push(this.welcome)
    this.welcome = ""
  }

  private release(): ReadonlyArray<Command> {
    const { held } = this
    this.held = none
    return held
  }

  private newDecoder(): LineDecoder<Command> {
    return new LineDecoder<Command>(this.session.maxLine, parse)
  }

  private newDetector(): ProtocolDetector {
    return new ProtocolDetector(this.session.maxLine)
  }
}
