/** WebSockets of a real client, on a real port. */
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as TestClock from "effect/TestClock"
import type { LimitValues } from "../../src/LimitValues.ts"
import { dialWebSocket } from "../support/WebClient.ts"
import { overTcp } from "../support/World.ts"

const web = { hosts: [], origins: [] }

const serves = (limits: Partial<LimitValues> = {}, motd = "") =>
  Effect.map(overTcp(limits, { web, motd }), (world) => {
    const opens = Effect.orDie(dialWebSocket(world.port))
    const joinsByWeb = (name: string) =>
      Effect.tap(opens, (client) => Effect.zipRight(client.types(`JOIN ${name}`), client.hears))
    return { ...world, opens, joinsByWeb }
  })

const upgrade = Buffer.from(
  "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)

/** A client's frame, whose mask is zero, with ASCII text. */
const maskedFrame = (opcode: number, text: string) => {
  const { length } = text
  const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([0x80 | opcode, ...size, 0, 0, 0, 0]), Buffer.from(text)])
}

describe("a WebSocket", () => {
  it.scopedLive("talks with a client of lines", () =>
    Effect.gen(function* () {
      const { joins, joinsByWeb, log } = yield* serves()
      const ann = yield* joins("ann")
      const bob = yield* joinsByWeb("bob")
      yield* ann.types("MESG bob hi, bob")
      assert.strictEqual(yield* bob.hears, "FROM ann: hi, bob")
      yield* bob.types("BCST grüße 👋")
      assert.strictEqual(yield* ann.hears, "FROM bob: grüße 👋")
      const [, fd] = log.events.flatMap((event) => (event.event === "accepted" ? [event.fd] : []))
      yield* bob.types("LIST")
      const list = [yield* bob.hears, yield* bob.hears, yield* bob.hears, yield* bob.hears]
      assert.strictEqual(list[3], `bob                    ${fd}`)
    })
  )

  it.scopedLive("has one or more lines in a message, and gets whole lines", () =>
    Effect.gen(function* () {
      const { opens } = yield* serves()
      const ann = yield* opens
      yield* ann.types("JOIN ann\nPING\r\n\r\nPING\rPING")
      yield* ann.types("")
      yield* ann.types("PI\x08ING\x15PING")
      for (const line of ["JOIN ann Request Accepted", "PONG", "PONG", "PONG", "PONG"]) {
        assert.strictEqual(yield* ann.hears, line)
      }
      assert.isTrue(ann.messages.every((message) => message.endsWith("\r\n")))
    })
  )

  it.scopedLive("ends the last line of a message, wherever another one ends", () =>
    Effect.gen(function* () {
      const { opens } = yield* serves()
      const ann = yield* opens
      yield* ann.types("JOIN ann")
      for (const message of ["PING\nx", "x\nPING", "PING"]) yield* ann.types(message)
      const unknown = "Unknown Message. Discarding UNKNOWN Message."
      for (const line of ["JOIN ann Request Accepted", "PONG", unknown, unknown, "PONG", "PONG"]) {
        assert.strictEqual(yield* ann.hears, line)
      }
    })
  )

  it.scopedLive("has a line over the limit answered, and goes on", () =>
    Effect.gen(function* () {
      const { joinsByWeb } = yield* serves({ maxLine: 100 })
      const ann = yield* joinsByWeb("ann")
      yield* ann.types(`BCST ${"x".repeat(60_000)}\nPING`)
      assert.strictEqual(yield* ann.hears, "Message Too Long. Discarding Message.")
      assert.strictEqual(yield* ann.hears, "PONG")
    })
  )

  it.scopedLive("recognizes nothing inside", () =>
    Effect.gen(function* () {
      const { joinsByWeb } = yield* serves()
      const ann = yield* joinsByWeb("ann")
      yield* ann.types("GET / HTTP/1.1")
      yield* ann.types("PROXY UNKNOWN")
      for (const _ of [1, 2]) assert.strictEqual(yield* ann.hears, "Unknown Message. Discarding UNKNOWN Message.")
    })
  )

  it.scopedLive("gets the message of the day at once", () =>
    Effect.gen(function* () {
      const { opens } = yield* serves({}, "Welcome.\r\nBe kind.\r\n")
      const ann = yield* opens
      assert.strictEqual(yield* ann.hears, "Welcome.")
      assert.strictEqual(yield* ann.hears, "Be kind.")
    })
  )

  it.scopedLive("is heard from the packet of its upgrade on, however that is cut", () =>
    Effect.gen(function* () {
      const { connects } = yield* serves()
      const request = Buffer.concat([upgrade, ...["JOIN ann", "PING", "QUIT"].map((line) => maskedFrame(1, line))])
      for (const size of [request.length, 1, 7, 150]) {
        const ann = yield* connects
        for (let at = 0; at < request.length; at += size) yield* ann.sends(request.subarray(at, at + size))
        const all = (yield* ann.isLeft).join("\n")
        assert.match(all, /^HTTP\/1\.1 101 Switching Protocols\n/, `in pieces of ${size}`)
        assert.include(all, "JOIN ann Request Accepted")
        assert.include(all, "PONG")
      }
    })
  )
})

