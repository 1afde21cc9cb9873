/** The link to a room: it registers, hands on what comes, and takes its place back after a loss. */
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { take } from "../protocol/Text.ts"
import { type Command, isQuit, key, lineOf, list, watch } from "./Command.ts"
import { Dialer, type Security, type Wire } from "./Dialer.ts"
import { ConnectionLost, Dismissed, type Ending, HasQuit, isWorthRetrying, NameRefused } from "./Ending.ts"
import type { Message } from "./Message.ts"
import { messagesOf } from "./Messages.ts"
import type { Target } from "./Target.ts"

export type LinkEvent =
  /** `attempt` counts the attempts since the link was last online, from 0. */
  | { readonly _tag: "Connecting"; readonly attempt: number }
  /** Registered: commands can be said. `isReclaimed` if the seat is the one from before the loss. */
  | { readonly _tag: "Online"; readonly name: string; readonly isReclaimed: boolean }
  /** `at` is milliseconds since 1970. */
  | { readonly _tag: "Heard"; readonly message: Message; readonly at: number }
  /** The link will try again. */
  | { readonly _tag: "Lost"; readonly why: Ending }
  /** The link will not try again. The last event. */
  | { readonly _tag: "Over"; readonly why: Ending }

/** A command was said while the link is not online. It was not sent, and will not be. */
export class NotOnline extends Data.TaggedError("NotOnline")<{}> {
  override get message(): string {
    return "there is no connection"
  }
}

export interface Options {
  readonly name: string
  /** Try again, for ever, after a connection that had been online is lost. */
  readonly reconnects: boolean
  /** Commands said after each registration. KEY is what a lost name is reclaimed with. */
  readonly greeting: ReadonlyArray<Command>
}

/** A greeting that keeps the name after a loss, tells private messages apart, and shows who is here and comes and goes. */
export const following: ReadonlyArray<Command> = [key, watch, list]

/** How long the server may take to answer JOIN. */
export const ANSWER_PATIENCE = Duration.seconds(10)

/** Most lines before the answer to JOIN: a server's message of the day has 64 at most. */
const MOTD_LINES = 1000

/** Most chunks of events that wait for their reader. The rest waits in the kernel, and then at the server. */
const WAITING_CHUNKS = 16

/** After a connection that lasted longer, the pauses begin anew, in milliseconds. */
const GOOD_WHILE = 10_000

/** The pauses between attempts: none, then 1, 2, 4 … 30 seconds, each up to a fifth shorter or longer. */
const pauses = Schedule.recurs(1).pipe(
  Schedule.andThen(Schedule.union(Schedule.exponential("1 second"), Schedule.spaced("30 seconds"))),
  Schedule.jittered
)

/** A web server, or a port for TLS. */
const unanswered = (said: string | undefined): string =>
  said === undefined
    ? "the server closed it without an answer, as a port for TLS does"
    : `the server is no partyline: it said ${JSON.stringify(take(said, 60))} and closed it`

const send = (wire: Wire, commands: ReadonlyArray<Command>) =>
  wire.send(commands.map((command) => `${lineOf(command)}\r\n`).join(""))

