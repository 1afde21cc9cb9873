import * as Net from "node:net"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import type { Connection } from "../../src/connection/Connection.ts"
import { type BindError, Listener } from "../../src/connection/Listener.ts"
import { Limits } from "../../src/Limits.ts"
import type { InvalidLimits, LimitValues } from "../../src/LimitValues.ts"
import { Registry } from "../../src/room/Registry.ts"
import { Room } from "../../src/room/Room.ts"
import { Motd } from "../../src/server/Motd.ts"
import { OpenConnections } from "../../src/server/OpenConnections.ts"
import * as Server from "../../src/server/Server.ts"
import { Tracing } from "../../src/server/Tracing.ts"
import { Web } from "../../src/server/Web.ts"
import { Metrics } from "../../src/status/Metrics.ts"
import type { StatusEvent } from "../../src/status/StatusEvent.ts"
import { render } from "../../src/status/StatusLine.ts"
import { StatusLog } from "../../src/status/StatusLog.ts"
import type { CertificateError } from "../../src/transports/Certificate.ts"
import * as Tcp from "../../src/transports/Tcp.ts"
import type { Policy } from "../../src/web/Answer.ts"
import * as WebServer from "../../src/web/WebServer.ts"
import { hearing } from "./hearing.ts"
import { MemoryConnection } from "./MemoryConnection.ts"
import { Ear, type Person } from "./Person.ts"
import { news } from "./waiting.ts"

/** The last lines that a log shows when another is waited for in vain. */
const SHOWN = 50

/** The status log of a server in a test. */
export class Log {
  readonly events: Array<StatusEvent> = []
  private read = 0
  private readonly waiting: Array<() => void> = []

  readonly add = (event: StatusEvent): void => {
    this.events.push(event)
    for (const f of this.waiting.splice(0)) f()
  }

  get lines(): ReadonlyArray<string> {
    return this.events.map(render)
  }

  /** Lines after the last one that `next` gave. */
  get unread(): ReadonlyArray<string> {
    return this.lines.slice(this.read)
  }

  /** Waits until something is added. */
  readonly news = this.newsOf("another line of the log")

  /** Waits for the next line, and gives it. */
  readonly next: Effect.Effect<string> = Effect.suspend(() => {
    const event = this.events[this.read]
    if (event === undefined) return Effect.zipRight(this.news, this.next)
    this.read++
    return Effect.succeed(render(event))
  })

  /** Waits until this line is in the log. */
  readonly says = (line: string): Effect.Effect<void> =>
    Effect.suspend(() => {
      if (this.lines.includes(line)) return Effect.void
      return Effect.zipRight(this.newsOf(`the log to say ${JSON.stringify(line)}`), this.says(line))
    })

  private newsOf(what: string): Effect.Effect<void> {
    return news(
      (f) => this.waiting.push(f),
      what,
      () => `it says ${JSON.stringify(this.lines.slice(-SHOWN))}`
    )
  }
}

/** How a server in a test records its events. */
const recording = (log: Log): Layer.Layer<StatusLog> => StatusLog.layerSink(log.add)

/** A room, by the services that every kind of room needs. */
export type RoomLayer = Layer.Layer<Room, never, Registry | Limits | StatusLog | Metrics>

/** Whether rooms are kept by the Redis server that vitest.cluster.ts has started. */
export const hasEngine = process.env["PARTYLINE_TEST_ENGINE"] !== undefined

let rooms = 0

/** The room of a world: in its process, or kept by that server. */
const defaultRoom: RoomLayer = Layer.unwrapEffect(
  Effect.gen(function* () {
    const port = process.env["PARTYLINE_TEST_ENGINE"]
    if (port === undefined) return Room.layer
    const [{ patientClock, roomAt }, { addressOf }] = yield* Effect.promise(() =>
      Promise.all([import("./roomAt.ts"), import("./addressOf.ts")])
    )
    return roomAt(addressOf(Number(port)), `test-${process.pid}-${++rooms}`, undefined, patientClock)
  })
)

interface Extras {
  readonly motd?: string | undefined
  /** Whose browsers are served; nobody's without it. */
  readonly web?: Policy | undefined
  readonly statusLog?: typeof recording
  readonly room?: RoomLayer
}

const serverLayer = (
  limits: Partial<LimitValues>,
  log: Log,
  { motd = "", room = defaultRoom, statusLog = recording, web }: Extras = {}
) =>
  Server.layer.pipe(
    Layer.provideMerge(room),
    Layer.provide(web === undefined ? Layer.empty : Web.layer(WebServer.make(web))),
    Layer.provideMerge(Registry.layer),
    Layer.provide(statusLog(log)),
    Layer.provideMerge(Layer.mergeAll(Metrics.layer, OpenConnections.layer, Tracing.layerNone, Motd.layer(motd))),
    Layer.provideMerge(Limits.layer(limits))
  )

/** Builds the layer in a scope of its own, which a test can close with `shutsDown`. */
const start = <A, E>(layer: Layer.Layer<A, E>) =>
  Effect.gen(function* () {
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const context = yield* Layer.buildWithScope(layer, scope)
    return { context, shutsDown: Scope.close(scope, Exit.void) }
  })

