// @ts-check
/**
 * The relay embedded in an Effect program. The program prints status events in its own format, reads the list of members,
 * and sends the time to all of them.
 *
 *     npm install ./partyline-0.2.0.tgz effect@3.22.4 @effect/platform-node@0.108.2
 *     node embedded.mjs 8001 60        (port, and interval of the time messages in seconds)
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import {
  Limits,
  Listener,
  Metrics,
  OpenConnections,
  Registry,
  Room,
  render,
  Server,
  StatusLog,
  Tcp,
  Tracing
} from "partyline"

/** Prints status events to standard output, with a prefix of this program. */
const statusLog = StatusLog.layerSink((event) => console.log(`* ${render(event)}`))

/** The relay. `provideMerge` exposes a service to this program too; `provide` does not. */
const relay = Server.layer.pipe(
  Layer.provide(Room.layer),
  Layer.provideMerge(Registry.layer),
  Layer.provideMerge(Tcp.layer({ host: "127.0.0.1", port: Number(process.argv[2] ?? 8001) })),
  Layer.provide(statusLog),
  Layer.provide(Limits.layer({ maxUsers: 50 })),
  Layer.provide([Metrics.layer, OpenConnections.layer, Tracing.layerNone])
)

const sendTime = Effect.gen(function* () {
  const registry = yield* Registry
  const time = new Date(yield* Clock.currentTimeMillis).toISOString()
  const { members } = yield* registry.roster
  // `offer` waits for a full outbox, at most for `patience`, as it does for any other sender.
  yield* Effect.forEach(members, ({ outbox }) => outbox.offer(`FROM clock: ${time}\r\n`), { concurrency: "unbounded" })
  yield* Console.log(`It is ${time}, and here are: ${members.map(({ name }) => name).join(", ") || "nobody"}`)
})

const program = Effect.gen(function* () {
  const { addresses } = yield* Listener
  yield* Console.log(`A relay with a clock, on port ${addresses[0]?.port}`)
  yield* Effect.repeat(sendTime, Schedule.spaced(Duration.seconds(Number(process.argv[3] ?? 60))))
})

NodeRuntime.runMain(Effect.provide(program, relay))
