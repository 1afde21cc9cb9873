/** The lines of standard input. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Lines } from "../client/Lines.ts"
import { chunks } from "../client/Readable.ts"
import { codeOf, readReason } from "../ErrorText.ts"

export class InputFailed extends Data.TaggedError("InputFailed")<{ readonly reason: string }> {
  override get message(): string {
    return `standard input cannot be read: ${this.reason}`
  }
}

/** A line, counted from 1. `text` is absent if the line is too long to be kept. */
export interface Line {
  readonly number: number
  readonly text: string | undefined
}

/** Standard input, let go of at the end: an open one would keep the process alive. */
const input = Stream.acquireRelease(
  Effect.sync(() => process.stdin),
  (stdin) => Effect.sync(() => stdin.destroy())
).pipe(Stream.flatMap((stdin) => chunks(stdin, (error) => new InputFailed({ reason: readReason(codeOf(error)) }))))

/** Its lines, the last one too if it has no end, without a byte order mark. */
export const lines: Stream.Stream<Line, InputFailed> = Stream.suspend(() => {
  const decoder = new Lines()
  return input.pipe(
    Stream.mapConcat((chunk) => decoder.push(chunk)),
    Stream.concat(Stream.suspend(() => Stream.fromIterable(decoder.end()))),
    Stream.zipWithIndex,
    Stream.map(([text, index]) => ({
      number: index + 1,
      text: index === 0 ? text?.replace(/^\ufeff/, "") : text
    }))
  )
})
