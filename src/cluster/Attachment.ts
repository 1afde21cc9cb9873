/** The time in which this node is attached to the engine: three connections, which end together with the first that fails. */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { ENGINE_PATIENCE, INBOX_READ, REAP_NAMES } from "../Limits.ts"
import { isBefore, lastOf, type Page, page, type Seat, START, users } from "./Entry.ts"
import * as NodeScripts from "./NodeScripts.ts"
import { type Address, type Connection, connect } from "./Redis.ts"
import { ask, type Call, EngineError, run, type Script } from "./Script.ts"

/** Version of the keys and values in Redis. A node with another version refuses to start. */
const SCHEMA_VERSION = 1

export interface Options {
  readonly address: Address
  /** The room's name. */
  readonly room: string
  readonly lease: Duration.Duration
}

/** Connections as a run of Redis knows them. */
export interface Clients {
  readonly run: string
  readonly ids: ReadonlyArray<string>
}

/** The state with which a node attaches. */
export interface Node {
  readonly id: string
  readonly cap: number
  /** The room as the node knew it: empty at its start. */
  readonly epoch: string
  /** The run of Redis, and the inbox, that its copy of the list of users comes from: empty at its start. */
  readonly run: string
  readonly inbox: string
  /** The connections of its last attachment: empty at its start. */
  readonly former: Clients
  /** The id of the last entry of the inbox that it has read. */
  readonly position: string
  /** The highest order of registration that it has seen. */
  readonly highest: number
  /** The nodes that it knew of. */
  readonly nodes: ReadonlyArray<string>
}

export interface Attachment {
  readonly epoch: string
  readonly redisRun: string
  /** The connections that change something. */
  readonly clients: Clients
  /** The name of the inbox. Another one is made when the node was cleared away, or the room was lost. */
  readonly inbox: string
  /** Where the inbox is read on. */
  readonly position: string
  /** Nothing is known of what happened before: the inbox is new, and the node has no names. */
  readonly isNew: boolean
  /** Redis may have lost changes that this node has seen: its last second, or everything. */
  readonly mayHaveLost: boolean
  /** Runs a script. Fails when there is no answer within the engine's patience. */
  readonly run: <A>(script: Script<A>, args: ReadonlyArray<string | number>) => Effect.Effect<A, EngineError>
  /** Sends a command, with the same patience. */
  readonly ask: (...command: Parameters<Call>) => Effect.Effect<unknown, EngineError>
  /** The same as `run`, on a connection that nothing else makes busy. */
  readonly runBeside: Attachment["run"]
  /** Waits for entries of the inbox after this position. Gives none if none has come for a while. */
  readonly read: (position: string) => Effect.Effect<Page, EngineError>
  /** The id of the last entry of the inbox. */
  readonly last: Effect.Effect<string, EngineError>
  /** Gives up the entries of the inbox before this one. */
  readonly trim: (position: string) => Effect.Effect<void, EngineError>
  /** A page of the users' table; its next cursor is 0 at the end. */
  readonly users: (
    cursor: string
  ) => Effect.Effect<{ readonly cursor: string; readonly seats: ReadonlyArray<Seat> }, EngineError>
  readonly end: (why: EngineError) => Effect.Effect<void>
  /** Fails when it is over. */
  readonly over: Effect.Effect<never, EngineError>
}

const silence = new EngineError({ problem: "no answer within a second", isSilence: true })

/** Waits for an answer as long as the engine's patience lasts, and this much longer. */
const within = <A, R>(asked: Effect.Effect<A, EngineError, R>, longer = Duration.zero) =>
  Effect.timeoutFail(asked, { duration: Duration.sum(ENGINE_PATIENCE, longer), onTimeout: () => silence })

export const prefixOf = (room: string): string => `{partyline:${room}}`

const refusal = (problem: string) => new EngineError({ problem })

const field = (info: string, name: string): string => new RegExp(`^${name}:(.*?)\r?$`, "m").exec(info)?.[1] ?? ""

const otherCap = (known: string, cap: number) => refusal(`the room has --max-users ${known}, not ${cap}`)

const otherVersion = (known: string) =>
  refusal(`the room is kept by another version of partyline (${known}, not ${SCHEMA_VERSION})`)

/** Checks that Redis can be used. Gives its version and the id of its run. */
const inspect = (call: Call) =>
  Effect.gen(function* () {
    const info = String(yield* within(ask(() => call("INFO"))))
    const version = field(info, "redis_version")
    if (Number.parseInt(version, 10) < 7) return yield* refusal(`Redis ${version} is too old: 7.0 or later is needed`)
    const policy = field(info, "maxmemory_policy")
    if (field(info, "maxmemory") !== "0" && policy !== "noeviction") {
      return yield* refusal(
        `Redis would throw names away when its memory is full: set maxmemory-policy noeviction, not ${policy}`
      )
    }
    return { version, run: field(info, "run_id") }
  })

