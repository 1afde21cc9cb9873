/** The keys of a terminal as a stream of keys and pastes. */
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { gather, type Input, type Keypress, pasteEnd } from "./Keys.ts"

/** A paste whose end mark does not come, because the terminal lost it, ends after this silence. */
const PASTE_PATIENCE = Duration.seconds(2)

/** Keys and pastes, in the chunks in which they came. */
export const inputs = (keys: Queue.Dequeue<Keypress>): Stream.Stream<Input> => {
  const some = Queue.takeBetween(keys, 1, Number.POSITIVE_INFINITY)
  const someOrEnd = Effect.timeoutTo(some, {
    duration: PASTE_PATIENCE,
    onSuccess: identity,
    onTimeout: () => Chunk.of(pasteEnd)
  })
  return Stream.unfoldChunkEffect(undefined, (pasting: string | undefined) =>
    Effect.map(pasting === undefined ? some : someOrEnd, (keypresses) => {
      const [inputs, still] = gather(pasting, keypresses)
      return Option.some([Chunk.unsafeFromArray(inputs), still] as const)
    })
  )
}
