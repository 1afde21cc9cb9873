/** The operator's acts on the room, with curl as docs/operations.md shows it. */
import { networkInterfaces } from "node:os"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { awaits, opens } from "../support/Browser.ts"
import { servesOperator, servesWatched, TOKEN, tokenFile } from "../support/Operator.ts"
import { itNeeds, runs, tries } from "../support/Program.ts"

const authorized = ["--header", `Authorization: Bearer ${TOKEN}`]

/** The body of curl's answer, and its status. */
const curls = (url: string, ...args: ReadonlyArray<string>) => {
  const quietly = ["--disable", "--silent", "--noproxy", "*", "--write-out", "%{http_code}"]
  return Effect.map(runs(["curl", ...quietly, ...args, url]), ({ stdout }) => stdout)
}

/** A server with a token. `posts` sends a request with it by curl. */
const servesPosts = (args: ReadonlyArray<string> = []) =>
  Effect.map(servesOperator(args), (served) => ({
    ...served,
    posts: (path: string, ...more: ReadonlyArray<string>) =>
      curls(served.at(path), "--request", "POST", ...authorized, ...more)
  }))

const test = itNeeds("curl")

describe("POST /say", () => {
  test("says the text to everybody registered, cleaned, and logs that but neither the text nor the token", () =>
    Effect.gen(function* () {
      const { joins, posts, program } = yield* servesPosts()
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const text = "restart at \u001b[1mnoon\u0007 – grüße\n"
      expect(yield* posts("/say", "--header", "Content-Type: text/plain", "--data-binary", text)).toBe("204")
      for (const person of [ann, bob]) expect(yield* person.hears).toBe("FROM *: restart at [1mnoon – grüße")
      yield* program.says("Operator: BCST")
      yield* program.says("Operator: /say from 127.0.0.1 (204)")
      expect(program.stdout).not.toMatch(/noon|correct|horse/)
    }))

  test("is 400 without a text, and 413 for a text that is longer than a line may be", () =>
    Effect.gen(function* () {
      const { joins, posts, program } = yield* servesPosts(["--max-line", "100"])
      const ann = yield* joins("ann")
      expect(yield* posts("/say")).toBe("There is no text to say.\n400")
      expect(yield* posts("/say", "--data-binary", "\r\n")).toBe("There is no text to say.\n400")
      expect(yield* posts("/say", "--data-binary", "\u0007")).toBe("There is no text to say.\n400")
      expect(yield* posts("/say", "--data-binary", "x".repeat(101))).toBe(
        "The text has 101 bytes, and 100 is the most (--max-line).\n413"
      )
      for (const chunked of [[], ["--header", "Transfer-Encoding: chunked"]]) {
        expect(yield* posts("/say", ...chunked, "--data-binary", "x".repeat(100_000))).toBe(
          "The text has more than 100 bytes (--max-line).\n413"
        )
      }
      expect(yield* posts("/say", "--data-binary", `${"x".repeat(100)}\r\n`)).toBe("204")
      expect(yield* ann.hears).toBe(`FROM *: ${"x".repeat(100)}`)
      yield* program.says("Operator: /say from 127.0.0.1 (400)")
    }))
})

describe("POST /disconnect", () => {
  test("ends the connection with a number, which status.json tells, of a member or not", () =>
    Effect.gen(function* () {
      const { connects, idOf, joins, posts, program, status } = yield* servesPosts()
      const ann = yield* joins("ann")
      const id = yield* idOf("ann")
      const stranger = yield* connects
      const fds = yield* program.captures(/^Client \((\d+)\): Connection Handler Assigned$/, 2)
      const { unregistered } = yield* status
      expect(unregistered).toMatchObject([{ id: id + 1, fd: Number(fds[1]), isSecure: false }])
      expect(unregistered[0]).not.toHaveProperty("name")
      expect(yield* posts(`/disconnect?id=${id}`)).toBe("204")
      expect(yield* ann.isLeft).toEqual(["Removed by Operator. Disconnecting User."])
      expect(yield* posts(`/disconnect?id=${id + 1}`)).toBe("204")
      expect(yield* stranger.isLeft).toEqual(["Removed by Operator. Disconnecting User."])
      for (const fd of fds) yield* program.says(`Client (${fd}): Removed by Operator. Disconnecting User.`)
      yield* program.says("Operator: /disconnect from 127.0.0.1 (204)")
      expect(yield* posts(`/disconnect?id=${id}`)).toBe(`There is no connection ${id}.\n404`)
      yield* program.says("Operator: /disconnect from 127.0.0.1 (404)")
      const usage = "Use /disconnect?id=<number of a connection>.\n400"
      for (const query of ["", "?id=", "?id=x", "?id=-1", "?id=1.5", "?id=1&id=2", "?name=ann", "?fd=20"]) {
        expect(yield* posts(`/disconnect${query}`)).toBe(usage)
      }
    }))
})

