/** The operations port of the built program. */
import * as Net from "node:net"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { servesWatched, valueOf } from "../support/Operator.ts"
import { calling, itNeeds, serves, starts, tries } from "../support/Program.ts"

describe("the operations port", () => {
  it.scopedLive("/metrics counts the commands of clients, and shows no name, address or text", () =>
    Effect.gen(function* () {
      const { asks, connects, joins } = yield* servesWatched(["--max-users", "2"])
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const eve = yield* connects
      yield* eve.types("JOIN eve")
      yield* eve.isLeft
      yield* ann.types("MESG bob hi\nLIST\nBCST greetings\nnonsense")
      yield* bob.hears
      yield* bob.hears
      const { body, headers } = yield* asks("/metrics")
      expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8")
      const value = (sample: string) => valueOf(body, `partyline_${sample}`)
      expect({
        accepting: value("accepting"),
        accepted: value("connections_accepted_total"),
        registered: value("registered_users"),
        seats: value("seats"),
        refused: value('connections_refused_total{reason="too_many_users"}'),
        ended: value('connections_ended_total{reason="database_full"}'),
        joins: value('lines_total{command="join"}'),
        unknown: value('lines_total{command="unknown"}'),
        deliveries: value("deliveries_total"),
        waits: value("backpressure_waits_total"),
        lost: value("status_lines_lost_total")
      }).toEqual({
        ...{ accepting: 1, accepted: 3, registered: 2, seats: 2, refused: 1, ended: 1, joins: 3, unknown: 1 },
        ...{ deliveries: 2, waits: 0, lost: 0 }
      })
      expect(valueOf(body, "process_resident_memory_bytes")).toBeGreaterThan(20_000_000)
      expect(valueOf(body, "process_cpu_seconds_total")).toBeGreaterThan(0)
      expect(body).not.toMatch(/greetings|ann|bob|127\.0\.0\.1/)
    })
  )

  it.scopedLive("answers /healthz and /readyz, answers HEAD like GET, and refuses other methods and paths", () =>
    Effect.gen(function* () {
      const { asks } = yield* servesWatched()
      const answers = yield* Effect.forEach(
        [
          ["GET", "/healthz"],
          ["GET", "/readyz"],
          ["HEAD", "/metrics"],
          ["HEAD", "/"],
          ["GET", "/nothing"],
          ["GET", "/../package.json"],
          ["POST", "/metrics"],
          ["DELETE", "/nothing"]
        ] as const,
        ([method, path]) => Effect.map(asks(path, { method }), ({ status }) => `${method} ${path} ${status}`)
      )
      expect(answers).toEqual([
        ...["GET /healthz 200", "GET /readyz 200", "HEAD /metrics 200", "HEAD / 200", "GET /nothing 404"],
        ...["GET /../package.json 404", "POST /metrics 405", "DELETE /nothing 405"]
      ])
    })
  )

  it.scopedLive("refuses a Host header with a foreign name (DNS rebinding)", () =>
    Effect.gen(function* () {
      const { asks } = yield* servesWatched()
      for (const host of ["evil.example", "evil.example:80", "127.0.0.1.evil.example"]) {
        expect(yield* asks("/status.json", { headers: { host } })).toMatchObject({ status: 421 })
      }
      for (const host of ["localhost:1", "127.0.0.1", "[::1]:80"]) {
        expect(yield* asks("/status.json", { headers: { host } })).toMatchObject({ status: 200 })
      }
    })
  )

  it.scopedLive("on a loopback address refuses a foreign name however the address is written", () =>
    Effect.gen(function* () {
      for (const written of ["LOCALHOST", "0x7f000001"]) {
        const { asks } = yield* servesWatched(["--ops-host", written])
        expect(yield* asks("/status.json", { headers: { host: "evil.example" } })).toMatchObject({ status: 421 })
        expect(yield* asks("/status.json")).toMatchObject({ status: 200 })
      }
    })
  )

  it.scopedLive("while the server drains, /readyz is 503 and /healthz is 200", () =>
    Effect.gen(function* () {
      const { asks, joins, program } = yield* servesWatched(["--drain-timeout", "1h"])
      const ann = yield* joins("ann", { lingers: true })
      expect(yield* asks("/readyz")).toMatchObject({ status: 200 })
      yield* program.signals("SIGTERM")
      yield* ann.isLeft
      expect(yield* asks("/readyz")).toMatchObject({ status: 503 })
      expect(yield* asks("/healthz")).toMatchObject({ status: 200 })
      yield* ann.hangsUp
      expect(yield* program.ended).toMatchObject({ code: 0 })
    })
  )

  it.scopedLive("limits unfinished requests to 64, and closes them at shutdown", () =>
    Effect.gen(function* () {
      const { joins, opsPort, program } = yield* servesWatched()
      let closed = 0
      const open = Effect.acquireRelease(
        Effect.sync(() => {
          const socket = Net.connect(opsPort, "127.0.0.1", () => socket.write("GET /metrics HTTP/1.1\r\n"))
          socket.on("error", () => {})
          return socket.on("close", () => closed++)
        }),
        (socket) => Effect.sync(() => socket.destroy())
      )
      yield* Effect.replicateEffect(open, 200)
      yield* Effect.repeat(Effect.sleep("20 millis"), { until: () => closed >= 136 })
      const ann = yield* joins("ann")
      yield* ann.types("PING")
      expect(yield* ann.hears).toBe("PONG")
      yield* program.signals("SIGTERM")
      expect(yield* program.ended).toMatchObject({ code: 0 })
    })
  )

  it.scopedLive("answers a request for an upgrade like any other, and outlives the reset of its connection", () =>
    Effect.gen(function* () {
      const { asks, joins, opsPort } = yield* servesWatched()
      const ann = yield* joins("ann")
      const status = yield* Effect.async<string>((resume) => {
        const socket = Net.connect({ host: "127.0.0.1", port: opsPort, allowHalfOpen: true })
        socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        socket.once("data", (answer) => {
          socket.resetAndDestroy()
          resume(Effect.succeed(String(answer).slice(0, 12)))
        })
      })
      expect(status).toBe("HTTP/1.1 200")
      expect(yield* asks("/healthz")).toMatchObject({ status: 200 })
      yield* ann.types("PING")
      expect(yield* ann.hears).toBe("PONG")
    })
  )

  it.scopedLive("answers /healthz at once although 64 requests do not end", () =>
    Effect.gen(function* () {
      const { asks, opsPort } = yield* servesWatched()
      for (const beginning of [
        "",
        "GET /healthz HTTP/1.1\r\n",
        "POST /say HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
      ]) {
        const sockets = yield* Effect.replicateEffect(
          Effect.orDie(calling((ready) => Net.connect(opsPort, "127.0.0.1", ready))),
          64
        )
        yield* Effect.forEach(sockets, ({ sends }) => sends(beginning))
        expect(yield* asks("/healthz")).toMatchObject({ status: 200 })
        // One made room. The others would have to be over, had the answer waited for their deadline.
        expect(sockets.filter(({ socket }) => socket.readableEnded).length).toBeLessThan(10)
      }
    })
  )

  it.scopedLive("counts the status lines that standard output did not take", () =>
    Effect.gen(function* () {
      const { program, ...other } = yield* servesWatched()
      program.child.stdout.destroy()
      const lost = Effect.map(other.asks("/metrics"), ({ body }) => valueOf(body, "partyline_status_lines_lost_total"))
      const ann = yield* other.joins("ann")
      const tellsMore = Effect.zipRight(ann.types("PING"), ann.hears)
      yield* Effect.repeat(Effect.zipRight(tellsMore, lost), {
        until: (count) => count > 0,
        schedule: Schedule.spaced("20 millis")
      })
    })
  )

  itNeeds("promtool")("/metrics passes promtool check metrics", () =>
    Effect.gen(function* () {
      const { asks, joins } = yield* servesWatched()
      yield* joins("ann")
      const { body } = yield* asks("/metrics")
      const linter = yield* starts(["promtool", "check", "metrics"])
      linter.child.stdin.end(body)
      expect(yield* linter.ended).toMatchObject({ code: 0, stdout: "", stderr: "" })
    })
  )
})

