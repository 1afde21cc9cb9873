/** `partyline say`, the real program against a real server. */
import * as Net from "node:net"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type End, partyline, redirected, type Start, serves, tries } from "../support/Program.ts"

const STACK = /^\s+at /m

/** Runs `partyline say` with these words; `{at}` is the server's address. */
const saying =
  (port: number) =>
  (words: ReadonlyArray<string>, start: Start = {}) =>
    tries(["say", ...words.map((word) => word.replace("{at}", `127.0.0.1:${port}`))], start)

/** A server with ann in it, who hears everything. */
const withAnn = (args: ReadonlyArray<string> = []) =>
  Effect.gen(function* () {
    const served = yield* serves(["--max-users", "50", ...args])
    const ann = yield* served.joins("ann")
    return { ...served, ann, says: saying(served.port) }
  })

const isHandled = (end: End) => expect(end).toMatchObject({ code: 0, stdout: "", stderr: "" })

/** It ends with this status and one line, which says why. */
const isRefused = (end: End, code: number, why: RegExp) => {
  expect(end).toMatchObject({ code, stdout: "" })
  expect(end.stderr).toMatch(why)
  expect(end.stderr).toMatch(/^partyline: [^\n]+\n$/)
}

/** Runs `partyline say … -` with this standard input. */
const piping = (port: number, words: ReadonlyArray<string>, input: string | Uint8Array) =>
  Effect.gen(function* () {
    const said = yield* partyline(["say", ...words, `127.0.0.1:${port}`, "-"])
    said.child.stdin.end(input)
    return yield* said.ended
  })

describe("partyline say", () => {
  it.scopedLive("says each text to everybody, or to one user, and leaves", () =>
    Effect.gen(function* () {
      const { ann, program, says } = yield* withAnn()
      isHandled(yield* says(["bob@{at}", "hello", "two words"]))
      expect([yield* ann.hears, yield* ann.hears]).toEqual(["FROM bob: hello", "FROM bob: two words"])
      isHandled(yield* says(["--to", "ANN", "bob@{at}", "psst"]))
      expect(yield* ann.hears).toBe("FROM bob: psst")
      expect(program.lines.filter((line) => line.endsWith(": QUIT"))).toHaveLength(2)
    })
  )

  it.scopedLive("invents a name: the login name's letters and digits, and four digits", () =>
    Effect.gen(function* () {
      const { ann, says } = yield* withAnn()
      isHandled(yield* says(["{at}", "hello"]))
      expect(yield* ann.hears).toMatch(/^FROM [A-Za-z0-9]{1,28}\d{4}: hello$/)
    })
  )

  const texts: ReadonlyArray<readonly [what: string, words: ReadonlyArray<string>, heard: ReadonlyArray<string>]> = [
    ["stands behind -- and begins with a dash", ["bob@{at}", "--", "-x", "--to", "-"], ["-x", "--to", "-"]],
    ["stands behind -- with the address", ["--", "bob@{at}", "--help"], ["--help"]],
    [
      "has line ends: each begins a message, and none a command",
      ["bob@{at}", "a\nQUIT\r\nb\r\rc\n"],
      ["a", "QUIT", "b", "c"]
    ],
    ["has control characters, which are dropped", ["bob@{at}", "a\u001b[2J\u0007b"], ["a[2Jb"]],
    ["has tabs, spaces and other letters", ["bob@{at}", " \tgrüße 本 👍 "], [" \tgrüße 本 👍 "]]
  ]
  describe("a text is sent as it is, line by line", () => {
    for (const [what, words, heard] of texts) {
      it.scopedLive(`that ${what}`, () =>
        Effect.gen(function* () {
          const { ann, says } = yield* withAnn()
          isHandled(yield* says(words))
          for (const text of heard) expect(yield* ann.hears).toBe(`FROM bob: ${text}`)
        })
      )
    }
  })

  it.scopedLive("says what was refused, goes on, and exits 1", () =>
    Effect.gen(function* () {
      const { ann, says } = yield* withAnn()
      isRefused(yield* says(["--to", "eve", "bob@{at}", "hi"]), 1, /refused: Unknown Recipient \(eve\)/)
      isRefused(yield* says(["bob@{at}", "x".repeat(5000)]), 1, /refused: Message Too Long/)
      isRefused(yield* says(["bob@{at}", "one", "x".repeat(5000), "three"]), 1, /text 2 was refused: Message Too Long/)
      expect([yield* ann.hears, yield* ann.hears]).toEqual(["FROM bob: one", "FROM bob: three"])
      isRefused(yield* says(["bob@{at}", "\u0001"]), 1, /refused: Incomplete BCST/)
    })
  )

  it.scopedLive("exits 1 when its name is taken, or the room is full", () =>
    Effect.gen(function* () {
      const { says } = yield* withAnn()
      isRefused(yield* says(["Ann@{at}", "hi"]), 1, /Username Already Taken \(Ann\)/)
      const { joins, port } = yield* serves(["--max-users", "1"])
      yield* joins("ann")
      isRefused(yield* saying(port)(["bob@{at}", "hi"]), 1, /Too Many Users/)
    })
  )

  it.scopedLive("20 at once with one name: each is handled, or told that the name is taken", () =>
    Effect.gen(function* () {
      const { port } = yield* serves(["--max-users", "50"])
      const says = saying(port)
      const ends = yield* Effect.all(
        Array.from({ length: 20 }, (_, n) => says(["bob@{at}", `number ${n}`])),
        { concurrency: 5 }
      )
      for (const { code, stderr } of ends) {
        if (code === 0) expect(stderr).toBe("")
        else
          expect({ code, stderr }).toEqual({
            code: 1,
            stderr: "partyline: Username Already Taken (bob). JOIN Discarded.\n"
          })
      }
      expect(ends.some(({ code }) => code === 0)).toBe(true)
    })
  )
})

