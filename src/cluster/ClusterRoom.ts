/** A room over many machines: the same service as the room in one process, kept by an engine that all of them reach. */
import { createHash } from "node:crypto"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import { databaseFull } from "../connection/DisconnectReason.ts"
import { Limits } from "../Limits.ts"
import { isUsername, key } from "../protocol/Username.ts"
import * as Announcement from "../room/Announcement.ts"
import { InvalidUsername, type Refusal, randomKey, UnableToReclaim, UsernameTaken } from "../room/Registry.ts"
import { type Client, Room, RoomUnavailable } from "../room/Room.ts"
import { type EngineCounters, Metrics } from "../status/Metrics.ts"
import { StatusLog } from "../status/StatusLog.ts"
import * as Arrivals from "./Arrivals.ts"
import type { Options } from "./Attachment.ts"
import * as Changes from "./Changes.ts"
import * as Engine from "./Engine.ts"
import type { Seat } from "./Entry.ts"
import * as Life from "./Life.ts"
import { type Local, Members } from "./Members.ts"
import * as MessageScripts from "./MessageScripts.ts"
import * as Relay from "./Relay.ts"
import { EngineError } from "./Script.ts"
import * as SeatScripts from "./SeatScripts.ts"
import * as Sending from "./Sending.ts"
import { Underway } from "./Underway.ts"
import { Waits } from "./Waits.ts"

const unavailable = new RoomUnavailable()

/** The engine stores this digest, and never the key. */
const digestOf = (key: string): string => createHash("sha256").update(key).digest("hex")

/** The engine of a room for as many users as the limits say. It goes by the clock that there is now. */
export const engineOf = (options: Options) =>
  Effect.flatMap(Limits, ({ current }) => Engine.make(options, current.maxUsers))

/** The room, kept by that engine as long as the scope lasts. */
export const make = (engine: Engine.Engine) =>
  Effect.gen(function* () {
    const limits = yield* Limits
    const log = yield* StatusLog
    const metrics = yield* Metrics
    const scope = yield* Effect.scope
    const fork = Runtime.runFork(yield* Effect.runtime<never>())
    const { node } = engine
    const members = new Members()
    const counters: EngineCounters = {
      node,
      nodes: (names) => members.byNode(node, names),
      isUp: true,
      roundTrip: 0,
      inbox: 0,
      sent: 0,
      received: 0,
      registeredAgain: 0,
      losses: 0
    }
    metrics.engine = counters
    const waits = new Waits()
    const underway = new Underway(scope)
    /** Digests of the keys of seats here: the engine may have to be told them again. */
    const digests = new WeakMap<Local, string>()
    /** Tokens of seats of whose leaving clients here are not told. */
    const silent = new Set<string>()
    let tokens = 0

    const giveBack = ({ name, token }: Pick<Seat, "name" | "token">) =>
      // If the engine is out of reach, `Restore` gives the seat back later: this node does not hold it any more.
      Effect.ignore(engine.run(SeatScripts.leave, [node, key(name), token]))

    const changes = Changes.make({
      node,
      members,
      record: (event) => log.record([event]),
      unwanted: (seat) => fork(giveBack(seat), { scope }),
      isTold: (seat) => seat.node !== node || !silent.delete(seat.token)
    })
    const arrivals = yield* Arrivals.make(engine, members)
    const sending = yield* Sending.make(engine)
    yield* engine.serve(Life.make({ node, log, counters, members, changes, arrivals, waits, digests }))

    /**
     * The client waits for this seat no longer. If it has the seat already, that is given back; a seat that comes later is
     * unwanted.
     */
    const withdraw = (token: string) =>
      Effect.sync(() => {
        changes.asking.delete(token)
        const local = members.release(token)
        if (local !== undefined) fork(giveBack(local), { scope })
      })

    /** Asks for a seat, and waits until the seat is in the inbox, or the client is disconnected. */
    const ask = <E>(client: Client, question: (token: string) => Effect.Effect<void, E>) =>
      Effect.suspend(() => {
        const token = String(++tokens)
        const seated = Deferred.unsafeMake<Changes.Seated, RoomUnavailable>(FiberId.none)
        changes.asking.set(token, { client, seated })
        // The seat may be in the inbox before the question is answered.
        const told = Effect.raceFirst(Deferred.await(seated), Effect.zipRight(question(token), Effect.never))
        return Effect.onError(Effect.raceFirst(told, client.disconnected), () => withdraw(token))
      })

    return Room.of({
      join: (name, client) => {
        const folded = isUsername(name) ? key(name) : ""
        const asked = ask(client, (token) =>
          Effect.flatMap(
            engine.run(SeatScripts.join, [node, token, client.fd, folded, folded && name]),
            ([answer]): Effect.Effect<void, Refusal | RoomUnavailable> => {
              switch (answer) {
                case "joined":
                  return Effect.void
                case "full":
                  return databaseFull
                case "taken":
                  return new UsernameTaken({ name })
                case "invalid":
                  return new InvalidUsername({ name })
                case "settling":
                  return unavailable
              }
            }
          )
        )
        return Effect.map(asked, ({ local }) => local)
      },
      leave: (member, isSilent) =>
        Effect.suspend(() => {
          const local = members.held(member)
          if (local === undefined) return Effect.void
          members.release(local.token)
          if (isSilent) silent.add(local.token)
          waits.release(({ token }) => token === local.token)
          return Effect.zipRight(underway.ended(local.token), giveBack(local))
        }),
      makeKey: (member) =>
        Effect.suspend(() => {
          const local = members.held(member)
          if (local === undefined) return unavailable
          const fresh = randomKey()
          const digest = digestOf(fresh)
          const made = engine.run(SeatScripts.makeKey, [node, local.token, key(local.name), digest])
          return Effect.flatMap(Effect.raceFirst(made, local.client.disconnected), (answer) => {
            if (answer === "gone") return unavailable
            digests.set(local, digest)
            return Effect.succeed(fresh)
          })
        }),
      reclaim: (name, given, client) =>
        Effect.gen(function* () {
          if (!isUsername(name) || members.localOf(key(name))?.client.isLeaving === true) {
            return yield* new UnableToReclaim({ name })
          }
          const { left, local } = yield* ask(client, (token) =>
            Effect.flatMap(
              engine.run(SeatScripts.reclaim, [node, token, client.fd, key(name), digestOf(given)]),
              (answer): Effect.Effect<void, UnableToReclaim | RoomUnavailable> => {
                if (answer === "refused") return new UnableToReclaim({ name })
                return answer === "settling" ? unavailable : Effect.void
              }
            )
          )
          if (left !== undefined) yield* Deferred.await(left)
          log.record([{ event: "reclaimed", fd: local.fd, name: local.name }])
          return local
        }),
      say: (text) =>
        Effect.flatMap(Announcement.line(text, limits.current.maxLine), (line) =>
          Effect.map(engine.run(MessageScripts.say, [crypto.randomUUID(), line]), () =>
            log.record([{ event: "operatorBroadcast" }])
          )
        ),
      relay: Relay.make({ engine, counters, log, members, metrics, sending, underway, waits })
    })
  })

const atStart =
  ({ address }: Options) =>
  ({ problem }: EngineError) =>
    new EngineError({ problem: `cannot be a node of the room at ${address.shown}: ${problem}` })

/** A room that is kept by an engine. Fails if that cannot be reached at the start, or does not want this node. */
export const layer = (options: Options): Layer.Layer<Room, EngineError, Limits | StatusLog | Metrics> =>
  Layer.scoped(Room, Effect.mapError(Effect.flatMap(engineOf(options), make), atStart(options)))
