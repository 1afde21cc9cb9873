/** A complete round: an in-memory server, clients with random actions, and the model that checks the server. */
import * as Cause from "effect/Cause"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as Supervisor from "effect/Supervisor"
import { StatusLog } from "../../src/status/StatusLog.ts"
import { inMemory, Log } from "../support/World.ts"
import { Model, ROOMY, type Rules } from "./Model.ts"
import { Random } from "./Random.ts"
import { inProcess } from "./RoomKind.ts"
import { Round, type Trace } from "./Round.ts"
import type { Target } from "./Target.ts"
import { Violation } from "./Violation.ts"
import { VirtualClock } from "./VirtualClock.ts"

const rules = (random: Random): Rules => ({
  maxUsers: 1 + random.below(5),
  maxLine: random.pick([64, 64, 16, 4096]),
  outbox: random.pick([60, 150, 400, ROOMY]),
  patience: 5000,
  joinTimeout: random.pick([60_000, 20_000]),
  idleTimeout: random.pick([Number.POSITIVE_INFINITY, 30_000]),
  drainTimeout: 5000
})

/** In a run of vitest.cluster.ts an engine keeps the rooms. */
const roomKind = (random: Random) =>
  Effect.suspend(() => {
    const port = process.env["PARTYLINE_TEST_ENGINE"]
    if (port === undefined) return Effect.succeed(inProcess)
    return Effect.flatMap(
      Effect.promise(() => import("./EngineRoom.ts")),
      ({ engineRoom }) => Effect.orDie(engineRoom(Number(port), 1 + random.below(3)))
    )
  })

/** Real time after which a round counts as hanging. A round takes a few milliseconds, over an engine some hundred. */
const HANGING = "60 seconds"

/** Plays the round of this seed. Fails with a Violation if the server breaks the protocol. */
export const play = (seed: number, trace: Trace): Effect.Effect<void, Violation> =>
  Effect.gen(function* () {
    const random = new Random(seed)
    const kind = yield* roomKind(random)
    const clock = new VirtualClock(kind.quiet)
    const model = new Model(rules(random))
    const { drainTimeout, idleTimeout, joinTimeout, maxLine, maxUsers, outbox, patience } = model.rules
    trace.push(JSON.stringify(model.rules))
    const said: Array<string> = []
    const listening = Logger.make(({ cause, message }) => void said.push(`${String(message)} ${Cause.pretty(cause)}`))
    const fibers = yield* Supervisor.track
    const limits = {
      maxUsers,
      maxLine,
      outbox,
      patience: Duration.millis(patience),
      joinTimeout: Duration.millis(joinTimeout),
      idleTimeout: Number.isFinite(idleTimeout) ? Duration.millis(idleTimeout) : Duration.infinity,
      drainTimeout: Duration.millis(drainTimeout)
    }
    const log = new Log()
    const open = new Set<number>()
    const node = inMemory(limits, "", () => StatusLog.layerSink(log.add), kind.layer, open)
    yield* Effect.replicateEffect(node, kind.nodes).pipe(
      Effect.flatMap((nodes) => new Round({ random, clock, kind, nodes, log, open, model, trace }).plays),
      Effect.scoped,
      Effect.withClock(clock),
      Effect.provide(Logger.replace(Logger.defaultLogger, listening)),
      Effect.supervised(fibers),
      // A server that hangs may not be interruptible. The timeout does not wait for its end.
      Effect.disconnect,
      Effect.timeoutFail({ duration: HANGING, onTimeout: () => new Violation("it hangs") })
    )
    yield* kind.quiet
    const alive = yield* fibers.value
    if (alive.length > 0) throw new Violation(`${alive.length} fibers outlive the server`)
    if (said.length > 0) throw new Violation(`the server complains: ${said.join("\n")}`)
    const remains = yield* kind.remains
    if (remains.length > 0) throw new Violation(`${remains.join()} outlive the server`)
  }).pipe(Effect.scoped)

export const room: Target = { purpose: "random rooms in memory, against a model of the whole protocol", play }
