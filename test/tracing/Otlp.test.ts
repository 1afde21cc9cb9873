import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import { Limits, TRACE_FLUSH } from "../../src/Limits.ts"
import { Session } from "../../src/server/Session.ts"
import { Tracing } from "../../src/server/Tracing.ts"
import * as Otlp from "../../src/tracing/Otlp.ts"
import { collector } from "../support/Collector.ts"
import { MemoryConnection } from "../support/MemoryConnection.ts"

/** Traces a session that the end of the program ends. Gives that end. */
const traced = (url: string) =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const layer = Otlp.layer({ url, headers: {}, format: "json", serviceName: "partyline" })
    const tracing = yield* Effect.provide(Tracing, yield* Layer.buildWithScope(layer, scope))
    const session = new Session(1, new MemoryConnection(5, Limits.make({}), "127.0.0.1", () => {}), 0, 80)
    session.ending = "serverShuttingDown"
    yield* tracing.follow(session, Effect.void)
    return Scope.close(scope, Exit.void)
  })

describe("the end of the program", () => {
  it.scoped("sends the spans that were not sent yet", () =>
    Effect.gen(function* () {
      const { endpoint, posts } = yield* collector()
      yield* yield* traced(endpoint)
      assert.strictEqual(posts.length, 1)
      assert.include(posts[0]?.body, "serverShuttingDown")
    })
  )

  it.scoped("waits half a second, and no longer, for a collector that does not answer", () =>
    Effect.gen(function* () {
      const { endpoint, isAsked } = yield* collector({ answers: false })
      const end = yield* Effect.fork(yield* traced(endpoint))
      yield* isAsked
      yield* TestClock.adjust(Duration.subtract(TRACE_FLUSH, Duration.millis(1)))
      assert.isNull(end.unsafePoll())
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(end)
    })
  )
})