describe("an operations port that cannot be bound", () => {
  it.scopedLive("ends the program with exit code 1 and one line", () =>
    Effect.gen(function* () {
      const { opsPort } = yield* servesWatched()
      expect(yield* tries(["0", "--host", "127.0.0.1", "--ops-port", String(opsPort)])).toMatchObject({
        code: 1,
        signal: null,
        stderr: `partyline: cannot listen on 127.0.0.1 port ${opsPort}: the port is in use (EADDRINUSE)\n`
      })
      const elsewhere = yield* tries(["0", "--ops-port", "0", "--ops-host", "203.0.113.1"])
      expect(elsewhere).toMatchObject({ code: 1 })
      expect(elsewhere.stderr).toContain("this machine does not have that address")
      expect(elsewhere.stderr.split("\n").length).toBe(2)
    })
  )

  it.scopedLive("is refused before anything listens if it is the port of the relay", () =>
    Effect.gen(function* () {
      const end = yield* tries(["8001", "--host", "127.0.0.1", "--ops-port", "8001"])
      expect(end).toMatchObject({ code: 1 })
      expect(end.stderr).toContain("--ops-port must be another port than <port> and --tls-port")
    })
  )
})

describe("without --ops-port", () => {
  it.scopedLive("no HTTP server starts", () =>
    Effect.gen(function* () {
      const { program } = yield* serves()
      expect(program.stdout).not.toContain("http")
    })
  )
})
