/** A test that waits in vain says for what, under whatever clock. */
import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import { getCurrentTest } from "vitest/suite"
import { asks, hears } from "./support/dialogue.ts"
import { starts } from "./support/Program.ts"
import { inMemory } from "./support/World.ts"
import { looks } from "./support/waiting.ts"

/** The complaint of a wait for which the test has no time left. */
const complaint = <A, E, R>(wait: Effect.Effect<A, E, R>) =>
  Effect.suspend(() => {
    const result = getCurrentTest()?.result
    if (result === undefined) return Effect.dieMessage("there is no test")
    const { startTime } = result
    result.startTime = 0
    return Effect.sandbox(wait).pipe(
      Effect.flip,
      Effect.map((cause) => String(Cause.squash(cause))),
      Effect.ensuring(
        Effect.sync(() => {
          result.startTime = startTime ?? Date.now()
        })
      )
    )
  })

describe("a wait in vain", () => {
  it.scoped("for a line of a client says which, and what came", () =>
    Effect.gen(function* () {
      const { joins } = yield* inMemory()
      const ann = yield* joins("ann")
      assert.strictEqual(
        yield* complaint(asks(ann, "PING", "PONG", "FROM bob: hi")),
        'Error: waited in vain for "FROM bob: hi"; all that came: ["JOIN ann Request Accepted","PONG",""]'
      )
      yield* asks(ann, "PING", "PONG")
    })
  )

  it.scoped("for the end of a connection says that nothing more came", () =>
    Effect.gen(function* () {
      const ann = yield* Effect.flatMap(inMemory(), ({ connects }) => connects)
      assert.strictEqual(yield* complaint(ann.isLeft), 'Error: waited in vain for a line; all that came: [""]')
    })
  )

  it.scoped("for a line of the log says what is in it", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* inMemory()
      yield* joins("ann")
      assert.strictEqual(
        yield* complaint(log.says("Stopped")),
        `Error: waited in vain for the log to say "Stopped"; it says ${JSON.stringify(log.lines)}`
      )
    })
  )

  it.scoped("for a program says what it printed", () =>
    Effect.gen(function* () {
      const cat = yield* starts(["cat"])
      yield* cat.types("hi")
      yield* cat.says("hi")
      assert.strictEqual(
        yield* complaint(cat.says("ho")),
        'Error: waited in vain for "ho" from cat; all that came: ["hi",""]'
      )
    })
  )

  it.effect("for something that is looked for says what was found last", () =>
    Effect.map(complaint(looks("a seven", Effect.succeed(6), (found) => found === 7)), (said) =>
      assert.strictEqual(said, "Error: waited in vain for a seven; the last was 6")
    )
  )

  it.effect("does not change what other defects say", () =>
    Effect.map(complaint(hears({ hears: Effect.dieMessage("broken") }, "hi")), (said) => assert.match(said, /broken/))
  )
})
