/** The screen of a person: what is pressed on it, and what is shown. */
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { Block } from "./Block.ts"
import type { Input } from "./Keys.ts"
import type { Row } from "./Paint.ts"

type Other = Data.TaggedEnum<{
  /** A whole line, from an input that is no terminal of ours. */
  Entered: { readonly line: string }
  /** Nothing more will be typed. */
  InputEnded: {}
  /** The terminal has another size, or must be drawn again. */
  Resized: { readonly columns: number }
  /** The program is asked to end, or nothing can be shown any more. */
  Closed: { readonly exitCode: number }
}>
export const { Closed, Entered, InputEnded, Resized } = Data.taggedEnum<Other>()

export type ScreenEvent = Input | Other

export class Screen extends Context.Tag("partyline/Screen")<
  Screen,
  {
    readonly columns: number
    /** Whether a person can be asked for something. */
    readonly isInteractive: boolean
    readonly events: Stream.Stream<ScreenEvent>
    /** Prints above the input row, with the next `draw`. */
    readonly print: (block: Block) => Effect.Effect<void>
    /** Rings the bell, with the next `draw`. */
    readonly ring: Effect.Effect<void>
    /** Writes what was printed and the input row, in one go. Waits until the terminal has taken it. */
    readonly draw: (row: Row) => Effect.Effect<void>
    /** Whether more lines may come from a pipe now. The keys of a person always come. */
    readonly takeLines: (isReady: boolean) => Effect.Effect<unknown>
    /** Stops the program as Ctrl-Z does, and returns when it goes on. */
    readonly suspend: Effect.Effect<void>
  }
>() {}
