import { join } from "node:path"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { build } from "esbuild"
import { starts } from "./Program.ts"
import { folder, type RedisServer } from "./RedisServer.ts"

/** How often each answer came. */
export interface Answers {
  readonly joined: number
  readonly taken: number
  readonly full: number
}

export interface Contender {
  /** Asks for the names `<prefix>0` to `<prefix><count - 1>`, 64 at a time. */
  readonly joins: (prefix: string, count: number) => Effect.Effect<Answers>
  /** Registers so many users in steps of 500. */
  readonly fills: (prefix: string, count: number) => Effect.Effect<void>
  readonly killed: Effect.Effect<void>
}

/** Starts programs that contend for names: nodes whose users have no connections. They are killed when the scope closes. */
export const contenders = (
  redis: RedisServer,
  cap: number,
  count: number
): Effect.Effect<Array<Contender>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const file = join(yield* folder, "contender.mjs")
    yield* Effect.promise(() =>
      build({
        entryPoints: ["test/support/contenderProgram.ts"],
        outfile: file,
        bundle: true,
        platform: "node",
        target: "node20",
        format: "esm",
        banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' }
      })
    )
    const start = Effect.gen(function* () {
      const program = yield* starts([process.execPath, file, String(redis.port), String(cap)])
      let read = 0
      const says = Effect.map(
        program.until(() => program.lines[read]),
        (line) => {
          read++
          return line
        }
      )
      yield* says
      const asks = (order: string) => Effect.zipRight(program.types(order), says)
      return {
        joins: (prefix: string, count: number) =>
          Effect.map(asks(`join ${prefix} ${count}`), (line): Answers => JSON.parse(line)),
        fills: (prefix: string, count: number) => Effect.asVoid(asks(`fill ${prefix} ${count}`)),
        killed: program.killed
      }
    })
    return yield* Effect.all(Array.from({ length: count }, () => start))
  })
