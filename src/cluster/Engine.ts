/**
 * The engine of a room over many machines, for one node: it is attached, tries to attach, or has said that the engine is out
 * of reach.
 */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type * as Scope from "effect/Scope"
import { ENGINE_PATIENCE, ENGINE_RETRY } from "../Limits.ts"
import { RoomUnavailable } from "../room/Room.ts"
import { type Attachment, attach, type Clients, clear, type Node, type Options } from "./Attachment.ts"
import type { Entry } from "./Entry.ts"
import { Gate } from "./Gate.ts"
import { Inbox } from "./Inbox.ts"
import * as Lease from "./Lease.ts"
import { EngineError, type Script } from "./Script.ts"

/** The engine's loss: nothing, or this node's names (its lease was over), or the whole room. */
export type Loss = "nothing" | "lease" | "room"

/** The reactions of a node to its engine. */
export interface Hooks {
  /** The node's knowledge of the room. */
  readonly known: () => Pick<Node, "highest" | "nodes">
  /** Brings node and engine in line again, before anything is taken from the inbox. */
  readonly restore: (attachment: Attachment, loss: Loss) => Effect.Effect<void, EngineError>
  /** Tidies up when the engine can be asked again. */
  readonly ready: (attachment: Attachment) => Effect.Effect<void, EngineError>
  /** Takes what came into the inbox, in order. */
  readonly apply: (entries: ReadonlyArray<Entry>) => void
  readonly beaten: (beat: Lease.Beat) => void
  /** Every node that was expected is back, and the entries about their users have been taken from the inbox. */
  readonly settled: () => void
  /** The engine has been out of reach for so long that users have to be told. */
  readonly unavailable: (why: EngineError) => void
  /** The engine is back after they were told. */
  readonly available: () => void
}

export interface Engine {
  /** The name of this node. */
  readonly node: string
  /** Whether this node still owns its seats: its lease lasts, and users have not been told that the engine is out of reach. */
  readonly isValid: () => boolean
  /** Renews the lease, so that the node owns its seats. Fails when the engine cannot be reached in time. */
  readonly confirm: Effect.Effect<void, RoomUnavailable>
  /** Runs a script. If the engine is lost and back in time, runs it again: a second run does no harm. */
  readonly run: <A>(script: Script<A>, args: ReadonlyArray<string | number>) => Effect.Effect<A, RoomUnavailable>
  /** Waits until every entry that is in the inbox now has been taken. */
  readonly caughtUp: Effect.Effect<void, RoomUnavailable>
  /** Attaches for as long as the scope lasts. Fails if the first attempt does; after that it goes on trying. */
  readonly serve: (hooks: Hooks) => Effect.Effect<void, EngineError, Scope.Scope>
}

const unavailable = new RoomUnavailable()

const silence = new EngineError({ problem: "no answer within a second", isSilence: true })

/** A fault of this program ends the attachment, not the node. */
const orFault = <A>(effect: Effect.Effect<A, EngineError>): Effect.Effect<A, EngineError> =>
  Effect.catchAllDefect(effect, (defect) =>
    Effect.zipRight(
      Effect.logError("An attachment to the engine failed.", defect),
      new EngineError({ problem: "a fault of partyline's own" })
    )
  )

