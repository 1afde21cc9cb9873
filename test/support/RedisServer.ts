import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Address, connect } from "../../src/cluster/Redis.ts"
import { ask, type Call, type EngineError } from "../../src/cluster/Script.ts"
import { addressOf } from "./addressOf.ts"
import { freePort } from "./freePort.ts"
import { type Process, starts } from "./Program.ts"

/** A folder that is removed when the scope closes. */
export const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-redis-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

export interface RedisServer {
  readonly port: number
  readonly url: string
  readonly address: Address
  /** The process that serves now. */
  readonly process: () => Process
  /** Asks the server itself. */
  readonly call: (...command: Parameters<Call>) => Effect.Effect<unknown, EngineError>
  /** Starts it again after its end, with the same port and data. */
  readonly startsAgain: Effect.Effect<void, never, Scope.Scope>
}

/** A Redis server of its own, on a free port, with its data in a temporary folder. It is killed when the scope closes. */
export const redisServer = (...options: ReadonlyArray<string>): Effect.Effect<RedisServer, never, Scope.Scope> =>
  Effect.gen(function* () {
    const dir = yield* folder
    const port = yield* freePort
    const start = Effect.gen(function* () {
      const server = yield* starts([
        "redis-server",
        ...["--port", String(port), "--bind", "127.0.0.1", "--dir", dir],
        ...["--save", "", "--appendonly", "yes", "--appendfsync", "everysec", ...options]
      ])
      yield* server.until(() => (server.stdout.includes("Ready to accept connections") ? true : undefined))
      return server
    })
    let server = yield* start
    return {
      port,
      url: `redis://127.0.0.1:${port}`,
      address: addressOf(port),
      process: () => server,
      call: (...command) =>
        Effect.scoped(Effect.flatMap(connect(addressOf(port)), ({ call }) => ask(() => call(...command)))),
      startsAgain: Effect.map(start, (again) => {
        server = again
      })
    }
  })