describe("a WebSocket ends", () => {
  it.scopedLive("with the farewell and a normal close", () =>
    Effect.gen(function* () {
      const { joins, log, opens } = yield* serves({ maxUsers: 1 })
      yield* joins("bob")
      const ann = yield* opens
      yield* ann.types("JOIN ann")
      assert.strictEqual(yield* ann.hears, "Too Many Users. Disconnecting User.")
      assert.strictEqual(yield* ann.closed, 1000)
      assert.match(log.lines.at(-1) ?? "", /Database Full/)
    })
  )

  it.scopedLive("with all replies after QUIT", () =>
    Effect.gen(function* () {
      const { opens } = yield* serves()
      const ann = yield* opens
      yield* ann.types(`JOIN ann\n${"PING\n".repeat(3000)}QUIT\nPING`)
      assert.deepStrictEqual(yield* ann.isLeft, ["JOIN ann Request Accepted", ...Array(3000).fill("PONG")])
      assert.strictEqual(yield* ann.closed, 1000)
    })
  )

  it.scopedLive("when the client closes it, with its descriptor named before it is given up", () =>
    Effect.gen(function* () {
      const { connections, joinsByWeb, log } = yield* serves()
      const ann = yield* joinsByWeb("ann")
      ann.socket.close(1001)
      assert.strictEqual(yield* ann.closed, 1000)
      yield* connections.emptied
      assert.match(log.lines.at(-1) ?? "", /^Client \(\d+\): Connection Closed\. Disconnecting User\.$/)
    })
  )

  for (const [how, end] of [
    ["resets it", "resetAndDestroy"],
    ["hangs up", "end"]
  ] as const) {
    it.scopedLive(`when the client ${how} without a close`, () =>
      Effect.gen(function* () {
        const { connections, joinsByWeb, log } = yield* serves()
        const ann = yield* joinsByWeb("ann")
        ann.wire[end]()
        yield* connections.emptied
        const expected = end === "end" ? "Connection Closed" : "Connection Error \\(ECONNRESET\\)"
        assert.match(log.lines.at(-1) ?? "", new RegExp(`: ${expected}\\. Disconnecting User\\.$`))
      })
    )
  }

  it.scoped("when the client does not answer the close for a second", () =>
    Effect.gen(function* () {
      const { connections, joinsByWeb } = yield* serves({ drainTimeout: Duration.minutes(1) })
      const ann = yield* joinsByWeb("ann")
      yield* ann.types("QUIT")
      ann.socket.pause()
      const isLeaving = Effect.sync(() => [...connections.sessions].every((session) => session.isLeaving))
      const turn = Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
      yield* Effect.repeat(Effect.zipRight(turn, isLeaving), { until: (isLeaving) => isLeaving })
      yield* TestClock.adjust("1 seconds")
      yield* connections.emptied
    })
  )

  it.scopedLive("at shutdown with 1001", () =>
    Effect.gen(function* () {
      const { joinsByWeb, shutsDown } = yield* serves()
      const ann = yield* joinsByWeb("ann")
      yield* shutsDown
      assert.deepStrictEqual(yield* ann.isLeft, ["Server Shutting Down. Disconnecting User."])
      assert.strictEqual(yield* ann.closed, 1001)
    })
  )

  const fragment = (opcode: number, payload: Uint8Array, isLast = true) => {
    const { length } = payload
    const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff]
    return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode, ...size, 0, 0, 0, 0]), payload])
  }

  for (const [what, code, bytes] of [
    ["a binary message", 1003, fragment(2, Buffer.from("PING"))],
    ["a message that is not UTF-8", 1007, fragment(1, Buffer.from([0xc3, 0x28]))],
    [
      "a message of more than 64 KiB",
      1009,
      Buffer.concat([fragment(1, Buffer.alloc(40_000), false), fragment(0, Buffer.alloc(40_000))])
    ],
    ["a frame without a mask", 1002, Buffer.from([0x81, 1, 65])],
    ["a reserved bit", 1002, Buffer.from([0xc1, 0x81, 0, 0, 0, 0, 65])],
    [
      "a message in 2,000 fragments",
      1008,
      Buffer.concat([fragment(1, Buffer.from("P"), false), ...Array(2000).fill(fragment(0, Buffer.from("P"), false))])
    ],
    ["100 pings in a packet", 1008, Buffer.concat(Array(100).fill(fragment(9, Buffer.from("P"))))]
  ] as const) {
    it.scopedLive(`by ${what}: ${code}`, () =>
      Effect.gen(function* () {
        const { connections, joinsByWeb, log } = yield* serves()
        const ann = yield* joinsByWeb("ann")
        ann.wire.write(bytes)
        assert.strictEqual(yield* ann.closed, code)
        yield* connections.emptied
        assert.match(
          log.lines.at(-1) ?? "",
          new RegExp(`: Connection Error \\(WS_${code}\\)\\. Disconnecting User\\.$`)
        )
      })
    )
  }

  it.scopedLive("with everything executed that came before a breach in the same packet", () =>
    Effect.gen(function* () {
      const { joinsByWeb } = yield* serves()
      const ann = yield* joinsByWeb("ann")
      ann.wire.write(Buffer.concat([fragment(1, Buffer.from("PING")), fragment(2, Buffer.from("PING"))]))
      assert.deepStrictEqual(yield* ann.isLeft, ["PONG"])
      assert.strictEqual(yield* ann.closed, 1003)
    })
  )

  it.scopedLive("by the first of two breaches in a packet, although the lines before them have to wait: 1003", () =>
    Effect.gen(function* () {
      const { joinsByWeb } = yield* serves({ outbox: 64 })
      const ann = yield* joinsByWeb("ann")
      // There is room for ten replies. The others wait until the outbox is written, long after both breaches.
      const lines = fragment(1, Buffer.from("PING\n".repeat(20)))
      ann.wire.write(Buffer.concat([lines, fragment(2, Buffer.from("PING")), fragment(3, Buffer.from("PING"))]))
      assert.deepStrictEqual(yield* ann.isLeft, Array(20).fill("PONG"))
      assert.strictEqual(yield* ann.closed, 1003)
    })
  )

  it.scopedLive("by a message of more than twice --max-line where that is more than 64 KiB", () =>
    Effect.gen(function* () {
      const { joinsByWeb } = yield* serves({ maxLine: 100_000 })
      const ann = yield* joinsByWeb("ann")
      yield* ann.types(`BCST ${"x".repeat(150_000)}\nPING`)
      assert.strictEqual(yield* ann.hears, "Message Too Long. Discarding Message.")
      assert.strictEqual(yield* ann.hears, "PONG")
      yield* ann.types(`BCST ${"x".repeat(200_000)}`)
      assert.strictEqual(yield* ann.closed, 1009)
    })
  )
})

