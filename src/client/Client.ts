/** A client for programs: typed messages come in, and a command is known to be handled or refused. */
import * as Chunk from "effect/Chunk"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { bcst, type Command, list, mesg, ping, quit } from "./Command.ts"
import { Dialer, type Security } from "./Dialer.ts"
import type { Ending } from "./Ending.ts"
import { following, Link, type LinkEvent, type NotOnline } from "./Link.ts"
import type { Member, Message, Refused } from "./Message.ts"
import { PORT, TLS_PORT } from "./Target.ts"

/** The server refused a command. The message is its line. */
export class CommandRefused extends Data.TaggedError("CommandRefused")<{ readonly answer: Refused }> {
  override get message(): string {
    return this.answer.text
  }
}

/** No answer came to a command that was sent. `reason` is in words. */
export class Unanswered extends Data.TaggedError("Unanswered")<{ readonly reason: string }> {
  override get message(): string {
    return `${this.reason}: it is not known whether it was handled`
  }
}

/** The end of a command: the replies to it, or why there are none. */
type Outcome = Effect.Effect<ReadonlyArray<Message>, CommandRefused | Unanswered>

interface Pending {
  readonly outcome: Deferred.Deferred<ReadonlyArray<Message>, CommandRefused | Unanswered>
  readonly replies: ReadonlyArray<Message>
}

export interface Options {
  readonly name: string
  readonly host: string
  /** 8001 if absent, with TLS 6697. */
  readonly port?: number
  /** Connect over TLS. `ca` (PEM) is trusted in place of the system's authorities. */
  readonly tls?: Partial<Security>
  /** Try again, for ever, after a loss. False if absent. */
  readonly reconnects?: boolean
  /** Commands said after each registration. KEY, WATCH and LIST if absent. */
  readonly greeting?: ReadonlyArray<Command>
}

/** Most events that wait for their reader. */
const WAITING_EVENTS = 1024

/** How long a command waits for its answer behind messages that nobody reads. */
const UNREAD_PATIENCE = "30 seconds"

/** Whether a message is the reply to a command. */
const isReply = ({ _tag }: Message): boolean =>
  _tag !== "From" && _tag !== "Joined" && _tag !== "Left" && _tag !== "Motd" && _tag !== "Farewell"

const settle = ({ outcome, replies }: Pending) => {
  const refused = replies.find((reply): reply is Refused => reply._tag === "Refused")
  return refused === undefined
    ? Deferred.succeed(outcome, replies)
    : Deferred.fail(outcome, new CommandRefused({ answer: refused }))
}

