/** What the operator does to the room, with curl as docs/operations.md shows it. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { awaits, opens } from "../support/Browser.ts"
import { servesWatched } from "../support/Operator.ts"
import { itNeeds, runs } from "../support/Program.ts"

/** The status of a POST by curl, and the body of the answer. */
const posts = (port: number, path: string, ...args: ReadonlyArray<string>) => {
  const quietly = ["--disable", "--silent", "--noproxy", "*", "--write-out", "%{http_code}"]
  return Effect.map(
    runs(["curl", ...quietly, "--request", "POST", ...args, `http://127.0.0.1:${port}${path}`]),
    ({ stdout }) => stdout
  )
}

const test = itNeeds("curl")

describe("POST /say", () => {
  test("says the text to everybody registered, cleaned, and logs that but not the text", () =>
    Effect.gen(function* () {
      const { joins, opsPort, program } = yield* servesWatched()
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      expect(yield* posts(opsPort, "/say", "--data-binary", "restart at \u001b[1mnoon\u0007 – grüße\n")).toBe("204")
      for (const person of [ann, bob]) expect(yield* person.hears).toBe("FROM *: restart at [1mnoon – grüße")
      yield* program.says("Operator: BCST")
      expect(program.stdout).not.toContain("noon")
    }))

  test("is 400 without a text, and 413 for a text that is longer than a line may be", () =>
    Effect.gen(function* () {
      const { joins, opsPort, program } = yield* servesWatched(["--max-line", "100"])
      const ann = yield* joins("ann")
      expect(yield* posts(opsPort, "/say")).toBe("There is no text to say.\n400")
      expect(yield* posts(opsPort, "/say", "--data-binary", "\r\n")).toBe("There is no text to say.\n400")
      expect(yield* posts(opsPort, "/say", "--data-binary", "x".repeat(101))).toBe(
        "The text has 101 bytes, and 100 is the most (--max-line).\n413"
      )
      for (const chunked of [[], ["--header", "Transfer-Encoding: chunked"]]) {
        expect(yield* posts(opsPort, "/say", ...chunked, "--data-binary", "x".repeat(100_000))).toBe(
          "The text has more than 100 bytes (--max-line).\n413"
        )
      }
      expect(yield* posts(opsPort, "/say", "--data-binary", `${"x".repeat(100)}\r\n`)).toBe("204")
      expect(yield* ann.hears).toBe(`FROM *: ${"x".repeat(100)}`)
      yield* program.says("Operator: BCST")
    }))
})

describe("POST /disconnect", () => {
  test("ends the connection of a name or a descriptor, which is told so", () =>
    Effect.gen(function* () {
      const { connects, joins, opsPort, program } = yield* servesWatched()
      const ann = yield* joins("ann")
      const stranger = yield* connects
      const fds = yield* program.captures(/^Client \((\d+)\): Connection Handler Assigned$/, 2)
      expect(yield* posts(opsPort, "/disconnect?name=Ann")).toBe("204")
      expect(yield* ann.isLeft).toEqual(["Removed by Operator. Disconnecting User."])
      expect(yield* posts(opsPort, `/disconnect?fd=${fds[1]}`)).toBe("204")
      expect(yield* stranger.isLeft).toEqual(["Removed by Operator. Disconnecting User."])
      for (const fd of fds) yield* program.says(`Client (${fd}): Removed by Operator. Disconnecting User.`)
      expect(yield* posts(opsPort, "/disconnect?name=ann")).toBe("There is no connection with the name ann.\n404")
      const usage = "Use /disconnect?name=<username> or /disconnect?fd=<descriptor>.\n400"
      for (const query of ["", "?name=", "?fd=x", "?fd=-1", "?fd=1&fd=2"]) {
        expect(yield* posts(opsPort, `/disconnect${query}`)).toBe(usage)
      }
    }))
})

describe("a request that is not the operator's", () => {
  it.scopedLive("is refused by its method, by a foreign Host, or by an Origin that is not its own", () =>
    Effect.gen(function* () {
      const { asks, joins, opsPort } = yield* servesWatched()
      const ann = yield* joins("ann")
      for (const path of ["/say", "/disconnect?name=ann"]) {
        for (const method of ["GET", "HEAD", "PUT"]) {
          const { headers, status } = yield* asks(path, { method })
          expect([status, headers["allow"]]).toEqual([405, "POST"])
        }
        const host = `127.0.0.1:${opsPort}`
        const refused = [
          [{ host: "evil.example" }, 421],
          [{ host: `evil.example:${opsPort}`, origin: `http://evil.example:${opsPort}` }, 421],
          [{ host, origin: "null" }, 403],
          [{ host, origin: "http://evil.example" }, 403],
          [{ host, origin: "http://127.0.0.1" }, 403],
          [{ host, origin: `http://localhost:${opsPort}` }, 403]
        ] as const
        for (const [headers, expected] of refused) {
          expect([headers, (yield* asks(path, { method: "POST", headers })).status]).toEqual([headers, expected])
        }
      }
      const host = `LOCALHOST:${opsPort}`
      const own = { host, origin: `http://localhost:${opsPort}` }
      expect((yield* asks("/disconnect?name=ann", { method: "POST", headers: own })).status).toBe(204)
      expect(yield* ann.isLeft).toEqual(["Removed by Operator. Disconnecting User."])
    })
  )

  it.scopedLive("is refused by a foreign Host on a port that listens everywhere too", () =>
    Effect.gen(function* () {
      const { asks } = yield* servesWatched(["--ops-host", "0.0.0.0"])
      // A name can be pointed at any address: with it, a page could speak to a port that listens everywhere.
      const rebound = { host: "evil.example", origin: "http://evil.example" }
      expect((yield* asks("/disconnect?fd=1", { method: "POST", headers: rebound })).status).toBe(421)
      expect((yield* asks("/healthz", { headers: { host: "metrics.example" } })).status).toBe(200)
    })
  )

  itNeeds("chromium")("is refused although a page in a real browser sends it", () =>
    Effect.gen(function* () {
      const { joins, opsPort } = yield* servesWatched()
      const other = yield* servesWatched()
      const ann = yield* joins("ann")
      const { page } = yield* opens(`http://127.0.0.1:${other.opsPort}/nothing`)
      const attempts = `
        const send = (path, body) => fetch("http://127.0.0.1:${opsPort}" + path, { method: "POST", mode: "no-cors", body })
        Promise.allSettled([send("/say", "evil"), send("/disconnect?name=ann")]).then((all) => all.map(({ status }) => status))`
      yield* awaits(() => page.evaluate(attempts))
      yield* ann.types("PING")
      expect(yield* ann.hears).toBe("PONG")
    })
  )
})
