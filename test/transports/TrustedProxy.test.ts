import { spawnSync } from "node:child_process"
import { BlockList, connect, Socket } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as TestClock from "effect/TestClock"
import * as TestContext from "effect/TestContext"
import { PROXY_PATIENCE } from "../../src/Limits.ts"
import * as Deadlines from "../../src/server/Deadlines.ts"
import { isTrusted, read } from "../../src/transports/TrustedProxy.ts"
import { overTcp } from "../support/World.ts"

const proxies = (address: string) => {
  const list = new BlockList()
  list.addAddress(address)
  return list
}
/** A server that trusts 127.0.0.1 as a proxy. */
const behindProxy = (limits: Parameters<typeof overTcp>[0] = {}) => overTcp(limits, { trusted: proxies("127.0.0.1") })

/** A script that sends commands over a number of connections, and resets each. */
const sendsAndResets = `
  const [port, count] = process.argv.slice(1).map(Number)
  for (let index = 0; index < count; index++) {
    const socket = require("node:net").connect(port, "127.0.0.1", () =>
      socket.write("JOIN evil\\nBCST hi\\n", () => socket.resetAndDestroy())
    )
  }`

const header = (address: string) => `PROXY TCP4 ${address} 198.51.100.7 40000 8001\r\n`
const BAD = "Bad Proxy Header. Disconnecting User."

describe("through a trusted proxy", () => {
  it.scopedLive("a client has the address of the header, in the log and for the limits", () =>
    Effect.gen(function* () {
      const { connectsWith, log } = yield* behindProxy({ maxPerAddress: 1 })
      const ann = yield* connectsWith(`${header("192.0.2.1")}JOIN ann\nPING\n`)
      assert.strictEqual(yield* ann.hears, "JOIN ann Request Accepted")
      assert.strictEqual(yield* ann.hears, "PONG")
      assert.deepInclude(log.events[1], { event: "accepted", peer: "192.0.2.1:40000" })
      const twin = yield* connectsWith(header("192.0.2.1"))
      assert.deepStrictEqual(yield* twin.isLeft, ["Too Many Connections. Disconnecting User."])
      const bob = yield* connectsWith(header("192.0.2.2"))
      yield* bob.types("JOIN bob\nMESG ann hi")
      assert.strictEqual(yield* bob.hears, "JOIN bob Request Accepted")
      assert.strictEqual(yield* ann.hears, "FROM bob: hi")
    })
  )

  it.scopedLive("a client is rate-limited although the proxy has a loopback address", () =>
    Effect.gen(function* () {
      const { connectsWith } = yield* behindProxy({ rate: 20, burst: 1 })
      const started = process.hrtime.bigint()
      const ann = yield* connectsWith(`${header("192.0.2.1")}${"PING\n".repeat(5)}`)
      for (let heard = 0; heard < 5; heard++) yield* ann.hears
      assert.isAtLeast(Number(process.hrtime.bigint() - started) / 1e6, 199)
    })
  )

  it.scopedLive("the proxy itself is the client after a header without an address", () =>
    Effect.gen(function* () {
      const { connectsWith, log } = yield* behindProxy()
      const ann = yield* connectsWith("PROXY UNKNOWN\r\nJOIN ann\n")
      assert.strictEqual(yield* ann.hears, "JOIN ann Request Accepted")
      const [, accepted] = log.events
      assert.match(accepted?.event === "accepted" ? accepted.peer : "", /^127\.0\.0\.1:/)
    })
  )

  it.scopedLive("a client that closes its sending half gets every reply", () =>
    Effect.gen(function* () {
      const { connectsWith } = yield* behindProxy()
      const ann = yield* connectsWith(`${header("192.0.2.1")}JOIN ann\nPING\n`)
      yield* ann.hangsUp
      assert.deepStrictEqual(yield* ann.isLeft, ["JOIN ann Request Accepted", "PONG"])
    })
  )

  for (const [says, bytes] of [
    ["a command", "JOIN ann\n"],
    ["a line without end", `PROXY UNKNOWN ${"x".repeat(200)}`],
    ["a TLS hello", Uint8Array.of(22, 3, 1, 2, 0)]
  ] as const) {
    it.scopedLive(`${says} in place of a header closes the connection with one leaving line and no farewell`, () =>
      Effect.gen(function* () {
        const { connectsWith, log } = yield* behindProxy()
        const { fd, isLeft } = yield* connectsWith(bytes)
        assert.deepStrictEqual(yield* isLeft, [])
        assert.deepStrictEqual(log.lines.slice(1), [
          `Client (${fd}): Connection Accepted`,
          `Client (${fd}): Connection Handler Assigned`,
          `Client (${fd}): ${BAD}`
        ])
      })
    )
  }

  it.scopedLive("the end of input in place of a header closes the connection with one leaving line", () =>
    Effect.gen(function* () {
      const { log, port } = yield* behindProxy()
      connect({ host: "127.0.0.1", port }).end("PROXY ")
      while (log.lines.length < 4) yield* log.news
      assert.match(log.lines[3] ?? "", /Bad Proxy Header/)
    })
  )

  it.scopedLive("a header that does not come within five seconds is a bad header", () =>
    Effect.gen(function* () {
      const fails = yield* Deadlines.make<() => void>(PROXY_PATIENCE, (fail) => fail())
      const socket = new Socket()
      const reading = yield* Effect.fork(Effect.flip(read(socket, { address: "127.0.0.1", port: 1 }, fails)))
      yield* TestClock.adjust("4999 millis")
      assert.isNull(reading.unsafePoll())
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* reading)._tag, "BadProxyHeader")
      assert.strictEqual(socket.listenerCount("data"), 0)
    }).pipe(Effect.provide(TestContext.TestContext))
  )

  it.scopedLive("a header in time ends the wait for it: the socket is not stopped later", () =>
    Effect.gen(function* () {
      const fails = yield* Deadlines.make<() => void>(PROXY_PATIENCE, (fail) => fail())
      const socket = new Socket()
      const reading = yield* Effect.fork(read(socket, { address: "127.0.0.1", port: 1 }, fails))
      yield* TestClock.adjust("4999 millis")
      socket.emit("data", Buffer.from(header("192.0.2.1")))
      assert.strictEqual((yield* reading).address, "192.0.2.1")
      socket.resume()
      yield* TestClock.adjust("1 millis")
      assert.isFalse(socket.isPaused())
    }).pipe(Effect.provide(TestContext.TestContext))
  )

  it.scopedLive("a connection that is reset before it is accepted is closed unread, and is not counted", () =>
    Effect.gen(function* () {
      const { log, port } = yield* behindProxy({ maxPerAddress: 3 })
      const count = 20
      // This process cannot accept anything while it waits for the other.
      spawnSync(process.execPath, ["-e", sendsAndResets, String(port), String(count)], { stdio: "inherit" })
      const ends = () => log.events.filter(({ event }) => event === "connectionError")
      while (ends().length < count) yield* log.news
      const events = log.events.slice(1).map(({ event }) => event)
      assert.deepStrictEqual([...new Set(events)], ["accepted", "handlerAssigned", "connectionError"])
      for (const end of ends()) assert.deepInclude(end, { code: "ECONNRESET", peer: "unknown:0" })
    })
  )

  it.scopedLive("a second header behind the first closes the connection", () =>
    Effect.gen(function* () {
      const { connectsWith, log } = yield* behindProxy()
      const ann = yield* connectsWith(`${header("192.0.2.1")}${header("192.0.2.2")}JOIN ann\n`)
      assert.deepStrictEqual(yield* ann.isLeft, [])
      yield* log.says(`Client (${ann.fd}): ${BAD}`)
    })
  )

  it.scopedLive("a shutdown sends no farewell before the header has come", () =>
    Effect.gen(function* () {
      const { connectsWith, log, shutsDown } = yield* behindProxy({ drainTimeout: Duration.seconds(1) })
      const connecting = yield* Effect.fork(Effect.flatMap(connectsWith("PROXY "), ({ isLeft }) => isLeft))
      yield* Effect.sleep("50 millis")
      yield* shutsDown
      assert.deepStrictEqual(yield* connecting, [])
      assert.strictEqual(log.lines.filter((line) => line.endsWith("Disconnecting User.")).length, 1)
    })
  )
})

