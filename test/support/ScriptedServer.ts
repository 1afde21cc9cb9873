/** A server in memory that a test plays. */
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import * as Stream from "effect/Stream"
import { Dialer } from "../../src/client/Dialer.ts"
import { CannotConnect } from "../../src/client/Ending.ts"

/** The server's end of one connection. */
export interface Caller {
  /** The next line of the client. */
  readonly hears: Effect.Effect<string>
  readonly says: (...lines: ReadonlyArray<string>) => Effect.Effect<void>
  /** Ends the connection. */
  readonly cuts: Effect.Effect<void>
}

/** `answers` waits for the next connection. While the server is down, every attempt fails. */
export const scriptedServer = Effect.gen(function* () {
  const callers = yield* Queue.unbounded<Caller>()
  const isDown = yield* Ref.make(false)
  const attempts = yield* Queue.unbounded<number>()
  const reached = Dialer.layerMemory((wire) =>
    Effect.gen(function* () {
      const lines = yield* Queue.unbounded<string>()
      const cut = yield* Deferred.make<void>()
      const caller: Caller = {
        hears: Queue.take(lines),
        says: (...lines) => Effect.ignore(wire.send(lines.map((line) => `${line}\r\n`).join(""))),
        cuts: Effect.asVoid(Deferred.succeed(cut, undefined))
      }
      yield* Queue.offer(callers, caller)
      const hearing = wire.bytes.pipe(
        Stream.decodeText(),
        Stream.splitLines,
        Stream.runForEach((line) => Queue.offer(lines, line)),
        Effect.ignore
      )
      yield* Effect.raceFirst(hearing, Deferred.await(cut))
    })
  )
  const layer = Layer.provide(
    Layer.effect(
      Dialer,
      Effect.map(Dialer, ({ dial }) => ({
        dial: Effect.gen(function* () {
          yield* Queue.offer(attempts, yield* Clock.currentTimeMillis)
          if (yield* Ref.get(isDown)) return yield* new CannotConnect({ address: "memory", reason: "it is down" })
          return yield* dial
        })
      }))
    ),
    reached
  )
  return {
    layer,
    answers: Queue.take(callers),
    /** The times of the attempts to connect since the last call. */
    attempted: Queue.takeAll(attempts),
    goesDown: Ref.set(isDown, true),
    comesUp: Ref.set(isDown, false)
  }
})
