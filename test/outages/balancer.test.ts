/** Two nodes behind a TCP balancer, as deploy/compose.cluster.yaml runs them, by hand. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { asks, hears } from "../support/dialogue.ts"
import { freePort } from "../support/freePort.ts"
import { dial, itNeeds, serves, starts } from "../support/Program.ts"
import { folder, redisServer } from "../support/RedisServer.ts"

describe("the example of two nodes", () => {
  itNeeds("redis-server", "haproxy")(
    "is one room behind haproxy, which loses a node and gives its clients the other",
    () =>
      Effect.gen(function* () {
        const redis = yield* redisServer()
        const args = ["--cluster", redis.url, "--trust-proxy", "127.0.0.0/8"]
        const [one, two] = yield* Effect.all([serves(args), serves(args)], { concurrency: 2 })
        const [dir, port] = yield* Effect.all([folder, freePort])
        const config = readFileSync(new URL("../../deploy/haproxy.cfg", import.meta.url), "utf8")
          .replace("bind :8001", `bind 127.0.0.1:${port}`)
          .replace("one:8001", `127.0.0.1:${one.port}`)
          .replace("two:8001", `127.0.0.1:${two.port}`)
        const file = join(dir, "haproxy.cfg")
        writeFileSync(file, config)
        const balancer = yield* starts(["haproxy", "-db", "-V", "-f", file])
        // Until the balancer has seen that a node is gone, or there, it may give a client to nobody.
        const enters = (line: string) =>
          Effect.gen(function* () {
            const person = yield* dial(port)
            yield* person.types(line)
            const heard = yield* person.hears
            return heard.endsWith("Request Accepted") ? person : yield* Effect.fail(heard)
          }).pipe(Effect.retry(Schedule.spaced("50 millis")), Effect.orDie)
        const ann = yield* enters("JOIN ann")
        const bob = yield* enters("JOIN bob")
        // The balancer has given each node one of them.
        const [home = ""] = yield* one.program.captures(/: JOIN (\S+)$/, 1)
        yield* two.program.captures(/: JOIN (\S+)$/, 1)
        yield* ann.types("KEY\nMESG bob hi")
        yield* hears(bob, "FROM ann: hi")
        const key = (yield* Effect.orDie(ann.hears)).slice(4)
        yield* (home === "ann" ? one : two).program.signals("SIGKILL")
        yield* ann.isLeft
        const again = yield* enters(`RECLAIM ann ${key}`)
        yield* asks(bob, "MESG ann back\nPING", "PONG")
        yield* hears(again, "FROM bob: back")
        assert.isFalse(balancer.hasEnded)
        yield* enters("JOIN eve")
      })
  )
})