describe("partyline say -", () => {
  it.scopedLive("sends each line, the last one without an end too, and no empty one", () =>
    Effect.gen(function* () {
      const { ann, port } = yield* withAnn()
      isHandled(yield* piping(port, [], "\ufeffone\r\n\n\ntwo\n-x\nthree"))
      const heard = [yield* ann.hears, yield* ann.hears, yield* ann.hears, yield* ann.hears]
      expect(heard.map((line) => line.replace(/^FROM \w+: /, ""))).toEqual(["one", "two", "-x", "three"])
    })
  )

  it.scopedLive("sends 10,000 lines in order", () =>
    Effect.gen(function* () {
      const { ann, port } = yield* withAnn()
      const lines = Array.from({ length: 10_000 }, (_, n) => `line ${n}`)
      isHandled(yield* piping(port, ["--to", "ann"], lines.join("\n")))
      for (const line of lines) expect((yield* ann.hears).endsWith(`: ${line}`)).toBe(true)
    })
  )

  it.scopedLive("names each refused line by its number, sends the rest, and exits 1", () =>
    Effect.gen(function* () {
      const { ann, port } = yield* withAnn()
      const end = yield* piping(port, [], `one\n\n${"x".repeat(5000)}\nfour\n${"x".repeat(2 * 1024 * 1024)}\nsix`)
      expect(end).toMatchObject({
        code: 1,
        stderr:
          "partyline: line 3 was refused: Message Too Long. Discarding Message.\n" +
          "partyline: line 5 was refused: it is too long\n"
      })
      for (const text of ["one", "four", "six"]) expect(yield* ann.hears).toContain(`: ${text}`)
    })
  )

  it.scopedLive("exits 0 when the input is empty, absent or closed", () =>
    Effect.gen(function* () {
      const { port, says } = yield* withAnn()
      isHandled(yield* piping(port, [], ""))
      isHandled(yield* piping(port, [], "\n\n"))
      isHandled(yield* says(["{at}", "-"], { behind: redirected("</dev/null") }))
      isHandled(yield* says(["{at}", "-"], { behind: redirected("<&-") }))
    })
  )

  it.scopedLive("waits for input that is silent, and exits 2 when the server goes", () =>
    Effect.gen(function* () {
      const { ann, port, program } = yield* withAnn()
      const said = yield* partyline(["say", `bob@127.0.0.1:${port}`, "-"])
      yield* said.types("hello")
      expect(yield* ann.hears).toBe("FROM bob: hello")
      yield* program.signals("SIGTERM")
      isRefused(yield* said.ended, 2, /Server Shutting Down/)
    })
  )

  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
  for (const [signal, code] of Object.entries(signals)) {
    it.scopedLive(`exits ${code} after ${signal}, and leaves the room`, () =>
      Effect.gen(function* () {
        const { ann, port } = yield* withAnn()
        yield* ann.types("WATCH")
        yield* ann.hears
        const said = yield* partyline(["say", `bob@127.0.0.1:${port}`, "-"])
        expect(yield* ann.hears).toBe("JOINED bob")
        yield* said.signals(signal as NodeJS.Signals)
        expect(yield* said.ended).toMatchObject({ code, stdout: "", stderr: "" })
        expect(yield* ann.hears).toBe("LEFT bob")
      })
    )
  }
})

