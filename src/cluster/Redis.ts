/** A connection to Redis that is given up with the first thing that goes wrong: nothing is sent again behind its user's back. */
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { Redis, type RedisOptions } from "ioredis"
import { codeOf, connectReason } from "../ErrorText.ts"
import { ENGINE_PATIENCE } from "../Limits.ts"
import { ask, type Call, EngineError } from "./Script.ts"

/** Where Redis is. */
export interface Address {
  /** Redis itself, or its sentinels. */
  readonly hosts: ReadonlyArray<{ readonly host: string; readonly port: number }>
  /** The name by which the sentinels know the master; undefined without sentinels. */
  readonly master: string | undefined
  readonly secure: boolean
  readonly username: string | undefined
  readonly password: string | undefined
  readonly database: number
  /** The address as a person writes it, without the password. */
  readonly shown: string
}

export interface Connection {
  readonly call: Call
  /** Fails when the connection is over. */
  readonly lost: Effect.Effect<never, EngineError>
}

const never = () => null

const optionsOf = ({ database, hosts, master, password, secure, username }: Address): RedisOptions => ({
  ...(master === undefined ? hosts[0] : { sentinels: [...hosts], name: master }),
  ...(username === undefined ? {} : { username }),
  ...(password === undefined ? {} : { password }),
  ...(secure ? { tls: {} } : {}),
  db: database,
  lazyConnect: true,
  connectTimeout: Duration.toMillis(ENGINE_PATIENCE),
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: never,
  sentinelRetryStrategy: never
})

/** Connects; the scope disconnects. */
export const connect = (address: Address): Effect.Effect<Connection, EngineError, Scope.Scope> =>
  Effect.gen(function* () {
    const over = yield* Deferred.make<never, EngineError>()
    let problem = "the connection was closed"
    const redis = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const redis = new Redis(optionsOf(address))
        // The reason comes as an event, before the promise of `connect` fails with "Connection is closed."
        redis.on("error", (error: Error) => {
          problem = codeOf(error) === "UNKNOWN" ? error.message : connectReason(codeOf(error))
        })
        redis.on("end", () => Deferred.unsafeDone(over, Exit.fail(new EngineError({ problem }))))
        return redis
      }),
      (redis) => Effect.sync(() => redis.disconnect())
    )
    yield* Effect.mapError(
      ask(() => redis.connect()),
      (error) => (error.problem === "Connection is closed." ? new EngineError({ problem }) : error)
    )
    return {
      call: (command: string, ...args: ReadonlyArray<string | number>) => redis.call(command, ...args),
      lost: Deferred.await(over)
    }
  })