/** A server whose clients are in memory: everything happens under the test's clock. `open` are the descriptors in use. */
export const inMemory = (
  limits: Partial<LimitValues> = {},
  motd = "",
  statusLog = recording,
  roomLayer = defaultRoom,
  open = new Set<number>()
) =>
  Effect.gen(function* () {
    const port = 8001
    const log = new Log()
    let handler: ((connection: Connection) => void) | undefined
    const listener = Layer.succeed(
      Listener,
      Listener.of({
        addresses: [{ host: "127.0.0.1", port }],
        accept: (f) =>
          Effect.acquireRelease(
            Effect.sync(() => {
              handler = f
            }),
            () =>
              Effect.sync(() => {
                handler = undefined
              })
          )
      })
    )
    const { context, shutsDown } = yield* start(
      Layer.provide(serverLayer(limits, log, { motd, statusLog, room: roomLayer }), listener)
    )
    const room = Context.get(context, Room)
    const { roster } = Context.get(context, Registry)
    const shared = Context.get(context, Limits)
    const people = new Set<MemoryConnection["person"]>()
    // The test clock stops at the end of a test. A client that does not read would block the shutdown for ever.
    yield* Effect.addFinalizer(() => Effect.forEach(people, (person) => person.resumes, { discard: true }))
    /** The lowest free descriptor, like one from the kernel. */
    const descriptor = () => {
      let fd = 5
      while (open.has(fd)) fd++
      open.add(fd)
      return fd
    }
    const arrives = (address: string, isReading: boolean, startTls?: Connection["startTls"]) =>
      Effect.sync(() => {
        const fd = descriptor()
        const connection = new MemoryConnection(fd, shared, address, () => open.delete(fd), isReading, startTls)
        handler?.(connection)
        people.add(connection.person)
        return connection.person
      })
    const connectsFrom = (address: string) => arrives(address, true)
    const connects = connectsFrom("127.0.0.1")
    /** Connects a client that reads nothing from the start. */
    const connectsStalled = arrives("127.0.0.1", false)
    /** Connects a client that can be spoken with inside TLS after this handshake. What it sends inside is sent in the clear. */
    const connectsForTls = (handshake: Effect.Effect<void>) => arrives("127.0.0.1", true, () => handshake)
    const joins = (name: string) =>
      Effect.tap(connects, (person) => Effect.zipRight(person.types(`JOIN ${name}`), person.hears))
    const metrics = Context.get(context, Metrics)
    const connections = Context.get(context, OpenConnections)
    return {
      connects,
      connectsFrom,
      connectsForTls,
      connectsStalled,
      joins,
      limits: shared,
      log,
      metrics,
      connections,
      room,
      roster,
      shutsDown,
      open,
      port
    }
  })

/** A client on a real socket, which sends these bytes first. */
const dial = (port: number, log: Log, first: Uint8Array | string = "") =>
  Effect.gen(function* () {
    const ear = new Ear()
    const known = log.events.filter(({ event }) => event === "accepted").length
    const socket = yield* Effect.acquireRelease(
      Effect.async<Net.Socket, Error>((resume) => {
        const socket = Net.connect({ host: "127.0.0.1", port, allowHalfOpen: true }, () =>
          resume(Effect.succeed(socket))
        )
        socket.on("data", (bytes) => ear.receive(bytes))
        socket.on("end", () => ear.end())
        socket.on("close", () => ear.end())
        socket.on("error", (error) => resume(Effect.fail(error)))
      }),
      (socket) => Effect.sync(() => socket.destroy())
    ).pipe(Effect.orDie)
    socket.write(first)
    const accepted = Effect.suspend((): Effect.Effect<number> => {
      const event = log.events.filter((event) => event.event === "accepted")[known]
      return event === undefined ? Effect.zipRight(log.news, accepted) : Effect.succeed(event.fd)
    })
    const sends = (bytes: Uint8Array | string) =>
      Effect.sync(() => {
        socket.write(bytes)
      })
    const person: Person = {
      fd: yield* accepted,
      sends,
      types: (line) => sends(`${line}\n`),
      ...hearing(ear),
      hangsUp: Effect.sync(() => {
        socket.end()
      })
    }
    return { ...person, socket, received: () => ear.bytes }
  })

/** A server on a real port of the loopback interface. With `web` it serves browsers, too. */
export const overTcp = (
  limits: Partial<LimitValues> = {},
  { motd = "", web, ...options }: Partial<Tcp.PlainOptions> & { readonly motd?: string; readonly web?: Policy } = {}
) =>
  Effect.gen(function* () {
    const log = new Log()
    const layer: Layer.Layer<Listener | OpenConnections, BindError | CertificateError | InvalidLimits> = serverLayer(
      limits,
      log,
      { motd, web }
    ).pipe(
      Layer.provideMerge(Tcp.layer({ host: "127.0.0.1", port: 0, ...options })),
      Layer.provide(Limits.layer(limits))
    )
    const { context, shutsDown } = yield* start(layer)
    const bound = yield* Effect.provide(
      Effect.map(Listener, ({ addresses }) => addresses[0]?.port ?? 0),
      context
    )
    const connects = dial(bound, log)
    const joins = (name: string) =>
      Effect.tap(connects, (person) => Effect.zipRight(person.types(`JOIN ${name}`), person.hears))
    const connectsWith = (first: Uint8Array | string) => dial(bound, log, first)
    const connections = Context.get(context, OpenConnections)
    return { connections, connects, connectsWith, joins, log, shutsDown, port: bound }
  })