describe("the packet of an upgrade", () => {
  it.scopedLive("has its lines answered although it breaks the protocol behind them", () =>
    Effect.gen(function* () {
      const { connects, opens } = yield* serves()
      // The first request loads what answers it.
      yield* opens
      const ann = yield* connects
      yield* ann.sends(Buffer.concat([upgrade, maskedFrame(1, "LIST"), maskedFrame(2, "")]))
      assert.include((yield* ann.isLeft).join("\n"), "Unregistered User.")
    })
  )
})

describe("back-pressure", () => {
  it.scopedLive("stops a WebSocket that sends to a slow reader, and loses nothing", () =>
    Effect.gen(function* () {
      const { joins, joinsByWeb } = yield* serves({ outbox: 100_000, patience: Duration.seconds(60) })
      const ann = yield* joins("ann")
      const bob = yield* joinsByWeb("bob")
      ann.socket.pause()
      const count = 2000
      for (let n = 0; n < count; n++) yield* bob.types(`MESG ann ${String(n).padEnd(4000, "x")}`)
      yield* bob.types("PING")
      const pong = yield* Effect.fork(bob.hears)
      ann.socket.resume()
      for (let n = 0; n < count; n++) assert.match(yield* ann.hears, new RegExp(`^FROM bob: ${n}x`))
      assert.strictEqual(yield* Fiber.join(pong), "PONG")
    })
  )

  it.scopedLive("cuts a WebSocket that does not read, and its sender goes on", () =>
    Effect.gen(function* () {
      const limits = { outbox: 100_000, patience: Duration.millis(200), drainTimeout: Duration.millis(200) }
      const { joins, joinsByWeb, log } = yield* serves(limits)
      const ann = yield* joins("ann")
      const bob = yield* joinsByWeb("bob")
      bob.socket.pause()
      yield* ann.sends(`MESG bob ${"x".repeat(4000)}\n`.repeat(8000))
      yield* ann.types("PING")
      const heard = [yield* ann.hears]
      while (heard.at(-1) !== "PONG") heard.push(yield* ann.hears)
      assert.isTrue(log.lines.some((line) => line.endsWith("Slow Consumer. Disconnecting User.")))
    })
  )

  it.scopedLive("keeps what a WebSocket sent before its close for a slow reader, though it has hung up", () =>
    Effect.gen(function* () {
      const { connects, joins } = yield* serves({ outbox: 20_000, patience: Duration.minutes(1) })
      const bob = yield* joins("bob")
      bob.socket.pause()
      const count = 8000
      const text = "x".repeat(1000)
      const frames = Array.from({ length: count }, (_, index) => maskedFrame(1, `MESG bob ${index} ${text}`))
      const ann = yield* connects
      yield* ann.sends(Buffer.concat([upgrade, maskedFrame(1, "JOIN ann"), ...frames, maskedFrame(8, "")]))
      yield* ann.hangsUp
      // By now the server waits for bob, and has received the end of ann's input.
      yield* Effect.sleep("300 millis")
      bob.socket.resume()
      for (let index = 0; index < count; index++) assert.strictEqual(yield* bob.hears, `FROM ann: ${index} ${text}`)
    })
  )

  it.scopedLive("gets ten megabytes to a slow reader in whole lines", () =>
    Effect.gen(function* () {
      const { joins, joinsByWeb } = yield* serves({ patience: Duration.seconds(60) })
      const ann = yield* joins("ann")
      const bob = yield* joinsByWeb("bob")
      bob.socket.pause()
      yield* ann.sends(`MESG bob ${"y".repeat(4000)}é\n`.repeat(2500))
      yield* ann.types("PING")
      bob.socket.resume()
      assert.strictEqual(yield* ann.hears, "PONG")
      yield* bob.types("QUIT")
      assert.deepStrictEqual(new Set(yield* bob.isLeft), new Set([`FROM ann: ${"y".repeat(4000)}é`]))
      assert.isTrue(bob.messages.every((message) => message.endsWith("\r\n")))
      const size = "JOIN bob Request Accepted\r\n".length + 2500 * `FROM ann: ${"y".repeat(4000)}é\r\n`.length
      assert.strictEqual(bob.messages.join("").length, size)
    })
  )
})

