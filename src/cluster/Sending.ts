/** Messages of this node's clients on their way to the engine: what comes while it is busy goes together. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { INBOX_ENTRIES, SEND_BYTES, SEND_MESSAGES, SENDS } from "../Limits.ts"
import type { RoomUnavailable } from "../room/Room.ts"
import type { Engine } from "./Engine.ts"
import * as MessageScripts from "./MessageScripts.ts"

/** Lines for the member with that folded name, or for everybody on other nodes. */
export interface Item {
  readonly to: string
  readonly text: string
}

export interface Request {
  /** The folded name of the sender, and the token of its seat. */
  readonly sender: string
  readonly token: string
  readonly items: ReadonlyArray<Item>
}

/** The fate of each message, as the script says it. */
export type Words = ReadonlyArray<string>

interface Pending extends Request {
  readonly answer: Deferred.Deferred<Words, RoomUnavailable>
}

export interface Sending {
  readonly send: (request: Request) => Effect.Effect<Words, RoomUnavailable>
}

const argumentsOf = ({ items, sender, token }: Request): ReadonlyArray<string | number> => [
  sender,
  token,
  items.length,
  ...items.flatMap(({ text, to }) => [to, text])
]

export const make = (engine: Engine): Effect.Effect<Sending, never, Scope.Scope> =>
  Effect.gen(function* () {
    const free = yield* Effect.makeSemaphore(SENDS)
    const pending: Array<Pending> = []
    let batch = 0
    let wake: (() => void) | undefined

    const untilSome = Effect.async<void>((resume) => {
      wake = () => resume(Effect.void)
      if (pending.length > 0) wake()
    })

    /** Takes as many requests as fit together; at least one. */
    const take = (): ReadonlyArray<Pending> => {
      let [count, messages, bytes] = [0, 0, 0]
      for (const { items } of pending) {
        messages += items.length
        for (const { text } of items) bytes += text.length
        if (count > 0 && (messages > SEND_MESSAGES || bytes > SEND_BYTES)) break
        count++
      }
      return pending.splice(0, count)
    }

    const answer = (requests: ReadonlyArray<Pending>): Effect.Effect<void, RoomUnavailable> =>
      Effect.flatMap(
        engine.run(MessageScripts.send, [engine.node, ++batch, INBOX_ENTRIES, ...requests.flatMap(argumentsOf)]),
        (answer) => {
          const lines = answer.split("\n")
          return Effect.forEach(
            requests,
            (request, index) => Deferred.succeed(request.answer, (lines[index] ?? "").split(" ")),
            { discard: true }
          )
        }
      )

    const go = (requests: ReadonlyArray<Pending>) =>
      Effect.catchAll(answer(requests), (error) =>
        Effect.forEach(requests, (request) => Deferred.fail(request.answer, error), { discard: true })
      )

    const pump = Effect.gen(function* () {
      yield* untilSome
      yield* free.take(1)
      yield* Effect.forkScoped(Effect.ensuring(go(take()), free.release(1)))
    })
    yield* Effect.forkScoped(Effect.forever(pump))

    return {
      send: (request) =>
        Effect.flatMap(Deferred.make<Words, RoomUnavailable>(), (answer) => {
          pending.push({ ...request, answer })
          wake?.()
          return Deferred.await(answer)
        })
    }
  })
