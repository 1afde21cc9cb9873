/** The program as a node of a room over many machines: the Redis that it uses, and those that it refuses. */
import { readdirSync, readFileSync } from "node:fs"
import * as Net from "node:net"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { certificates } from "../support/Certificates.ts"
import { asks, hears } from "../support/dialogue.ts"
import { freePort } from "../support/freePort.ts"
import { itNeeds, partyline, serves, tries } from "../support/Program.ts"
import { folder, redisServer } from "../support/RedisServer.ts"

/** A check and a start refuse the Redis at this address, with one line that ends like this. */
const isRefused = (url: string, why: string) =>
  Effect.gen(function* () {
    const args = ["0", "--host", "127.0.0.1", "--cluster", url]
    const checked = yield* tries(["--check", ...args])
    expect(checked).toMatchObject({ code: 1, stderr: "" })
    expect(checked.stdout.split("\n").filter((line) => line.startsWith("no:"))).toEqual([
      `no: cannot use ${url}: ${why}`
    ])
    expect(yield* tries(args)).toMatchObject({
      code: 1,
      stderr: `partyline: cannot be a node of the room at ${url}: ${why}\n`
    })
  })

describe("a node of a Redis with TLS", { concurrent: true }, () => {
  /** A Redis that speaks TLS too, on another port, with a certificate that no authority has signed. */
  const secureRedis = Effect.gen(function* () {
    const { cert, key } = (yield* certificates).selfSigned("localhost")
    const port = yield* freePort
    const files = ["--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert]
    const redis = yield* redisServer("--tls-port", String(port), ...files, "--tls-auth-clients", "no")
    return { cert, redis, url: `rediss://localhost:${port}` }
  })

  itNeeds("redis-server", "openssl")("uses it when it trusts its certificate", () =>
    Effect.gen(function* () {
      const { cert, redis, url } = yield* secureRedis
      const env = { NODE_EXTRA_CA_CERTS: cert }
      const check = yield* tries(["--check", "0", "--host", "127.0.0.1", "--cluster", url], { env })
      expect(check).toMatchObject({ code: 0, stdout: expect.stringContaining(` at ${url}, for --cluster\n`) })
      const { joins } = yield* serves(["--cluster", url], { env })
      yield* joins("ann")
      expect(yield* redis.call("HKEYS", "{partyline:main}:users")).toEqual(["ann"])
    })
  )

  itNeeds("redis-server", "openssl")("refuses it when it does not", () =>
    Effect.flatMap(secureRedis, ({ url }) =>
      isRefused(url, "the server's certificate is not signed by a known authority (DEPTH_ZERO_SELF_SIGNED_CERT)")
    )
  )
})

describe("a node of an old Redis", () => {
  /** A server that says it is a Redis of this version. */
  const redisOf = (version: string) => {
    const info = `redis_version:${version}\r\n`
    const answers: { readonly [command: string]: string } = { INFO: `$${info.length}\r\n${info}\r\n` }
    return Effect.acquireRelease(
      Effect.async<{ readonly server: Net.Server; readonly port: number }>((resume) => {
        const server = Net.createServer((socket) => {
          socket.on("error", () => {})
          socket.on("data", (bytes) => {
            for (const [, command = ""] of bytes.toString().matchAll(/^\*\d+\r\n\$\d+\r\n(\w+)\r\n/gm)) {
              socket.write(answers[command.toUpperCase()] ?? "+OK\r\n")
            }
          })
        })
        server.listen(0, "127.0.0.1", () => {
          const bound = server.address()
          resume(Effect.succeed({ server, port: typeof bound === "object" && bound !== null ? bound.port : 0 }))
        })
      }),
      ({ server }) => Effect.sync(() => server.close())
    )
  }

  it.scopedLive("refuses what is older than 7.0", () =>
    Effect.flatMap(redisOf("6.2.0"), ({ port }) =>
      isRefused(`redis://127.0.0.1:${port}`, "Redis 6.2.0 is too old: 7.0 or later is needed")
    )
  )
})

describe("the rooms of one Redis", () => {
  itNeeds("redis-server")("hear nothing of each other, and are named by options or variables", () =>
    Effect.gen(function* () {
      const { url } = yield* redisServer()
      const one = yield* serves([], { env: { PARTYLINE_CLUSTER: url } })
      const two = yield* serves(["--cluster", url, "--room", "main"])
      const other = yield* serves([], { env: { PARTYLINE_CLUSTER: url, PARTYLINE_ROOM: "other" } })
      const ann = yield* one.joins("ann")
      const bob = yield* two.joins("bob")
      yield* asks(ann, "WATCH", "WATCH Request Accepted")
      const stranger = yield* other.connects
      yield* asks(stranger, "JOIN ann", "JOIN ann Request Accepted")
      yield* asks(stranger, "BCST hello\nMESG bob hello\nPING", "Unknown Recipient (bob). MESG Discarded.", "PONG")
      yield* asks(bob, "MESG ann hi\nPING", "PONG")
      // Nothing came before it: no JOINED, and no broadcast.
      yield* hears(ann, "MESG FROM bob: hi")
    })
  )
})

describe("the client of Redis", () => {
  /** Whether the program has loaded it when it serves, or has ended. */
  const isLoaded = (...options: ReadonlyArray<string>) =>
    Effect.gen(function* () {
      const coverage = yield* folder
      const args = ["0", "--host", "127.0.0.1", ...options]
      const program = yield* partyline(args, { env: { NODE_V8_COVERAGE: coverage } })
      yield* program.until(() => (program.hasEnded || program.stdout.includes("Waiting for") ? true : undefined))
      yield* program.signals("SIGTERM")
      yield* program.ended
      // Node writes down which scripts have run.
      const [report = ""] = readdirSync(coverage)
      const { result }: { readonly result: ReadonlyArray<{ readonly url: string }> } = JSON.parse(
        readFileSync(join(coverage, report), "utf8")
      )
      const scripts = result.flatMap(({ url }) => (url.startsWith("file:") ? [readFileSync(new URL(url), "utf8")] : []))
      expect(scripts).not.toEqual([])
      return scripts.some((script) => script.includes("MaxRetriesPerRequestError"))
    })

  it.scopedLive("is loaded with --cluster, and not without", () =>
    Effect.gen(function* () {
      expect(yield* isLoaded()).toBe(false)
      expect(yield* isLoaded("--cluster", "redis://127.0.0.1:1")).toBe(true)
    })
  )
})
