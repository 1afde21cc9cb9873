import * as Net from "node:net"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Address } from "../../src/cluster/Redis.ts"
import { addressOf } from "./addressOf.ts"
import type { RedisServer } from "./RedisServer.ts"

type Pair = readonly [near: Net.Socket, far: Net.Socket]

/** A way to Redis that can be cut: then nothing comes through, and neither end is told. */
export interface Cable {
  readonly address: Address
  readonly cut: Effect.Effect<void>
  /** Cuts only the connections by which inboxes are read. */
  readonly cutReaders: Effect.Effect<void>
  /** Lets bytes that were under way go on. */
  readonly mend: Effect.Effect<void>
}

/** A cable that lasts as long as the scope. */
export const cable = ({ call, port }: Pick<RedisServer, "call" | "port">): Effect.Effect<Cable, never, Scope.Scope> =>
  Effect.gen(function* () {
    let isCut = false
    const pairs = new Set<Pair>()
    const join = ([near, far]: Pair) => near.pipe(far).pipe(near)
    const part = (pair: Pair) => {
      for (const socket of pair) socket.unpipe()
    }
    const server = yield* Effect.acquireRelease(
      Effect.async<Net.Server>((resume) => {
        const server = Net.createServer((near) => {
          const pair = [near, Net.connect(port, "127.0.0.1")] as const
          pairs.add(pair)
          for (const socket of pair) {
            socket.on("error", () => {})
            socket.on("close", () => {
              pairs.delete(pair)
              for (const each of pair) each.destroy()
            })
          }
          if (!isCut) join(pair)
        })
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.close()
          for (const [near] of pairs) near.destroy()
        })
    )
    const bound = server.address()
    return {
      address: addressOf(typeof bound === "object" && bound !== null ? bound.port : 0),
      cut: Effect.sync(() => {
        isCut = true
        for (const pair of pairs) part(pair)
      }),
      cutReaders: Effect.map(Effect.orDie(call("CLIENT", "LIST")), (clients) => {
        const readers = String(clients)
          .split("\n")
          .filter((client) => client.includes(" cmd=xread "))
        for (const pair of pairs) {
          if (readers.some((client) => client.includes(` addr=127.0.0.1:${pair[1].localPort} `))) part(pair)
        }
      }),
      mend: Effect.sync(() => {
        isCut = false
        for (const pair of pairs) {
          part(pair)
          join(pair)
        }
      })
    }
  })
