/** The screen of a pipe, a file or a terminal without escape sequences: plain lines in, plain lines out. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import * as Input from "../kit/Input.ts"
import { Output } from "../kit/Output.ts"
import { complain } from "../kit/Run.ts"
import { type Look, line } from "./Block.ts"
import { Closed, Entered, InputEnded, Screen, type ScreenEvent } from "./Screen.ts"

export interface Device {
  /** Whether a person types the input. */
  readonly isInteractive: boolean
  readonly clock: Look["clock"]
}

/** The lines of standard input, each when the latch is open. One that cannot be read ends. */
const entered = (latch: Effect.Latch): Stream.Stream<ScreenEvent> =>
  Input.lines.pipe(
    Stream.mapEffect(({ number, text }) =>
      text === undefined
        ? Effect.as(complain(`line ${number} was not sent: it is too long`), Entered({ line: "" }))
        : latch.whenOpen(Effect.succeed(Entered({ line: text })))
    ),
    Stream.catchAll(({ message }) => Stream.drain(Stream.fromEffect(complain(message)))),
    Stream.concat(Stream.make(InputEnded()))
  )

const make = ({ clock, isInteractive }: Device) =>
  Effect.gen(function* () {
    const output = yield* Output
    const latch = yield* Effect.makeLatch(true)
    const closed = yield* Queue.unbounded<ScreenEvent>()
    return Screen.of({
      columns: Number.POSITIVE_INFINITY,
      isInteractive,
      events: Stream.merge(entered(latch), Stream.fromQueue(closed)),
      print: (block) =>
        output.print(line(block, clock)).pipe(
          Effect.catchTags({
            // A reader that has seen enough closes the pipe, as `head` does: that is no fault.
            OutputClosed: () => Queue.offer(closed, Closed({ exitCode: 0 })),
            OutputFailed: ({ message }) =>
              Effect.zipRight(complain(message), Queue.offer(closed, Closed({ exitCode: 1 })))
          })
        ),
      ring: Effect.void,
      draw: () => Effect.void,
      takeLines: (isReady) => (isReady ? latch.open : latch.close),
      suspend: Effect.void
    })
  })

export const layer = (device: Device): Layer.Layer<Screen, never, Output> => Layer.effect(Screen, make(device))
