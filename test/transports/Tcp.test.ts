import * as Diagnostics from "node:diagnostics_channel"
import * as Net from "node:net"
import { networkInterfaces } from "node:os"
import { assert, describe, it } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import * as TestClock from "effect/TestClock"
import type { Connection } from "../../src/connection/Connection.ts"
import { Listener } from "../../src/connection/Listener.ts"
import { Limits } from "../../src/Limits.ts"
import * as Tcp from "../../src/transports/Tcp.ts"
import { overTcp } from "../support/World.ts"

/** The channel on which Node tells of a server that listens, before anybody else learns its port. */
const LISTENING = "tracing:net.server.listen:asyncEnd"

/** One turn of the event loop. */
const turn = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

const times = <A, E, R>(count: number, effect: Effect.Effect<A, E, R>) => Effect.replicateEffect(effect, count)

const hasIPv6 = Object.values(networkInterfaces()).some((some) => some?.some(({ family }) => family === "IPv6"))

const withIPv6: (name: string, self: () => Effect.Effect<void, unknown, Scope.Scope>) => void = (name, self) =>
  hasIPv6 ? it.scopedLive(name, self) : it.skip(`${name} (needs IPv6)`)

/**
 * Listens on IPv6 at the next port that a server of this process gets, before that server can do so itself, as another program
 * might. Gives the server that has taken the port.
 */
const takesIPv6Port = Effect.gen(function* () {
  const other = yield* Effect.acquireRelease(
    Effect.sync(() => Net.createServer()),
    (server) => Effect.sync(() => server.close())
  )
  const take = (message: unknown) => {
    if (typeof message !== "object" || message === null || !("server" in message)) return
    if (!(message.server instanceof Net.Server)) return
    Diagnostics.unsubscribe(LISTENING, take)
    other.listen({ host: "::", port: portOf(message.server), ipv6Only: true })
  }
  Diagnostics.subscribe(LISTENING, take)
  return other
})

const portOf = (server: Net.Server): number => {
  const address = server.address()
  return address === null || typeof address === "string" ? 0 : address.port
}

