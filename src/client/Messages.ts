/** A server's bytes as a stream of messages. */
import * as Stream from "effect/Stream"
import { clean } from "../protocol/Text.ts"
import { Lines } from "./Lines.ts"
import { beginning, type Message, read } from "./Message.ts"

/** Stands in the place of a line that was dropped because of its length. */
const TOO_LONG = "(a line of more than 1 MiB was dropped)"

/** The messages of one connection, from its beginning. */
export const messagesOf = <E>(bytes: Stream.Stream<Uint8Array, E>): Stream.Stream<Message, E> =>
  Stream.suspend(() => {
    const lines = new Lines()
    return bytes.pipe(
      Stream.mapConcat((chunk) => lines.push(chunk)),
      Stream.map((line) => (line === undefined ? TOO_LONG : clean(line))),
      Stream.mapAccum(beginning, read),
      Stream.mapConcat((messages) => messages)
    )
  })