const make = ({ greeting, name, reconnects }: Options): Effect.Effect<Service, never, Dialer | Scope.Scope> =>
  Effect.gen(function* () {
    const dialer = yield* Dialer
    const events = yield* Queue.bounded<Chunk.Chunk<LinkEvent>>(WAITING_CHUNKS)
    const online = yield* Ref.make(Option.none<Wire>())
    const onlineSince = yield* Ref.make(Option.none<number>())
    const hasQuit = yield* Ref.make(false)
    /** QUIT was said while there was no connection that the server could close. */
    const hasQuitOffline = yield* Deferred.make<void>()
    const lastKey = yield* Ref.make(Option.none<string>())
    const pause = yield* Schedule.driver(pauses)
    /** Open once the reader has asked for what comes behind the last loss. */
    const isLossKnown = yield* Effect.makeLatch(true)

    const emit = (event: LinkEvent) => Queue.offer(events, Chunk.of(event))

    /** Hands messages on. A key is kept, and a farewell is how the session ends. */
    const hear = (messages: Chunk.Chunk<Message>) =>
      Effect.gen(function* () {
        const at = yield* Clock.currentTimeMillis
        yield* Queue.offer(
          events,
          Chunk.map(messages, (message): LinkEvent => ({ _tag: "Heard", message, at }))
        )
        for (const message of messages) {
          if (message._tag === "Key") yield* Ref.set(lastKey, Option.some(message.key))
          if (message._tag === "Farewell") return yield* new Dismissed({ farewell: message })
        }
      })

    /**
     * Waits for the first reply. Lines before it are the message of the day. Gives what comes after it as well. The stream
     * is pulled by hand: Stream.peel dies of a failure that comes after what it has peeled off.
     */
    const answer = (messages: Stream.Stream<Message, ConnectionLost>) =>
      Effect.gen(function* () {
        const pull = yield* Stream.toPull(messages)
        let said: string | undefined
        let lines = 0
        while (true) {
          const next = yield* Effect.mapError(pull, (ending) =>
            Option.getOrElse(ending, () => new ConnectionLost({ reason: unanswered(said) }))
          )
          const [before, [reply, ...after]] = Chunk.splitWhere(
            next,
            ({ _tag }) => _tag !== "Motd" && _tag !== "Farewell"
          )
          lines += before.length
          if (lines > MOTD_LINES) return yield* new ConnectionLost({ reason: "the server answers JOIN with a flood" })
          if (Chunk.isNonEmpty(before)) yield* hear(before)
          for (const message of before) if ("text" in message) said ??= message.text
          if (reply === undefined) continue
          return [reply, Stream.concat(Stream.fromIterable(after), Stream.repeatEffectChunkOption(pull))] as const
        }
      }).pipe(
        Effect.timeoutFail({
          duration: ANSWER_PATIENCE,
          onTimeout: () =>
            new ConnectionLost({ reason: `no answer to JOIN within ${Duration.toSeconds(ANSWER_PATIENCE)} seconds` })
        })
      )

    const join = (wire: Wire, messages: Stream.Stream<Message, ConnectionLost>) =>
      Effect.gen(function* () {
        yield* wire.send(`JOIN ${name}\r\n`)
        const [reply, rest] = yield* answer(messages)
        if (reply._tag === "Refused") return yield* new NameRefused({ answer: reply })
        return { isReclaimed: false, rest }
      })

    /** Takes the name: back with the key, where there is one, else anew. */
    const register = (wire: Wire) =>
      Effect.gen(function* () {
        const messages = messagesOf(wire.bytes)
        const known = yield* Ref.get(lastKey)
        if (Option.isNone(known)) return yield* join(wire, messages)
        yield* wire.send(`RECLAIM ${name} ${known.value}\r\n`)
        const [reply, rest] = yield* answer(messages)
        // Used up, or good for nothing.
        yield* Ref.set(lastKey, Option.none())
        return reply._tag === "Accepted" ? { isReclaimed: true, rest } : yield* join(wire, rest)
      })

    /** One connection, from dialling to its end. */
    const session = Effect.gen(function* () {
      const wire = yield* dialer.dial
      const { isReclaimed, rest } = yield* register(wire)
      if (greeting.length > 0) yield* send(wire, greeting)
      yield* Effect.acquireRelease(Ref.set(online, Option.some(wire)), () => Ref.set(online, Option.none()))
      yield* Ref.set(onlineSince, Option.some(yield* Clock.currentTimeMillis))
      yield* emit({ _tag: "Online", name, isReclaimed })
      yield* Stream.runForEachChunk(rest, hear)
      return yield* new ConnectionLost({ reason: "the server closed it" })
    }).pipe(Effect.scoped, Effect.flip)

    /** Connects again and again, and gives the reason why it is over. */
    const attempts = Effect.gen(function* () {
      let hasBeenOnline = false
      for (let attempt = 0; ; attempt++) {
        yield* emit({ _tag: "Connecting", attempt })
        // A command that the reader sends in ignorance of the loss must not go out on the next connection.
        yield* isLossKnown.await
        const ending = yield* session
        const why: Ending = (yield* Ref.get(hasQuit)) ? new HasQuit() : ending
        const since = yield* Ref.getAndSet(onlineSince, Option.none())
        hasBeenOnline ||= Option.isSome(since)
        // The first attempt is not repeated: a mistyped address would never be noticed.
        if (!reconnects || !hasBeenOnline || !isWorthRetrying(why)) return why
        yield* isLossKnown.close
        yield* emit({ _tag: "Lost", why })
        if (Option.isSome(since)) attempt = -1
        const lasted = (yield* Clock.currentTimeMillis) - Option.getOrElse(since, () => Number.POSITIVE_INFINITY)
        if (lasted > GOOD_WHILE) yield* pause.reset
        yield* pause.next(undefined)
      }
    }).pipe(Effect.orDie)
    const life = Effect.raceFirst(attempts, Effect.as(Deferred.await(hasQuitOffline), new HasQuit())).pipe(
      Effect.flatMap((why) => emit({ _tag: "Over", why }))
    )
    yield* Effect.forkScoped(Effect.onError(life, () => Queue.shutdown(events)))

    const say = (...commands: ReadonlyArray<Command>) =>
      Effect.gen(function* () {
        const wire = Option.getOrUndefined(yield* Ref.get(online))
        if (commands.some(isQuit)) {
          yield* Ref.set(hasQuit, true)
          if (wire === undefined) yield* Deferred.succeed(hasQuitOffline, undefined)
        }
        if (wire === undefined) return yield* new NotOnline()
        yield* Effect.mapError(send(wire, commands), () => new NotOnline())
      })

    return {
      events: Stream.fromQueue(events).pipe(
        Stream.tap((some) => (Chunk.some(some, ({ _tag }) => _tag === "Connecting") ? isLossKnown.open : Effect.void)),
        Stream.flattenChunks,
        Stream.takeUntil(({ _tag }) => _tag === "Over")
      ),
      say
    }
  })

interface Service {
  /**
   * Everything that happens, for one reader. It waits for its reader, and so does the server; it does not connect again
   * before the reader has taken `Lost` and asked for more. Ends after `Over`.
   */
  readonly events: Stream.Stream<LinkEvent>
  /**
   * Sends commands, one line each. It waits while the server does not take what was sent before. Success means that they
   * are on their way: a PONG to a PING behind them proves that they were handled.
   */
  readonly say: (...commands: ReadonlyArray<Command>) => Effect.Effect<void, NotOnline>
}

/** The layer connects at once, and disconnects when it is released. */
export class Link extends Context.Tag("partyline/Link")<Link, Service>() {
  static readonly layer = (options: Options): Layer.Layer<Link, never, Dialer> => Layer.scoped(Link, make(options))

  static readonly layerTcp = (target: Target, options: Options): Layer.Layer<Link> =>
    Layer.provide(Link.layer(options), Dialer.layerTcp(target))

  static readonly layerTls = (target: Target, security: Security, options: Options): Layer.Layer<Link> =>
    Layer.provide(Link.layer(options), Dialer.layerTls(target, security))
}
