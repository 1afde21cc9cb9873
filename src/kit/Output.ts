/** Standard output of a client program, one write for each line. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { codeOf, writeReason } from "../ErrorText.ts"

/** Nobody reads it any more. */
export class OutputClosed extends Data.TaggedError("OutputClosed")<{}> {}

/** It cannot be written. `reason` is in words. */
export class OutputFailed extends Data.TaggedError("OutputFailed")<{ readonly reason: string }> {
  override get message(): string {
    return `standard output cannot be written: ${this.reason}`
  }
}

export class Output extends Context.Tag("partyline/Output")<
  Output,
  {
    /** Writes a line. When it succeeds, the line has been handed to the system. */
    readonly print: (line: string) => Effect.Effect<void, OutputClosed | OutputFailed>
  }
>() {
  static readonly layer: Layer.Layer<Output> = Layer.sync(Output, () => {
    // Without a listener, a closed pipe ends the process with a stack trace. The callback of each write has the error.
    process.stdout.on("error", () => {})
    const failure = (error: unknown) => {
      const code = codeOf(error)
      return code === "EPIPE" ? new OutputClosed() : new OutputFailed({ reason: writeReason(code) })
    }
    return {
      print: (line) =>
        Effect.async((resume) => {
          const done = (error?: Error | null) => resume(error == null ? Effect.void : failure(error))
          // A write to a file can throw.
          try {
            process.stdout.write(`${line}\n`, done)
          } catch (error) {
            resume(failure(error))
          }
        })
    }
  })
}
