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

describe("the end of the program", () => {
  it.scoped("waits half a second, and no longer, for a collector that does not answer", () =>
    Effect.gen(function* () {
      const { endpoint, isAsked } = yield* collector({ answers: false })
      const scope = yield* Scope.make()
      const layer = Otlp.layer({ url: endpoint, headers: {}, format: "json", serviceName: "partyline" })
      const tracing = yield* Effect.provide(Tracing, yield* Layer.buildWithScope(layer, scope))
      const connection = new MemoryConnection(5, Limits.make({}), "127.0.0.1", () => {})
      yield* tracing.follow(new Session(1, connection, 0, 80), Effect.void)
      const end = yield* Effect.fork(Scope.close(scope, Exit.void))
      yield* isAsked
      yield* TestClock.adjust(Duration.subtract(TRACE_FLUSH, Duration.millis(1)))
      assert.isNull(end.unsafePoll())
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(end)
    })
  )
})