describe("--ops-token", () => {
  test("is what lets the operator in: without it or with another the answer is 401, and nothing happens", () =>
    Effect.gen(function* () {
      const { asks, at, idOf, joins, posts, program } = yield* servesPosts()
      const ann = yield* joins("ann")
      const paths = ["/say", `/disconnect?id=${yield* idOf("ann")}`]
      const advice = "Use the header Authorization: Bearer <the token of --ops-token>.\n401"
      for (const path of paths) {
        for (const header of ["X-Nothing: 1", "Authorization: Basic b3BzOm9wcw==", `Authorization: ${TOKEN}`]) {
          expect(yield* curls(at(path), "--header", header, "--data-binary", "evil")).toBe(advice)
        }
      }
      const { headers, status } = yield* asks("/say", {
        method: "POST",
        headers: { authorization: `Bearer ${TOKEN}x` }
      })
      expect([status, headers["www-authenticate"]]).toEqual([401, "Bearer"])
      const wrong = "Authorization: Bearer wrong-horse-battery"
      expect(yield* curls(at(paths[1] ?? ""), "--request", "POST", "--header", wrong)).toBe("The token is wrong.\n401")
      yield* program.says("Operator: Wrong Token from 127.0.0.1")
      expect(program.stdout).not.toMatch(/wrong-horse|evil/)
      expect(yield* posts("/say", "--data-binary", "well")).toBe("204")
      expect(yield* ann.hears).toBe("FROM *: well")
    }))

  test("lets the right token in while wrong ones wait", () =>
    Effect.gen(function* () {
      const { asks, posts, program } = yield* servesPosts()
      const told: Array<number> = []
      const guess = Effect.tap(asks("/say", { method: "POST", headers: { authorization: "Bearer x" } }), ({ status }) =>
        Effect.sync(() => told.push(status))
      )
      // The last of these waits for eight seconds.
      yield* Effect.replicateEffect(Effect.forkScoped(guess), 8)
      yield* program.captures(/^(Operator: Wrong Token from 127\.0\.0\.1)$/, 8)
      expect(yield* posts("/say", "--data-binary", "well")).toBe("204")
      expect(told.length).toBeLessThan(8)
    }))

  test("is read again at SIGHUP, and a file without a good one changes nothing", () =>
    Effect.gen(function* () {
      const { file, posts, program } = yield* servesPosts()
      yield* file.write("short")
      yield* program.signals("SIGHUP")
      const [why] = yield* program.captures(/^Configuration Not Changed: (.+)$/, 1)
      expect(why).toBe(
        "--ops-token must be @ and the name of a file with at least 16 ASCII characters and no spaces, " +
          `not "@${file.path}"`
      )
      expect(yield* posts("/say", "--data-binary", "well")).toBe("204")
      yield* file.write("another-horse-battery\n")
      yield* program.signals("SIGHUP")
      yield* program.says(`Configuration: ops-token Has Changed in ${file.path}`)
      expect(yield* posts("/say", "--data-binary", "well")).toBe("The token is wrong.\n401")
    }))

  it.scopedLive("is needed for these paths to be there at all", () =>
    Effect.gen(function* () {
      const { asks, joins } = yield* servesWatched()
      const ann = yield* joins("ann")
      for (const path of ["/say", "/disconnect?id=1"]) {
        for (const [method, expected] of [
          ["GET", 404],
          ["POST", 405]
        ] as const) {
          expect([
            method,
            (yield* asks(path, { method, headers: { authorization: `Bearer ${TOKEN}` } })).status
          ]).toEqual([method, expected])
        }
      }
      expect(JSON.parse((yield* asks("/status.json")).body)).toMatchObject({ isOperable: false })
      yield* ann.types("PING")
      expect(yield* ann.hears).toBe("PONG")
    })
  )

  it.scopedLive("is refused if it is no file with a long token, or is for nothing, and is never shown", () =>
    Effect.gen(function* () {
      const { path, write } = yield* tokenFile
      const refusal = (...args: ReadonlyArray<string>) =>
        Effect.map(tries(["0", "--host", "127.0.0.1", ...args]), ({ code, stderr }) => [code, stderr.split("\n")[0]])
      const must = "partyline: --ops-token must be @ and the name of a file"
      const watched = ["--ops-port", "0", "--ops-token"]
      expect(yield* refusal(...watched, `@${path}`)).toEqual([1, `${must} that can be read (ENOENT), not "@${path}"`])
      for (const text of [
        "",
        "fifteen-letters",
        "a token with spaces in it",
        "passwörter-sind-gut",
        `${TOKEN}\nmore`
      ]) {
        yield* write(text)
        const long = `${must} with at least 16 ASCII characters and no spaces, not "@${path}"`
        expect(yield* refusal(...watched, `@${path}`)).toEqual([1, long])
      }
      expect(yield* refusal(...watched, TOKEN)).toEqual([1, `${must} that can be read`])
      yield* write(TOKEN)
      expect(yield* refusal("--ops-token", `@${path}`)).toEqual([1, "partyline: --ops-token needs --ops-port"])
    })
  )

  it.scopedLive("is warned of where other machines can reach the port", () =>
    Effect.gen(function* () {
      const { program } = yield* servesOperator(["--ops-host", "0.0.0.0"])
      yield* program.says(
        "Configuration: --ops-token is sent unencrypted, and other machines can reach --ops-host 0.0.0.0"
      )
    })
  )

  const [elsewhere] = Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses)
    .flatMap(({ address, family, internal }) => (family === "IPv4" && !internal ? address : []))

  test("is enough from wherever --ops-host lets in", () =>
    Effect.gen(function* () {
      const { idOf, joins, opsPort } = yield* servesOperator(["--ops-host", "0.0.0.0"])
      const ann = yield* joins("ann")
      const url = `http://${elsewhere ?? "127.0.0.1"}:${opsPort}/disconnect?id=${yield* idOf("ann")}`
      expect(yield* curls(url, "--request", "POST")).toMatch(/401$/)
      // A name of this machine in its network.
      expect(yield* curls(url, "--request", "POST", ...authorized, "--header", "Host: ops.example.org")).toBe("204")
      expect(yield* ann.isLeft).toEqual(["Removed by Operator. Disconnecting User."])
    }))
})

