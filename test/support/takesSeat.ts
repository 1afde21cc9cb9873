import * as Effect from "effect/Effect"
import * as TestServices from "effect/TestServices"
import { assert } from "vitest"
import { hasEngine, type inMemory } from "./World.ts"

type World = Effect.Effect.Success<ReturnType<typeof inMemory>>

/** Joins when somebody has just been disconnected: in one process at once; with an engine the seat is free a moment later. */
export const takesSeat = ({ connects }: Pick<World, "connects">, name: string): World["connects"] =>
  Effect.gen(function* () {
    const person = yield* connects
    yield* person.types(`JOIN ${name}`)
    const answer = yield* Effect.orDie(person.hears)
    if (answer === `JOIN ${name} Request Accepted`) return person
    assert.isTrue(hasEngine, answer)
    yield* person.breaks("ECONNRESET")
    yield* TestServices.provideLive(Effect.sleep("10 millis"))
    return yield* takesSeat({ connects }, name)
  })