/** A server that is no partyline: it does this with each connection. */
const strange = (behave: (socket: Net.Socket) => void) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<{ readonly server: Net.Server; readonly sockets: Set<Net.Socket> }>((resume) => {
        const sockets = new Set<Net.Socket>()
        const server = Net.createServer((socket) => {
          sockets.add(socket)
          socket.on("error", () => {})
          behave(socket)
        }).listen(0, "127.0.0.1", () => resume(Effect.succeed({ server, sockets })))
      }),
      ({ server, sockets }) =>
        Effect.sync(() => {
          for (const socket of sockets) socket.destroy()
          server.close()
        })
    ),
    ({ server }) => (server.address() as Net.AddressInfo).port
  )

describe("partyline say without a partyline", { concurrent: true }, () => {
  it.scopedLive("exits 2 where nothing listens, and where there is no host", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves()
      yield* program.signals("SIGTERM")
      yield* program.ended
      isRefused(yield* saying(port)(["{at}", "hi"]), 2, new RegExp(`127\\.0\\.0\\.1:${port}: nothing listens there`))
      isRefused(yield* tries(["say", "nowhere.invalid", "hi"]), 2, /cannot connect to nowhere\.invalid:8001: /)
    })
  )

  it.scopedLive("exits 2 when an HTTP server answers", () =>
    Effect.gen(function* () {
      const port = yield* strange((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))
      isRefused(
        yield* saying(port)(["{at}", "hi"]),
        2,
        /no partyline: it said "HTTP\/1\.1 400 Bad Request" and closed it/
      )
    })
  )

  it.scopedLive("exits 2 when the server is silent", () =>
    Effect.gen(function* () {
      const port = yield* strange(() => {})
      isRefused(yield* saying(port)(["{at}", "hi"]), 2, /no answer to JOIN within 10 seconds/)
    })
  )

  it.scopedLive("exits 2 and does not claim anything when the link is lost between text and PONG", () =>
    Effect.gen(function* () {
      const port = yield* strange((socket) => {
        socket.on("data", (bytes) => {
          const text = bytes.toString()
          if (text.startsWith("JOIN")) socket.write("JOIN bob Request Accepted\r\n")
          else socket.destroy()
        })
      })
      isRefused(yield* saying(port)(["bob@{at}", "hi"]), 2, /it is not known whether it was handled/)
    })
  )
})

const wrong: ReadonlyArray<readonly [words: ReadonlyArray<string>, why: string]> = [
  [[], "host is missing"],
  [["localhost"], "there is nothing to say"],
  [["localhost", ""], "there is nothing to say"],
  [["localhost", "\n\r\n"], "there is nothing to say"],
  [["localhost:x", "hi"], "a port is a whole number"],
  [["a b@localhost", "hi"], "a name is 1 to 32"],
  [["localhost", "-x"], 'unknown option "-x"'],
  [["localhost", "--bogus", "hi"], 'unknown option "--bogus"'],
  [["localhost", "hi", "--to"], "--to must have one value"],
  [["--to", "a b", "localhost", "hi"], "--to must be a name"],
  [["--to", "ann", "--to", "bob", "localhost", "hi"], "--to must be given once"],
  [["--tls=1", "localhost", "hi"], "--tls takes no value"],
  [["localhost", "a", "-"], "- must be the only text"],
  [["--ca", "x.pem", "localhost", "hi"], "--ca needs --tls"],
  [["--insecure", "localhost", "hi"], "--insecure needs --tls"],
  [["--tls", "--ca", "/nonexistent.pem", "localhost", "hi"], "there is no such file"]
]

describe("wrong arguments of partyline say are one line, a usage statement and exit code 1", {
  concurrent: true
}, () => {
  for (const [words, why] of wrong) {
    it.scopedLive(JSON.stringify(words), () =>
      Effect.map(tries(["say", ...words]), ({ code, stderr, stdout }) => {
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
        const lines = stderr.split("\n")
        expect(lines[0]).toContain(`partyline: `)
        expect(lines[0]).toContain(why)
        expect(lines.slice(1)).toEqual([
          "usage: partyline say [options] [name@]host[:port] <text>... | -",
          "Try partyline say --help for more.",
          ""
        ])
        expect(stderr).not.toMatch(STACK)
      })
    )
  }
})