describe("over TCP", () => {
  it.scopedLive("a client that closes its sending half gets every reply, then the end", () =>
    Effect.gen(function* () {
      const { connects, log } = yield* overTcp()
      const ann = yield* connects
      yield* ann.sends(`JOIN ann\n${"PING\n".repeat(5000)}LIST\nPING`)
      yield* ann.hangsUp
      const heard = yield* ann.isLeft
      assert.strictEqual(heard[0], "JOIN ann Request Accepted")
      assert.strictEqual(heard.filter((line) => line === "PONG").length, 5000)
      assert.strictEqual(heard[5003], `ann                    ${ann.fd}`)
      assert.strictEqual(heard.length, 5005)
      yield* log.says(`Client (${ann.fd}): Connection Closed. Disconnecting User.`)
    })
  )

  it.scopedLive("a client that closes its sending half while it waits for a recipient loses nothing", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* overTcp({ outbox: 20_000, patience: Duration.minutes(1) })
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      bob.socket.pause()
      const count = 12_000
      const text = "x".repeat(1000)
      yield* ann.sends(`${Array.from({ length: count }, (_, index) => `MESG bob ${index} ${text}\n`).join("")}PING\n`)
      yield* ann.hangsUp
      // By now the server waits for bob, and has received the end of ann's input.
      yield* Effect.sleep("300 millis")
      bob.socket.resume()
      for (let index = 0; index < count; index++) assert.strictEqual(yield* bob.hears, `FROM ann: ${index} ${text}`)
      assert.deepStrictEqual(yield* ann.isLeft, ["PONG"])
      yield* log.says(`Client (${ann.fd}): Connection Closed. Disconnecting User.`)
    })
  )

  it.scopedLive("thousands of lines in one write are relayed, and so is a line sent byte by byte", () =>
    Effect.gen(function* () {
      const { joins } = yield* overTcp()
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const count = 20_000
      yield* ann.sends(Array.from({ length: count }, (_, index) => `MESG bob ${index}\n`).join(""))
      for (let index = 0; index < count; index++) assert.strictEqual(yield* bob.hears, `FROM ann: ${index}`)
      for (const byte of Buffer.from("MESG bob né €\r\n")) {
        yield* ann.sends(Uint8Array.of(byte))
        yield* Effect.async<void>((resume) => {
          ann.socket.write("", () => setImmediate(() => resume(Effect.void)))
        })
      }
      assert.strictEqual(yield* bob.hears, "FROM ann: né €")
    })
  )

  it.scopedLive("a reset ends one session, frees its seat, and is logged with its code", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* overTcp({ maxUsers: 2 })
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      ann.socket.resetAndDestroy()
      yield* log.says(`Client (${ann.fd}): Connection Error (ECONNRESET). Disconnecting User.`)
      const cat = yield* joins("cat")
      yield* bob.types("MESG cat hi")
      assert.strictEqual(yield* cat.hears, "FROM bob: hi")
    })
  )

  it.scopedLive("the descriptor is the same in the log, in LIST and in Already Registered", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* overTcp()
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      yield* bob.types("JOIN bob\nLIST")
      assert.strictEqual(yield* bob.hears, `User Already Registered: Username (bob), FD (${bob.fd})`)
      const rows = yield* times(5, bob.hears)
      assert.deepStrictEqual(rows.slice(2, 4), [`ann                    ${ann.fd}`, `bob                    ${bob.fd}`])
      yield* log.says(`Client (${bob.fd}): JOIN bob`)
      assert.notStrictEqual(ann.fd, bob.fd)
    })
  )

  it.scopedLive("a descriptor is not reused before the leaving line of its last client", () =>
    Effect.gen(function* () {
      const { joins, connects, log } = yield* overTcp()
      for (let round = 0; round < 50; round++) {
        const ann = yield* joins("ann")
        if (round % 2 === 0) ann.socket.resetAndDestroy()
        else yield* Effect.zipRight(ann.types("QUIT"), ann.hangsUp)
        yield* connects
      }
      const current = new Set<string>()
      for (const line of log.lines) {
        const fd = /\((\d+)\)/.exec(line)?.[1] ?? ""
        if (line.endsWith("Connection Accepted")) {
          assert.isFalse(current.has(fd), line)
          current.add(fd)
        }
        if (line.endsWith("Disconnecting User.")) assert.isTrue(current.delete(fd), line)
      }
    })
  )

  it.scopedLive("replies queued before QUIT arrive, and lines after QUIT are dropped", () =>
    Effect.gen(function* () {
      const { joins } = yield* overTcp()
      const ann = yield* joins("ann")
      yield* ann.sends(`${"PING\n".repeat(1000)}QUIT\n${"PING\n".repeat(100_000)}`)
      assert.deepStrictEqual(
        yield* ann.isLeft,
        Array.from({ length: 1000 }, () => "PONG")
      )
    })
  )

  it.scopedLive("a client that never closes its end is closed at the drain timeout", () =>
    Effect.gen(function* () {
      const { joins } = yield* overTcp({ drainTimeout: Duration.millis(50) })
      const ann = yield* joins("ann")
      const closed = Effect.async<void>((resume) => {
        ann.socket.on("close", () => resume(Effect.void))
        // The client keeps its end open, and writes to the closed connection until the writes fail.
        ann.socket.on("error", () => {})
      })
      yield* ann.types("QUIT")
      yield* ann.isLeft
      const talk = Effect.forever(Effect.zipRight(ann.types("PING"), Effect.sleep("5 millis")))
      yield* Effect.raceFirst(closed, talk)
    })
  )

  it.scopedLive("a recipient that reads nothing is disconnected, and its sender and other clients continue", () =>
    Effect.gen(function* () {
      const { joins, log } = yield* overTcp({ patience: Duration.millis(100), drainTimeout: Duration.millis(100) })
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const cat = yield* joins("cat")
      bob.socket.pause()
      const text = "x".repeat(4000)
      yield* ann.sends(`MESG bob ${text}\n`.repeat(8000))
      yield* ann.types("PING")
      yield* cat.types("MESG ann hello")
      yield* log.says(`Client (${bob.fd}): Slow Consumer. Disconnecting User.`)
      const heard = [yield* ann.hears]
      while (!heard.includes("PONG")) heard.push(yield* ann.hears)
      assert.include(heard, "FROM cat: hello")
      assert.isFalse(log.lines.some((line) => line.startsWith(`Client (${ann.fd})`) && line.includes("Disconnecting")))
    })
  )

  it.scopedLive("a flood from one client does not delay the reply to another one", () =>
    Effect.gen(function* () {
      const { connects, joins, log } = yield* overTcp()
      const ann = yield* joins("ann")
      const bob = yield* connects
      const lines = 400_000
      // No other client is registered, so that only the reading takes time.
      yield* ann.sends("BCST x\n".repeat(lines))
      yield* bob.types("PING")
      yield* bob.hears
      const before = log.events.filter(({ event }) => event === "request").length
      assert.isBelow(before, lines / 13)
    })
  )

  it.scopedLive("a shutdown sends the farewell, closes the connections, and frees the port at once", () =>
    Effect.gen(function* () {
      const { joins, log, port, shutsDown } = yield* overTcp()
      const ann = yield* joins("ann")
      ann.socket.on("end", () => ann.socket.end())
      yield* shutsDown
      assert.deepStrictEqual(yield* ann.isLeft, ["Server Shutting Down. Disconnecting User."])
      yield* log.says(`Client (${ann.fd}): Server Shutting Down. Disconnecting User.`)
      const next = yield* overTcp({}, { port })
      yield* next.joins("ann")
    })
  )

  it.scopedLive("with a drain timeout of 0, shutting down does not wait for a client that never reads", () =>
    Effect.gen(function* () {
      const limits = { drainTimeout: Duration.zero, patience: Duration.hours(1), outbox: 10_000_000 }
      const { joins, log, shutsDown } = yield* overTcp(limits)
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      bob.socket.pause()
      // More than the kernel buffers.
      yield* ann.sends(`MESG bob ${"x".repeat(4000)}\n`.repeat(2000))
      yield* ann.types("PING")
      assert.strictEqual(yield* ann.hears, "PONG")
      yield* shutsDown
      yield* log.says(`Client (${bob.fd}): Server Shutting Down. Disconnecting User.`)
    })
  )

  it.scopedLive("nothing is said of passed sockets by a server that was passed none", () =>
    Effect.gen(function* () {
      const told: Array<unknown> = []
      yield* Effect.provide(overTcp(), Logger.add(Logger.make(({ message }) => told.push(message))))
      assert.deepStrictEqual(told, [])
    })
  )

  it.scopedLive(
    "clients that come before they can be served are served then, and one that has gone by then harms nobody",
    () =>
      Effect.gen(function* () {
        const layer = Tcp.layer({ host: "127.0.0.1", port: 0 }).pipe(Layer.provide(Limits.layer()))
        const { accept, addresses } = Context.get(yield* Layer.build(layer), Listener)
        const calls = Effect.async<Net.Socket>((resume) => {
          const socket = Net.connect({ host: "127.0.0.1", port: addresses[0]?.port ?? 0 }, () =>
            resume(Effect.succeed(socket))
          )
        })
        const [gone, ann] = [yield* calls, yield* calls]
        ann.write("JOIN ann\n")
        gone.resetAndDestroy()
        // The reset reaches the server's side of the socket.
        yield* times(10, turn)
        const connections: Array<Connection> = []
        yield* accept((connection) => connections.push(connection))
        const heard = yield* Effect.raceAll(connections.map(({ read }) => read))
        assert.strictEqual(Buffer.from(heard).toString(), "JOIN ann\n")
        for (const connection of connections) connection.destroy()
      })
  )

  it.scopedLive("a connection that has ended its output by itself before it is closed says so too", () =>
    Effect.gen(function* () {
      const layer = Tcp.layer({ host: "127.0.0.1", port: 0 }).pipe(Layer.provide(Limits.layer()))
      const { accept, addresses } = Context.get(yield* Layer.build(layer), Listener)
      const accepted = yield* Queue.unbounded<Connection>()
      yield* accept((connection) => accepted.unsafeOffer(connection))
      const socket = Net.connect({ host: "127.0.0.1", port: addresses[0]?.port ?? 0, allowHalfOpen: true })
      const ended = Effect.async<void>((resume) => {
        socket.resume().on("end", () => resume(Effect.void))
      })
      const connection = yield* Queue.take(accepted)
      // A room over many machines takes its time between this and the close, to give a seat back.
      connection.outbox.close("bye\r\n")
      yield* ended
      yield* times(10, turn)
      let isSent = false
      const sent = () => {
        isSent = true
      }
      const closed = yield* Effect.fork(connection.close(sent))
      yield* times(10, turn)
      assert.isTrue(isSent)
      connection.destroy()
      yield* Fiber.join(closed)
    })
  )

  it.scoped("a client that takes its last bytes late, and keeps its end open, is closed at the drain timeout", () =>
    Effect.gen(function* () {
      const { connections, joins, shutsDown } = yield* overTcp({ drainTimeout: Duration.seconds(2) })
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      bob.socket.pause()
      yield* ann.sends(`MESG bob ${"x".repeat(1000)}\n`.repeat(12_000))
      const isFull = Effect.sync(() => [...connections.sessions].some(({ outbox }) => outbox.size > 1_000_000))
      yield* Effect.repeat(Effect.zipRight(turn, isFull), { until: (isFull) => isFull })
      const end = yield* Effect.fork(shutsDown)
      yield* TestClock.adjust("1900 millis")
      bob.socket.resume()
      yield* bob.isLeft
      yield* times(10, turn)
      yield* TestClock.adjust("100 millis")
      yield* Fiber.join(end)
    })
  )

  it.scopedLive("a port in use is a BindError with its code", () =>
    Effect.gen(function* () {
      const { port } = yield* overTcp()
      const error = yield* Effect.flip(overTcp({}, { port }))
      assert.deepInclude(error, { _tag: "BindError", host: "127.0.0.1", port, code: "EADDRINUSE" })
    })
  )

  withIPv6("a free port of IPv4 that is in use on IPv6 gives way to another one", () =>
    Effect.gen(function* () {
      const other = yield* takesIPv6Port
      const { port } = yield* overTcp({}, { host: undefined })
      assert.isTrue(other.listening)
      assert.notStrictEqual(port, portOf(other))
    })
  )

  it.scopedLive("exactly 10 of 200 concurrent sockets get one of 10 seats", () =>
    Effect.gen(function* () {
      const { log, port } = yield* overTcp()
      const answer = (index: number) =>
        Effect.async<string>((resume) => {
          const socket = Net.connect({ host: "127.0.0.1", port }, () => socket.write(`JOIN user${index}\n`))
          socket.once("data", (bytes) => resume(Effect.succeed(bytes.toString())))
        })
      const answers = yield* Effect.forEach(
        Array.from({ length: 200 }, (_, index) => index),
        answer,
        { concurrency: "unbounded" }
      )
      assert.strictEqual(answers.filter((text) => text.endsWith("Request Accepted\r\n")).length, 10)
      assert.strictEqual(answers.filter((text) => text === "Too Many Users. Disconnecting User.\r\n").length, 190)
      assert.strictEqual(log.lines.filter((line) => line.includes(": JOIN ")).length, 10)
    })
  )
})