/** Looks, without attaching, whether a node could. Gives the version of Redis. */
export const probe = ({ address, room }: Options, cap: number): Effect.Effect<string, EngineError> =>
  Effect.gen(function* () {
    const { call } = yield* within(connect(address), ENGINE_PATIENCE)
    const { version } = yield* inspect(call)
    const [knownCap, knownVersion] = yield* within(run(NodeScripts.look, call, prefixOf(room), []))
    if (knownVersion !== undefined && knownVersion !== String(SCHEMA_VERSION)) return yield* otherVersion(knownVersion)
    if (knownCap !== undefined && knownCap !== String(cap)) return yield* otherCap(knownCap, cap)
    return version
  }).pipe(Effect.scoped)

const clientId = ({ call }: Connection) => Effect.map(within(ask(() => call("CLIENT", "ID"))), String)

/**
 * Ends the connections of the attachment before at Redis. What has been sent over them and is still under way would be
 * executed after what is sent from now on. They are gone as a rule, and then this fails.
 */
const endFormer = (call: Call, { ids, run }: Clients, current: string) =>
  Effect.forEach(
    run === current ? ids : [],
    (id) => Effect.ignore(within(ask(() => call("CLIENT", "KILL", "ID", id)))),
    {
      concurrency: "unbounded",
      discard: true
    }
  )

/** How long one question waits for entries of the inbox. */
const BLOCK = Duration.seconds(1)

/** Attaches the node, for as long as the scope lasts. */
export const attach = (
  { address, lease, room }: Options,
  node: Node
): Effect.Effect<Attachment, EngineError, Scope.Scope> =>
  Effect.gen(function* () {
    const ended = yield* Deferred.make<never, EngineError>()
    const open = within(connect(address), ENGINE_PATIENCE)
    const [commands, beats, reader] = yield* Effect.all([open, open, open], { concurrency: "unbounded" })
    const prefix = prefixOf(room)
    const stream = `${prefix}:inbox:${node.id}`
    const on =
      ({ call }: Connection): Attachment["run"] =>
      (script, args) =>
        within(run(script, call, prefix, args))
    const redis = yield* inspect(commands.call)
    yield* endFormer(commands.call, node.former, redis.run)
    const ids = yield* Effect.all([clientId(commands), clientId(beats)])

    const attached: Effect.Effect<readonly ["attached", string, string, string], EngineError> = on(commands)(
      NodeScripts.attach,
      [
        node.id,
        node.epoch,
        node.cap,
        Duration.toMillis(lease),
        SCHEMA_VERSION,
        redis.run,
        crypto.randomUUID(),
        node.highest,
        ...node.nodes
      ]
    ).pipe(
      Effect.flatMap((answer) => {
        const [state, known] = answer
        if (state === "attached") return Effect.succeed(answer)
        if (state === "dying") return Effect.zipRight(clear(on(beats), node.id), attached)
        if (state === "cap") return otherCap(known, node.cap)
        return otherVersion(known)
      })
    )
    const [, epoch, inbox, last] = yield* attached
    // Not by what the script has done: its first answer may have been lost.
    const isNew = inbox !== node.inbox
    // Redis may have forgotten the last entries that this node has read.
    const known = isBefore(last, node.position) ? last : node.position

    return {
      epoch,
      redisRun: redis.run,
      clients: { run: redis.run, ids },
      inbox,
      position: isNew ? START : known,
      isNew,
      mayHaveLost: isNew || redis.run !== node.run,
      run: on(commands),
      runBeside: on(beats),
      ask: (...command) => within(ask(() => commands.call(...command))),
      read: (position) => {
        const [count, block] = [String(INBOX_READ), String(Duration.toMillis(BLOCK))]
        const asked = ask(() => reader.call("XREAD", "COUNT", count, "BLOCK", block, "STREAMS", stream, position))
        return Effect.flatMap(within(asked, BLOCK), page)
      },
      last: Effect.map(within(ask(() => commands.call("XREVRANGE", stream, "+", "-", "COUNT", 1))), lastOf),
      trim: (position) => Effect.asVoid(within(ask(() => commands.call("XTRIM", stream, "MINID", position)))),
      users: (cursor) =>
        Effect.flatMap(
          within(ask(() => commands.call("HSCAN", `${prefix}:users`, cursor, "COUNT", REAP_NAMES))),
          users
        ),
      end: (why) => Effect.asVoid(Deferred.fail(ended, why)),
      over: Effect.raceAll([Deferred.await(ended), commands.lost, beats.lost, reader.lost])
    }
  })

/** Clears away this node itself, all that it had in the room. */
export const clear = (run: Attachment["run"], node: string): Effect.Effect<void, EngineError> =>
  Effect.asVoid(Effect.repeat(run(NodeScripts.reap, [node, REAP_NAMES, 1]), { while: ([state]) => state === "more" }))