export const make = (options: Options, cap: number): Effect.Effect<Engine> =>
  Effect.gen(function* () {
    const clock = yield* Effect.clock
    const node = crypto.randomUUID()
    const gate = new Gate<Attachment, RoomUnavailable>()
    const inbox = new Inbox()
    const lease = yield* Lease.make(node, options.lease)
    /** The room, the run of Redis and the inbox that the node's copy of the room comes from. */
    let source = { epoch: "", run: "", inbox: "" }
    let former: Clients = { run: "", ids: [] }

    /** Ends an attachment that has failed. Whoever asks from now on waits for the next one. */
    const drop = (attached: Attachment, why: EngineError) =>
      Effect.suspend(() => {
        gate.shut(attached)
        return attached.end(why)
      })

    /** Asks over the current attachment, and if that fails over the next one, as long as the engine's patience lasts. */
    const asking = <A>(ask: (attached: Attachment) => Effect.Effect<A, EngineError>) =>
      Effect.suspend(() => {
        let asked: Attachment | undefined
        const attempt: Effect.Effect<A, RoomUnavailable> = Effect.flatMap(gate.value, (attached) => {
          asked = attached
          return Effect.catchAll(ask(attached), (why) => Effect.zipRight(drop(attached, why), attempt))
        })
        const givenUp = Effect.suspend(() => (asked === undefined ? Effect.void : drop(asked, silence)))
        // The end of the scope asks too, in a region that cannot be interrupted.
        const inTime = Effect.timeoutTo(Effect.interruptible(attempt), {
          duration: ENGINE_PATIENCE,
          onSuccess: Effect.succeed<A>,
          onTimeout: () => Effect.zipRight(givenUp, unavailable)
        })
        return Effect.withClock(Effect.flatten(inTime), clock)
      })

    /** Attaches, and stays attached until something fails. */
    const once = (hooks: Hooks, ready: (attached: Attachment) => Effect.Effect<void>) =>
      Effect.gen(function* () {
        const { epoch } = source
        const before = { id: node, cap, ...source, former, position: inbox.position, ...hooks.known() }
        const attached = yield* attach(options, before)
        former = attached.clients
        const isSameRoom = epoch === "" || epoch === attached.epoch
        const loss: Loss = epoch === "" || !attached.isNew ? "nothing" : isSameRoom ? "lease" : "room"
        if (attached.isNew) {
          inbox.release(Exit.void)
          // Others may have the names of clients here.
          lease.end()
        }
        inbox.position = attached.position
        const settling = yield* Deferred.make<void>()
        const beaten = (beat: Lease.Beat) => {
          hooks.beaten(beat)
          if (!beat.isSettling) Deferred.unsafeDone(settling, Exit.void)
        }
        const settled = Effect.gen(function* () {
          yield* Deferred.await(settling)
          yield* Effect.ignore(inbox.reaches(yield* attached.last))
          hooks.settled()
        })
        const work = Effect.gen(function* () {
          yield* hooks.restore(attached, loss)
          // Not before: if restoring is cut short, the next attachment has to begin with it.
          source = { epoch: attached.epoch, run: attached.redisRun, inbox: attached.inbox }
          yield* ready(attached)
          yield* hooks.ready(attached)
          yield* Effect.forkScoped(Effect.ignore(settled))
          yield* inbox.pull(attached, hooks.apply)
        })
        const failing = Effect.all([attached.over, lease.keep(attached, beaten), work], {
          concurrency: "unbounded",
          discard: true
        })
        yield* Effect.onError(failing, () => Effect.sync(() => gate.shut(attached)))
      }).pipe(Effect.scoped)

    const serve = (hooks: Hooks) =>
      Effect.gen(function* () {
        const started = yield* Deferred.make<void, EngineError>()
        /** Says that the engine is out of reach, unless it is back in time. */
        let warning: Fiber.RuntimeFiber<void> | undefined
        let isSaid = false

        const warn = (why: EngineError) =>
          Effect.sync(() => {
            isSaid = true
            lease.end()
            gate.fail(unavailable)
            inbox.release(Exit.fail(unavailable))
            hooks.unavailable(why)
          })

        const ready = (attached: Attachment) =>
          Effect.gen(function* () {
            if (warning !== undefined) yield* Fiber.interrupt(warning)
            warning = undefined
            yield* Effect.ignore(lease.renew(attached))
            lease.begin()
            gate.open(attached)
            if (isSaid) hooks.available()
            isSaid = false
            yield* Deferred.succeed(started, undefined)
          })

        const failed = (why: EngineError) =>
          Effect.gen(function* () {
            if (yield* Deferred.fail(started, why)) return yield* Effect.never
            if (warning === undefined && !isSaid) {
              const delay = why.isSilence === true ? Duration.zero : ENGINE_PATIENCE
              warning = yield* Effect.forkScoped(Effect.delay(warn(why), delay))
            }
            yield* Effect.sleep(ENGINE_RETRY)
          })

        const attachments = Effect.catchAll(orFault(once(hooks, ready)), failed)
        yield* Effect.forkScoped(Effect.forever(attachments))
        yield* Deferred.await(started)
        yield* Effect.addFinalizer(() => Effect.ignore(asking((attached) => clear(attached.run, node))))
      }).pipe(Effect.withClock(clock))

    return {
      node,
      isValid: lease.isValid,
      confirm: Effect.asVoid(asking(lease.renew)),
      run: (script, args) => asking((attached) => attached.run(script, args)),
      caughtUp: Effect.flatMap(
        asking((attached) => attached.last),
        (id) => inbox.reaches(id)
      ),
      serve
    }
  })
