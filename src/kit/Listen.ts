/** `partyline listen`: prints what is said in a room. */
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { key, watch } from "../client/Command.ts"
import { Dialer } from "../client/Dialer.ts"
import { Link, type LinkEvent } from "../client/Link.ts"
import type { From, Message } from "../client/Message.ts"
import { written } from "../client/Target.ts"
import { duration, mustBe, wholeNumber } from "../config/Parsers.ts"
import { ArgumentError, type Destination, destination, parse } from "./Arguments.ts"
import { statusOf, warning } from "./Connection.ts"
import * as Identity from "./Identity.ts"
import { listen as description } from "./Options.ts"
import { Output } from "./Output.ts"
import { complain, DONE, REFUSED, run, UNCONNECTED } from "./Run.ts"

interface Request {
  readonly destination: Destination
  readonly isJson: boolean
  readonly reconnects: boolean
  /** Messages after which to end. */
  readonly count: number | undefined
  readonly timeout: Duration.Duration | undefined
}

const optional = <A>(
  flag: string,
  text: string | undefined,
  parser: (text: string) => Either.Either<A, string>
): Either.Either<A | undefined, ArgumentError> =>
  text === undefined
    ? Either.right(undefined)
    : Either.mapLeft(parser(text), (must) => new ArgumentError({ message: mustBe(flag, must, text) }))

const MOST_MESSAGES = 1_000_000_000

const read = (words: ReadonlyArray<string>): Effect.Effect<Request, ArgumentError> =>
  Effect.gen(function* () {
    const given = yield* parse(description, words)
    const [first, second] = given.operands
    if (second !== undefined) {
      return yield* new ArgumentError({ message: `there can be one host, and not also ${JSON.stringify(second.text)}` })
    }
    return {
      destination: yield* destination(given, first?.text),
      isJson: given.has("--json"),
      reconnects: given.has("--reconnect"),
      count: yield* optional("--count", given.value("--count"), (text) => wholeNumber(text, 1, MOST_MESSAGES)),
      timeout: yield* optional("--timeout", given.value("--timeout"), (text) => duration(text, "refused"))
    }
  })

/** A message as the server writes it. */
const plain = ({ audience, sender, text }: From): string =>
  `${audience === "private" ? "MESG " : ""}FROM ${sender}: ${text}`

/** A message that others see too, as an object; undefined for one that concerns this client only. */
const object = (message: Message): object | undefined => {
  switch (message._tag) {
    case "From": {
      const isPrivate = message.audience === "unknown" ? null : message.audience === "private"
      return { type: "message", from: message.sender, private: isPrivate, text: message.text }
    }
    case "Joined":
      return { type: "joined", name: message.name }
    case "Left":
      return { type: "left", name: message.name }
    case "Notice":
    case "Refused":
      return { type: "notice", text: message.text }
    default:
      return undefined
  }
}

/** The same for standard error; undefined for what needs no words. */
const words = (message: Message): string | undefined => {
  switch (message._tag) {
    case "Joined":
      return `JOINED ${message.name}`
    case "Left":
      return `LEFT ${message.name}`
    case "Motd":
    case "Notice":
    case "Refused":
      return message.text
    default:
      return undefined
  }
}

/** Prints what was heard. */
const print = (isJson: boolean, message: Message, at: number) =>
  Effect.gen(function* () {
    const output = yield* Output
    const found = isJson ? object(message) : undefined
    if (found !== undefined) {
      const time = DateTime.formatIso(DateTime.unsafeMake(at))
      return yield* output.print(JSON.stringify({ time, ...found }))
    }
    if (message._tag === "From") return yield* output.print(plain(message))
    const text = words(message)
    if (text !== undefined) yield* complain(text)
  })

interface Progress {
  /** Messages that are still to come. */
  readonly left: number
  /** Why there is no connection, as was last said: the same reason is said once. */
  readonly trouble: string | undefined
}

const beginning = ({ count }: Request): Progress => ({ left: count ?? Number.POSITIVE_INFINITY, trouble: undefined })

/** Deals with one event. */
const follow = ({ destination: { target }, isJson }: Request, { left, trouble }: Progress, event: LinkEvent) =>
  Effect.gen(function* () {
    switch (event._tag) {
      case "Connecting":
        return { left, trouble }
      case "Online":
        yield* complain(`listening on ${written(target)} as ${event.name}`)
        return { left, trouble: undefined }
      case "Lost": {
        const { message } = event.why
        if (message !== trouble) yield* complain(`${message}; trying again`)
        return { left, trouble: message }
      }
      case "Over":
        return yield* event.why
      case "Heard":
        yield* print(isJson, event.message, event.at)
        return { left: event.message._tag === "From" ? left - 1 : left, trouble }
    }
  })

const dialer = ({ security, target }: Destination): Layer.Layer<Dialer> =>
  security === undefined ? Dialer.layerTcp(target) : Dialer.layerTls(target, security)

const listenAs = (request: Request) => (name: string) =>
  Effect.flatMap(Link, ({ events }) =>
    Stream.runFoldWhileEffect(
      events,
      beginning(request),
      ({ left }) => left > 0,
      (progress, event) => follow(request, progress, event)
    )
  ).pipe(
    Effect.map(({ left }) => (left > 0 ? UNCONNECTED : DONE)),
    Effect.provide(
      Layer.provide(
        Link.layer({ name, reconnects: request.reconnects, greeting: request.reconnects ? [key, watch] : [watch] }),
        dialer(request.destination)
      )
    )
  )

/** The end of the time, and the exit status that it gives. */
const timeIsOver = ({ count }: Request) =>
  count === undefined
    ? Effect.succeed(DONE)
    : Effect.as(complain("the time is over before the count is reached"), REFUSED)

const listen = (words: ReadonlyArray<string>): Effect.Effect<number, ArgumentError> =>
  Effect.gen(function* () {
    const request = yield* read(words)
    yield* warning(request.destination)
    const listening = Identity.as(request.destination.target.name, listenAs(request))
    const { timeout } = request
    return yield* (
      timeout === undefined ? listening : Effect.raceFirst(listening, Effect.delay(timeIsOver(request), timeout))
    ).pipe(
      Effect.catchTag("OutputClosed", () => Effect.succeed(DONE)),
      Effect.catchAll((error) => Effect.as(complain(error.message), statusOf(error))),
      Effect.provide(Output.layer)
    )
  })

/** Runs the program with the words that follow its name. */
export const main = (words: ReadonlyArray<string>): Promise<void> => run(description, listen(words))
