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
import { bcst, type Command, isPing, list, mesg, ping, quit } from "./Command.ts"
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

/** The end of a command: its replies, or why there are none. An effect that waits for it. 1001 replies make it `Unanswered`. */
export type Outcome = Deferred.Deferred<ReadonlyArray<Message>, CommandRefused | Unanswered>

/** Commands whose replies end with a PONG. */
interface Pending {
  readonly outcome: Outcome
  readonly replies: ReadonlyArray<Message>
  /** PONGs that are still to come: the last one ends the replies. */
  readonly pongs: number
}

/** The commands with a PING as the last one, so that a PONG comes behind all replies to them. */
const withPing = (commands: ReadonlyArray<Command>): ReadonlyArray<Command> => {
  const last = commands.at(-1)
  return last === undefined || isPing(last) ? commands : [...commands, ping]
}

const pendingFor = (commands: ReadonlyArray<Command>): Effect.Effect<Pending> =>
  Effect.map(Deferred.make<ReadonlyArray<Message>, CommandRefused | Unanswered>(), (outcome) => ({
    outcome,
    replies: [],
    pongs: commands.filter(isPing).length
  }))

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

/** Most replies to one command: a server that never ends them must not fill the memory. LIST has one, of any length; HELP ten. */
const MOST_REPLIES = 1000

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

const make = Effect.fnUntraced(function* (greeting: ReadonlyArray<Command>) {
  const link = yield* Link
  const unread = yield* Queue.bounded<LinkEvent>(WAITING_EVENTS)
  /** Commands without an answer, in the order in which they were sent. */
  const pending = yield* Ref.make(Chunk.empty<Pending>())
  const order = yield* Effect.makeSemaphore(1)
  const connected = yield* Deferred.make<void, Ending>()

  /** Nobody waits for what is pending any more. PONGs that still come belong to it nevertheless. */
  const giveUp = (reason: string) =>
    Effect.flatMap(Ref.get(pending), (given) =>
      Effect.forEach(given, ({ outcome }) => Deferred.fail(outcome, new Unanswered({ reason })), { discard: true })
    )

  /** The connection is gone, and with it all PONGs. */
  const lost = ({ message }: Ending) => Effect.zipRight(giveUp(message), Ref.set(pending, Chunk.empty()))

  /** The link has said its greeting before anything else. */
  const greeted = Effect.flatMap(pendingFor(greeting), (replies) =>
    replies.pongs === 0 ? Effect.void : Ref.update(pending, Chunk.prepend(replies))
  )

  const heard = (message: Message) =>
    Effect.gen(function* () {
      const waiting = yield* Ref.get(pending)
      const first = Option.getOrUndefined(Chunk.head(waiting))
      if (first === undefined || !isReply(message)) return
      const others = Chunk.drop(waiting, 1)
      if (message._tag !== "Pong") {
        if (first.replies.length === MOST_REPLIES) {
          return yield* Deferred.fail(first.outcome, new Unanswered({ reason: "its replies do not end" }))
        }
        return yield* Ref.set(pending, Chunk.prepend(others, { ...first, replies: [...first.replies, message] }))
      }
      if (first.pongs > 1) return yield* Ref.set(pending, Chunk.prepend(others, { ...first, pongs: first.pongs - 1 }))
      yield* Ref.set(pending, others)
      yield* settle(first)
    })

  const dispatch = (event: LinkEvent) => {
    switch (event._tag) {
      case "Heard":
        return heard(event.message)
      case "Online":
        return Effect.zipRight(greeted, Deferred.succeed(connected, undefined))
      case "Lost":
        return lost(event.why)
      case "Over":
        return Effect.zipRight(lost(event.why), Deferred.fail(connected, event.why))
      case "Connecting":
        return Effect.void
    }
  }

  /** A reader that waits for an answer behind messages that it does not read would wait for ever. */
  const handOver = (events: Chunk.Chunk<LinkEvent>) =>
    Effect.gen(function* () {
      if ((yield* Queue.size(unread)) + events.length <= WAITING_EVENTS) return yield* Queue.offerAll(unread, events)
      const tooLong = Effect.delay(giveUp("messages before the answer are not read"), UNREAD_PATIENCE)
      return yield* Effect.raceFirst(Queue.offerAll(unread, events), Effect.forever(tooLong))
    })

  yield* link.events.pipe(
    Stream.runForEachChunk((events) => Effect.zipRight(Effect.forEach(events, dispatch), handOver(events))),
    Effect.forkScoped
  )
  yield* Deferred.await(connected)

  /** Sends groups of commands together, and gives the outcome of each group. */
  const begin = (groups: ReadonlyArray<ReadonlyArray<Command>>) =>
    Effect.gen(function* () {
      const sent = groups.map(withPing)
      const added = yield* Effect.forEach(sent, pendingFor)
      const outcomes = added.map(({ outcome }) => outcome)
      yield* Ref.update(pending, Chunk.appendAll(Chunk.fromIterable(added)))
      const withdraw = Ref.update(
        pending,
        Chunk.filter(({ outcome }) => !outcomes.includes(outcome))
      )
      yield* Effect.tapError(link.say(...sent.flat()), () => withdraw)
      return outcomes
    }).pipe(order.withPermits(1))

  // A fiber of its own: if its caller is interrupted half-way, the next PONG must not be taken for another command's.
  const scope = yield* Effect.scope
  const submitGroups = (groups: ReadonlyArray<ReadonlyArray<Command>>) =>
    Effect.flatMap(Effect.forkIn(begin(groups), scope), Fiber.join)
  const submit = (command: Command) => Effect.map(submitGroups([[command]]), ([outcome]) => outcome as Outcome)
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
    say: (...commands) => (commands.length === 0 ? Effect.void : Effect.asVoid(submitGroups([commands]))),
    submit,
    submitAll: (commands) => submitGroups(commands.map((command) => [command])),
    tell: (name, text) => Effect.asVoid(send(mesg(name, text))),
    broadcast: (text) => Effect.asVoid(send(bcst(text))),
    list: Effect.map(send(list), (replies) => replies.flatMap((reply) => (reply._tag === "List" ? reply.members : []))),
    quit: Effect.ignore(link.say(quit))
  } satisfies Service
})

/** `events` and `messages` are two views of the same thing, for one reader. */
interface Service {
  /** Everything that happens, losses and returns too. Ends after `Over`. */
  readonly events: Stream.Stream<LinkEvent>
  /** The server's messages, PONG apart. Fails with the reason when the connection is over, and ends after `quit`. */
  readonly messages: Stream.Stream<Message, Ending>
  /** Sends commands, and a PING behind them, and does not wait for an answer. */
  readonly say: (...commands: ReadonlyArray<Command>) => Effect.Effect<void, NotOnline>
  /** Sends a command with a PING behind it. The effect that it gives waits until both are handled, and has at most 1000 replies. */
  readonly submit: (command: Command) => Effect.Effect<Outcome, NotOnline>
  /** The same for several commands, which are sent together: all of them or none. */
  readonly submitAll: (commands: ReadonlyArray<Command>) => Effect.Effect<ReadonlyArray<Outcome>, NotOnline>
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
    Effect.gen(function* () {
      const said = withPing(greeting)
      const link = yield* Layer.build(Link.layer({ name, reconnects, greeting: said }))
      return yield* Effect.provide(make(said), link)
    })

  static readonly layer = (options: Options): Layer.Layer<Client, Ending> =>
    Layer.scoped(Client, Client.connect(options))
}
