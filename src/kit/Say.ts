/** `partyline say`: sends messages, proves that the server has handled them, and leaves. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Client, Unanswered } from "../client/Client.ts"
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
  /** Absent if it is too long to be kept. */
  readonly text: string | undefined
}

/** Most messages without an answer. With more, a server that reads slowly would seem not to answer. */
const WINDOW = 16

/** How long a message may be without an answer: longer than a server waits for slow recipients by default. */
const PATIENCE = Duration.minutes(1)

/** Each line of a text is a message; empty ones are none. */
const split = ({ label, text }: Text): ReadonlyArray<Text> =>
  text === undefined
    ? [{ label, text }]
    : text.split(/\r\n|\r|\n/).flatMap((line) => (line === "" ? [] : [{ label, text: line }]))

const fromInput = Stream.map(Input.lines, ({ number, text }): Text => ({ label: `line ${number} was `, text }))

interface Request {
  readonly destination: Destination
  /** Absent: to everybody. */
  readonly recipient: string | undefined
  readonly texts: Stream.Stream<Text, Input.InputFailed>
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
    const texts = rest.flatMap(({ text }, index) =>
      split({ label: rest.length > 1 ? `text ${index + 1} was ` : "", text })
    )
    if (!isInput && texts.length === 0)
      return yield* new ArgumentError({ message: "there is nothing to say: the text is missing or empty" })
    return {
      destination: where,
      recipient,
      texts: isInput ? Stream.mapConcat(fromInput, split) : Stream.fromIterable(texts)
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
    /** Sends one text, and gives the effect that waits for what becomes of it. */
    const submit = ({ label, text }: Text) =>
      text === undefined
        ? Effect.succeed(refused(label, "it is too long"))
        : Effect.map(client.submit(recipient === undefined ? bcst(text) : mesg(recipient, text)), (outcome) =>
            outcome.pipe(
              Effect.timeoutFail({
                duration: PATIENCE,
                onTimeout: () => new Unanswered({ reason: `no answer within ${Duration.toSeconds(PATIENCE)} seconds` })
              }),
              Effect.as(DONE),
              Effect.catchTag("CommandRefused", ({ message }) => refused(label, message))
            )
          )
    // Nobody reads what others say, but the end of the connection ends the waiting for input.
    const over = Effect.zipRight(Stream.runDrain(client.messages), Effect.never)
    const status = yield* texts.pipe(
      Stream.interruptWhen(over),
      Stream.mapEffect(submit),
      Stream.buffer({ capacity: WINDOW }),
      Stream.mapEffect((outcome) => outcome),
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
