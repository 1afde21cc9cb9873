/** A stream of Node's that is read by pulls. */
import type { Readable } from "node:stream"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

const ignore = (): void => {}

/**
 * The chunks of a readable. It stays paused, and each pull takes what has come: that is the back-pressure. Ends with the
 * input, and when the readable is destroyed. For one reader.
 */
export const chunks = <E>(readable: Readable, onError: (error: Error) => E): Stream.Stream<Uint8Array, E> =>
  Stream.suspend(() => {
    let wake = ignore
    for (const event of ["readable", "end", "error", "close"]) readable.on(event, () => wake())
    /** The next thing to hand over: a chunk, or the end. */
    const take = (): Effect.Effect<Uint8Array, Option.Option<E>> | undefined => {
      const chunk: Uint8Array | null = readable.read()
      if (chunk !== null) return Effect.succeed(chunk)
      if (readable.errored !== null) return Effect.fail(Option.some(onError(readable.errored)))
      return readable.readableEnded || readable.destroyed ? Effect.fail(Option.none()) : undefined
    }
    const next = Effect.async<Uint8Array, Option.Option<E>>((resume) => {
      const look = () => {
        const taken = take()
        if (taken === undefined) return
        wake = ignore
        resume(taken)
      }
      wake = look
      look()
      return Effect.sync(() => {
        wake = ignore
      })
    })
    return Stream.repeatEffectOption(next)
  })
