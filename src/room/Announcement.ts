/** An announcement of the operator to everybody: one clean line. */
import * as Data from "effect/Data"
import * as Either from "effect/Either"
import * as Reply from "../protocol/Reply.ts"
import { byteLength, clean } from "../protocol/Text.ts"

/** Nothing is left of the text when it has been cleaned. */
export class EmptyAnnouncement extends Data.TaggedError("EmptyAnnouncement")<{}> {
  override get message(): string {
    return "there is no text to say"
  }
}

/** The text has more bytes than a line of a client may have. */
export class AnnouncementTooLong extends Data.TaggedError("AnnouncementTooLong")<{
  readonly bytes: number
  readonly most: number
}> {
  override get message(): string {
    return `the text has ${this.bytes} bytes, and ${this.most} is the most (--max-line)`
  }
}

export type Unsayable = EmptyAnnouncement | AnnouncementTooLong

/** The line that members get. The text is cleaned as a client's text is, which removes line ends too. `most` is in bytes. */
export const line = (text: string, most: number): Either.Either<string, Unsayable> => {
  const cleaned = clean(text)
  const bytes = byteLength(cleaned)
  if (cleaned === "") return Either.left(new EmptyAnnouncement())
  return bytes > most
    ? Either.left(new AnnouncementTooLong({ bytes, most }))
    : Either.right(Reply.fromOperator(cleaned))
}
