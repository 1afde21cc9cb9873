/** `partyline say`: sends messages, proves that the server has handled them, and leaves. */
import * as Chunk from "effect/Chunk"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Client, type Outcome, Unanswered } from "../client/Client.ts"
import { bcst, mesg } from "../client/Command.ts"
import { isUsername } from "../protocol/Username.ts"
import { ArgumentError, type Destination, destination, parse } from "./Arguments.ts"
import { optionsOf, statusOf, warning } from "./Connection.ts"
import * as Identity from "./Identity.ts"
import * as Input from "./Input.ts"
import { say as description } from "./Options.ts"
import { complain, DONE, REFUSED, run } from "./Run.ts"

/** A message to send. `label` names it where something is said about it. */
interface Text {
  readonly label: string
  readonly text: string
}

/** A line that was not kept because of its length. */
interface TooLong {
  readonly label: string
  readonly text: undefined
}

const isText = (one: Text | TooLong): one is Text => one.text !== undefined

/** Most messages that are sent together. The next ones are sent when all of these are answered. */
const WINDOW = 128

/**
 * How long the oldest message may be without an answer: longer than a server waits for slow recipients by default.
 */
const PATIENCE = Duration.minutes(1)

const unanswered = () => new Unanswered({ reason: `no answer within ${Duration.toSeconds(PATIENCE)} seconds` })

/** Waits for a message's end, which has often come with that of the message before. */
const patiently = (outcome: Outcome) =>
  Effect.if(Deferred.isDone(outcome), {
    onTrue: () => Deferred.await(outcome),
    onFalse: () => Effect.timeoutFail(Deferred.await(outcome), { duration: PATIENCE, onTimeout: unanswered })
  })

/** Each line of a text is a message; empty ones are none. */
const split = (label: string, text: string): ReadonlyArray<Text> =>
  text.split(/\r\n|\r|\n/).flatMap((line) => (line === "" ? [] : [{ label, text: line }]))

const fromInput: Stream.Stream<Text | TooLong, Input.InputFailed> = Stream.mapConcat(
  Input.lines,
  ({ number, text }): ReadonlyArray<Text | TooLong> => {
    const label = `line ${number} was `
    return text === undefined ? [{ label, text }] : split(label, text)
  }
)

interface Request {
  readonly destination: Destination
  /** Absent: to everybody. */
  readonly recipient: string | undefined
  readonly texts: Stream.Stream<Text | TooLong, Input.InputFailed>
}

const read = (words: ReadonlyArray<string>): Effect.Effect<Request, ArgumentError> =>
  Effect.gen(function* () {
    const given = yield* parse(description, words)
    const [first, ...rest] = given.operands
    const where = yield* destination(given, first?.text)
    const recipient = given.value("--to")
    if (recipient !== undefined && !isUsername(recipient)) {
      return yield* new ArgumentError({
        message: `--to must be a name of 1 to 32 letters and digits, not ${JSON.stringify(recipient)}`
      })
    }
    const isInput = rest.some(({ isVerbatim, text }) => text === "-" && !isVerbatim)
    if (isInput && rest.length > 1) return yield* new ArgumentError({ message: "- must be the only text" })
    const texts = rest.flatMap(({ text }, index) => split(rest.length > 1 ? `text ${index + 1} was ` : "", text))
    if (!isInput && texts.length === 0)
      return yield* new ArgumentError({ message: "there is nothing to say: the text is missing or empty" })
    return {
      destination: where,
      recipient,
      texts: isInput ? fromInput : Stream.fromIterable(texts)
    }
  })

/** Says all texts, and gives the exit status. */
const speak = ({ destination, recipient, texts }: Request) =>
  Effect.gen(function* () {
    yield* warning(destination)
    const client = yield* Identity.as(destination.target.name, (name) =>
      Client.connect({ ...optionsOf(destination), name, greeting: [] })
    )
    const refused = (label: string, why: string) => Effect.as(complain(`${label}refused: ${why}`), REFUSED)
    /** Waits until it is known what became of a text, and gives the exit status of that. */
    const ended = ({ label }: Text, outcome: Outcome) =>
      patiently(outcome).pipe(
        Effect.as(DONE),
        Effect.catchTag("CommandRefused", ({ message }) => refused(label, message))
      )
    /** Sends some texts together, waits for all, and gives the worst of their exit statuses. */
    const deliver = (some: Chunk.Chunk<Text | TooLong>) =>
      Effect.gen(function* () {
        const [tooLong, texts] = Chunk.partition(some, isText)
        const commands = Array.from(texts, ({ text }) => (recipient === undefined ? bcst(text) : mesg(recipient, text)))
        const outcomes = Chunk.fromIterable(yield* client.submitAll(commands))
        // A line that is too long is the first of those that were read with its end.
        const ends = [
          ...Chunk.map(tooLong, ({ label }) => refused(label, "it is too long")),
          ...Chunk.zipWith(texts, outcomes, ended)
        ]
        return yield* Effect.reduce(ends, DONE, (worst, end) => Effect.map(end, (status) => Math.max(worst, status)))
      })
    // Nobody reads what others say, but the end of the connection ends the waiting for input.
    const over = Effect.zipRight(Stream.runDrain(client.messages), Effect.never)
    const status = yield* texts.pipe(
      Stream.interruptWhen(over),
      Stream.chunks,
      Stream.mapConcat(Chunk.chunksOf(WINDOW)),
      Stream.mapEffect(deliver),
      Stream.runFold(DONE, (worst, status) => Math.max(worst, status))
    )
    yield* client.quit
    return status
  })

const say = (words: ReadonlyArray<string>): Effect.Effect<number, ArgumentError> =>
  Effect.flatMap(read(words), (request) =>
    Effect.scoped(speak(request)).pipe(Effect.catchAll((error) => Effect.as(complain(error.message), statusOf(error))))
  )

/** Runs the program with the words that follow its name. */
export const main = (words: ReadonlyArray<string>): Promise<void> => run(description, say(words))