describe("a peer", () => {
  it.each([
    ["127.0.0.1", true],
    ["127.0.0.2", false],
    ["::1", false],
    ["fe80::1%eth0", false],
    ["unknown", false]
  ])("at %s is trusted by a server that trusts 127.0.0.1: %s", (address, is) => {
    assert.strictEqual(isTrusted(proxies("127.0.0.1"), { address, port: 1 }), is)
  })

  it.scopedLive("a header closes the connection, and what follows it is not executed", () =>
    Effect.gen(function* () {
      const { connectsWith, log } = yield* overTcp({}, { trusted: proxies("192.0.2.99") })
      const version2 = Buffer.from("0d0a0d0a000d0a515549540a2000000a4a4f494e20616e6e0a", "hex")
      for (const first of [`${header("192.0.2.1")}JOIN ann\n`, version2]) {
        const ann = yield* connectsWith(first)
        assert.deepStrictEqual(yield* ann.isLeft, [])
        yield* log.says(`Client (${ann.fd}): ${BAD}`)
        assert.isFalse(log.events.some(({ event }) => event === "joined"))
      }
    })
  )

  it.scopedLive("a header that is not the beginning is an unknown message", () =>
    Effect.gen(function* () {
      const { connectsWith, log } = yield* overTcp({}, { trusted: proxies("192.0.2.99") })
      const ann = yield* connectsWith(`JOIN ann\n${header("192.0.2.1")}`)
      assert.strictEqual(yield* ann.hears, "JOIN ann Request Accepted")
      assert.strictEqual(yield* ann.hears, "Unknown Message. Discarding UNKNOWN Message.")
      const [, accepted] = log.events
      assert.match(accepted?.event === "accepted" ? accepted.peer : "", /^127\.0\.0\.1:/)
    })
  )
})