describe("a ping", () => {
  /** Waits for the next ping of the server. */
  const pinged = (client: { readonly socket: { once(event: "ping", f: () => void): unknown } }) =>
    Effect.async<void>((resume) => {
      client.socket.once("ping", () => resume(Effect.void))
    })

  it.scoped("comes every 25 seconds, and its answers keep the connection", () =>
    Effect.gen(function* () {
      const { joinsByWeb } = yield* serves()
      const ann = yield* joinsByWeb("ann")
      for (let round = 0; round < 6; round++) {
        const ping = yield* Effect.fork(pinged(ann))
        yield* TestClock.adjust("25 seconds")
        yield* Fiber.join(ping)
        // A reply behind the pong proves that the server has it.
        yield* ann.types("PING")
        assert.strictEqual(yield* ann.hears, "PONG")
      }
    })
  )

  it.scoped("that is not answered for 60 seconds ends the connection, and not a second earlier", () =>
    Effect.gen(function* () {
      const { connections, log, opens } = yield* Effect.map(overTcp({}, { web }), (world) => ({
        ...world,
        opens: Effect.orDie(dialWebSocket(world.port, { autoPong: false }))
      }))
      const ann = yield* opens
      yield* ann.types("JOIN ann")
      yield* ann.hears
      yield* TestClock.adjust("59 seconds")
      yield* ann.types("PING")
      assert.strictEqual(yield* ann.hears, "PONG")
      yield* TestClock.adjust("1 seconds")
      yield* connections.emptied
      assert.match(log.lines.at(-1) ?? "", /: Connection Error \(ETIMEDOUT\)\. Disconnecting User\.$/)
    })
  )

  it.scoped("comes no more when the WebSocket has ended: no timer is left", () =>
    Effect.gen(function* () {
      const { connections, joinsByWeb } = yield* serves()
      const before = yield* TestClock.sleeps()
      const ann = yield* joinsByWeb("ann")
      yield* ann.types("QUIT")
      yield* connections.emptied
      // Past --join-timeout, too: its timer sleeps on when nobody is left.
      yield* TestClock.adjust("6 minutes")
      assert.strictEqual(Chunk.size(yield* TestClock.sleeps()), Chunk.size(before))
    })
  )

  it.scoped("is no command: --idle-timeout holds", () =>
    Effect.gen(function* () {
      const { joinsByWeb } = yield* serves({ idleTimeout: Duration.seconds(40) })
      const ann = yield* joinsByWeb("ann")
      const left = yield* Effect.fork(ann.isLeft)
      yield* TestClock.adjust("25 seconds")
      yield* TestClock.adjust("15 seconds")
      assert.deepStrictEqual(yield* Fiber.join(left), ["Idle Too Long. Disconnecting User."])
      assert.strictEqual(yield* ann.closed, 1000)
    })
  )
})