describe("a request that is not the operator's", () => {
  it.scopedLive("is refused by its method, by a foreign Host, or by an Origin that is not its own", () =>
    Effect.gen(function* () {
      const { asks, idOf, joins, opsPort } = yield* servesOperator()
      const ann = yield* joins("ann")
      const authorization = `Bearer ${TOKEN}`
      const disconnect = `/disconnect?id=${yield* idOf("ann")}`
      for (const path of ["/say", disconnect]) {
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
          const { status } = yield* asks(path, { method: "POST", headers: { ...headers, authorization } })
          expect([headers, status]).toEqual([headers, expected])
        }
      }
      const own = { host: `LOCALHOST:${opsPort}`, origin: `http://localhost:${opsPort}`, authorization }
      expect((yield* asks(disconnect, { method: "POST", headers: own })).status).toBe(204)
      expect(yield* ann.isLeft).toEqual(["Removed by Operator. Disconnecting User."])
    })
  )

  itNeeds("chromium")("is refused although a page in a real browser sends it, and knows the token", () =>
    Effect.gen(function* () {
      const { idOf, joins, opsPort } = yield* servesOperator()
      const other = yield* servesWatched()
      const ann = yield* joins("ann")
      const { page } = yield* opens(`http://127.0.0.1:${other.opsPort}/nothing`)
      const attempts = `
        const headers = { authorization: "Bearer ${TOKEN}" }
        const send = (path, mode) =>
          fetch("http://127.0.0.1:${opsPort}" + path, { method: "POST", mode, headers, body: "evil" })
        const paths = ["/say", "/disconnect?id=${yield* idOf("ann")}"]
        Promise.allSettled(paths.flatMap((path) => [send(path, "no-cors"), send(path, "cors")]))`
      yield* awaits(() => page.evaluate(attempts))
      yield* ann.types("PING")
      expect(yield* ann.hears).toBe("PONG")
    })
  )
})