const make: Effect.Effect<Service, Ending, Link | Scope.Scope> = Effect.gen(function* () {
  const link = yield* Link
  const unread = yield* Queue.bounded<LinkEvent>(WAITING_EVENTS)
  /** Commands without an answer, in the order in which they were sent. */
  const pending = yield* Ref.make(Chunk.empty<Pending>())
  const order = yield* Effect.makeSemaphore(1)
  const connected = yield* Deferred.make<void, Ending>()

  const giveUp = (reason: string) =>
    Effect.flatMap(Ref.getAndSet(pending, Chunk.empty()), (given) =>
      Effect.forEach(given, ({ outcome }) => Deferred.fail(outcome, new Unanswered({ reason })), { discard: true })
    )

  const heard = (message: Message) =>
    Effect.gen(function* () {
      const waiting = yield* Ref.get(pending)
      const first = Option.getOrUndefined(Chunk.head(waiting))
      if (first === undefined || !isReply(message)) return
      const others = Chunk.drop(waiting, 1)
      if (message._tag !== "Pong") {
        return yield* Ref.set(pending, Chunk.prepend(others, { ...first, replies: [...first.replies, message] }))
      }
      yield* Ref.set(pending, others)
      yield* settle(first)
    })

  const dispatch = (event: LinkEvent) => {
    switch (event._tag) {
      case "Heard":
        return heard(event.message)
      case "Online":
        return Deferred.succeed(connected, undefined)
      case "Lost":
        return giveUp(event.why.message)
      case "Over":
        return Effect.zipRight(giveUp(event.why.message), Deferred.fail(connected, event.why))
      case "Connecting":
        return Effect.void
    }
  }

  /** A reader that waits for an answer behind messages that it does not read would wait for ever. */
  const handOver = (events: Chunk.Chunk<LinkEvent>) =>
    Effect.gen(function* () {
      if ((yield* Queue.size(unread)) + events.length <= WAITING_EVENTS) return yield* Queue.offerAll(unread, events)
      const tooLong = Effect.delay(giveUp("messages before the answer are not read"), UNREAD_PATIENCE)
      return yield* Effect.raceFirst(Queue.offerAll(unread, events), Effect.zipRight(tooLong, Effect.never))
    })

  yield* link.events.pipe(
    Stream.runForEachChunk((events) => Effect.zipRight(Effect.forEach(events, dispatch), handOver(events))),
    Effect.forkScoped
  )
  yield* Deferred.await(connected)

  const begin = (command: Command): Effect.Effect<Outcome, NotOnline> =>
    Effect.gen(function* () {
      const outcome = yield* Deferred.make<ReadonlyArray<Message>, CommandRefused | Unanswered>()
      yield* Ref.update(pending, Chunk.append<Pending>({ outcome, replies: [] }))
      const withdraw = Ref.update(
        pending,
        Chunk.filter((other) => other.outcome !== outcome)
      )
      yield* Effect.tapError(link.say(...(command._tag === "Ping" ? [] : [command]), ping), () => withdraw)
      return Deferred.await(outcome)
    }).pipe(order.withPermits(1))

  // A fiber of its own: if its caller is interrupted half-way, the next PONG must not be taken for another command's.
  const scope = yield* Effect.scope
  const submit = (command: Command) => Effect.flatMap(Effect.forkIn(begin(command), scope), Fiber.join)
  const send = (command: Command) => Effect.flatten(submit(command))
  const events = Stream.fromQueue(unread).pipe(Stream.takeUntil(({ _tag }) => _tag === "Over"))

  return {
    events,
    messages: events.pipe(
      Stream.tap(
        (event): Effect.Effect<void, Ending> =>
          event._tag === "Over" && event.why._tag !== "HasQuit" ? Effect.fail(event.why) : Effect.void
      ),
      Stream.filterMap((event) =>
        event._tag === "Heard" && event.message._tag !== "Pong" ? Option.some(event.message) : Option.none()
      )
    ),
    say: link.say,
    submit,
    tell: (name, text) => Effect.asVoid(send(mesg(name, text))),
    broadcast: (text) => Effect.asVoid(send(bcst(text))),
    list: Effect.map(send(list), (replies) => replies.flatMap((reply) => (reply._tag === "List" ? reply.members : []))),
    quit: Effect.ignore(link.say(quit))
  }
})

/** `events` and `messages` are two views of the same thing, for one reader. */
interface Service {
  /** Everything that happens, losses and returns too. Ends after `Over`. */
  readonly events: Stream.Stream<LinkEvent>
  /** The server's messages, PONG apart. Fails with the reason when the connection is over, and ends after `quit`. */
  readonly messages: Stream.Stream<Message, Ending>
  /** Sends commands and does not wait for an answer. */
  readonly say: (...commands: ReadonlyArray<Command>) => Effect.Effect<void, NotOnline>
  /** Sends a command with a PING behind it. The effect that it gives waits until both are handled. */
  readonly submit: (command: Command) => Effect.Effect<Outcome, NotOnline>
  /** Sends to one user, and waits until the server has handled it. */
  readonly tell: (name: string, text: string) => Effect.Effect<void, CommandRefused | Unanswered | NotOnline>
  /** Sends to everybody else, and waits until the server has handled it. */
  readonly broadcast: (text: string) => Effect.Effect<void, CommandRefused | Unanswered | NotOnline>
  readonly list: Effect.Effect<ReadonlyArray<Member>, CommandRefused | Unanswered | NotOnline>
  /** Asks the server to end the connection once everything before is handled. */
  readonly quit: Effect.Effect<void>
}

const dialer = ({ host, port, tls }: Options): Layer.Layer<Dialer> =>
  tls === undefined
    ? Dialer.layerTcp({ name: undefined, host, port: port ?? PORT })
    : Dialer.layerTls({ name: undefined, host, port: port ?? TLS_PORT }, { ca: undefined, isInsecure: false, ...tls })

export class Client extends Context.Tag("partyline/Client")<Client, Service>() {
  /** Connects and registers. The connection is closed with the scope. Fails if it does not come about. */
  static readonly connect = (options: Options): Effect.Effect<Service, Ending, Scope.Scope> =>
    Effect.provide(Client.connectBy(options), dialer(options))

  /** Likewise over a given Dialer: a tunnel, or connections in memory. */
  static readonly connectBy = ({
    greeting = following,
    name,
    reconnects = false
  }: Pick<Options, "greeting" | "name" | "reconnects">): Effect.Effect<Service, Ending, Dialer | Scope.Scope> =>
    Effect.flatMap(Layer.build(Link.layer({ name, reconnects, greeting })), (context) => Effect.provide(make, context))

  static readonly layer = (options: Options): Layer.Layer<Client, Ending> =>
    Layer.scoped(Client, Client.connect(options))
}
