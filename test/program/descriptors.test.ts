/** The built program with a low limit of open files. */
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { dial, serves } from "../support/Program.ts"

const LIMIT = 128
const WARNING = /^Open Files Used Up \(Limit 128\)\. Refusing New Connections\.$/

it.scopedLive("out of descriptors, the server keeps its clients, refuses others, and logs it once", () =>
  Effect.gen(function* () {
    const behind = ["prlimit", `--nofile=${LIMIT}:${LIMIT}`]
    const { joins, port, program } = yield* serves([], { behind })
    const ann = yield* joins("ann")
    const storm = yield* Effect.replicateEffect(Effect.orDie(dial(port, { lingers: true })), 2 * LIMIT)
    for (const caller of storm.slice(LIMIT)) {
      expect(yield* caller.isLeft).toEqual(["Too Many Connections. Disconnecting User."])
    }
    yield* ann.types("PING")
    expect(yield* ann.hears).toBe("PONG")
    expect(program.lines.filter((line) => WARNING.test(line))).toHaveLength(1)
    for (const caller of storm) caller.socket.destroy()
    yield* program.captures(/(Disconnecting User)\.$/, storm.length)
    yield* joins("bob")
    expect(program.stderr).toBe("")
  })
)

it.scopedLive("with 64 descriptors, some clients are served", () =>
  Effect.gen(function* () {
    const { connects, joins } = yield* serves([], { behind: ["prlimit", "--nofile=64:64"] })
    for (const name of ["ann", "bob", "cid", "dan"]) yield* joins(name)
    const eve = yield* connects
    yield* eve.types("JOIN eve\nMESG eve hello")
    expect([yield* eve.hears, yield* eve.hears]).toEqual(["JOIN eve Request Accepted", "FROM eve: hello"])
  })
)
