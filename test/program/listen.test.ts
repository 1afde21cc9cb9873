/** `partyline listen`, the real program against a real server. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { descriptions } from "../../src/kit/Options.ts"
import { freePort } from "../support/freePort.ts"
import { type End, partyline, redirected, runs, type Start, serves, tries } from "../support/Program.ts"

/** A server, and a listener that is called lis, is in the room and WATCHes. */
const listening = (words: ReadonlyArray<string>, start: Start = {}, args: ReadonlyArray<string> = []) =>
  Effect.gen(function* () {
    const served = yield* serves(["--max-users", "50", ...args], { port: yield* freePort })
    const listener = yield* partyline(["listen", ...words, `lis@127.0.0.1:${served.port}`], start)
    yield* isIn(listener)
    yield* served.program.captures(/: (WATCH)$/, 1)
    return { ...served, listener }
  })

/** Waits until a listener is in the room. */
const isIn = (listener: Effect.Effect.Success<ReturnType<typeof partyline>>) =>
  listener.until(() => (listener.stderr.includes("listening on ") ? true : undefined))

/** It has printed these lines and ended so. */
const hasPrinted = (end: End, code: number, lines: ReadonlyArray<string>) =>
  expect({ code: end.code, lines: end.stdout.split("\n") }).toEqual({ code, lines: [...lines, ""] })

describe("partyline listen", () => {
  it.scopedLive("prints messages, private ones marked, and exits 0 when the count is reached", () =>
    Effect.gen(function* () {
      const { joins, listener } = yield* listening(["--count", "2"])
      const ann = yield* joins("ann")
      yield* ann.types("MESG lis psst\nBCST hello all\nBCST too late")
      const end = yield* listener.ended
      hasPrinted(end, 0, ["MESG FROM ann: psst", "FROM ann: hello all"])
      expect(end.stderr).toMatch(/^partyline: listening on 127\.0\.0\.1:\d+ as lis\npartyline: JOINED ann\n$/)
    })
  )

  it.scopedLive("prints JSON objects of fixed types, and counts messages only", () =>
    Effect.gen(function* () {
      const { joins, listener } = yield* listening(["--json", "--count", "2"])
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      yield* bob.types("QUIT")
      yield* bob.isLeft
      yield* ann.types('MESG lis "psst"\nBCST hello')
      const { code, stdout } = yield* listener.ended
      expect(code).toBe(0)
      const objects = stdout
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line))
      for (const { time } of objects) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      expect(objects.map(({ time, ...others }) => others)).toEqual([
        { type: "joined", name: "ann" },
        { type: "joined", name: "bob" },
        { type: "left", name: "bob" },
        { type: "message", from: "ann", private: true, text: '"psst"' },
        { type: "message", from: "ann", private: false, text: "hello" }
      ])
    })
  )

  it.scopedLive("hands on each line as it comes, into a pipe too", () =>
    Effect.gen(function* () {
      const { joins, listener } = yield* listening([])
      const ann = yield* joins("ann")
      for (const text of ["one", "two"]) {
        yield* ann.types(`MESG lis ${text}`)
        yield* listener.until(() => (listener.stdout.endsWith(`FROM ann: ${text}\n`) ? true : undefined))
      }
    })
  )

  it.scopedLive("prints every one of 20,000 messages to a slow reader", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const slow = yield* partyline(["listen", "--count", "20000", `lis@127.0.0.1:${port}`], {
        behind: redirected("| { sleep 0.5; cat; }").map((word) => word.replace("exec ", ""))
      })
      yield* isIn(slow)
      const ann = yield* joins("ann")
      yield* ann.types(Array.from({ length: 20_000 }, (_, n) => `MESG lis ${n}`).join("\n"))
      const { stdout } = yield* slow.ended
      expect(stdout.match(/: \d+$/gm)?.map((text) => Number(text.slice(2)))).toEqual(
        Array.from({ length: 20_000 }, (_, n) => n)
      )
    })
  )

  it.scopedLive("exits 0 when the time is over, 1 when a count was asked for", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      hasPrinted(yield* tries(["listen", "--timeout", "300ms", `lis@127.0.0.1:${port}`]), 0, [])
      const late = yield* tries(["listen", "--timeout", "300ms", "--count", "1", `lis@127.0.0.1:${port}`])
      hasPrinted(late, 1, [])
      expect(late.stderr).toContain("the time is over before the count is reached")
    })
  )

  it.scopedLive("exits 0 without a word when nobody reads it any more", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves()
      const script = `"$0" "$1" listen lis@127.0.0.1:${port} | head -1; echo "\${PIPESTATUS[0]}"`
      const command = yield* Effect.map(partyline(["--version"]), ({ child }) => child.spawnargs)
      const piped = yield* Effect.fork(runs(["bash", "-c", script, command[0] ?? "", command[1] ?? ""]))
      yield* program.captures(/: (WATCH)$/, 1)
      yield* tries(["say", "--to", "lis", `ann@127.0.0.1:${port}`, "one", "two", "three"])
      // A write shows that head has ended, as soon as it has.
      const more = Effect.ignore(tries(["say", "--to", "lis", `ann@127.0.0.1:${port}`, "four"]))
      const { stderr, stdout } = yield* Effect.raceFirst(piped, Effect.forever(more))
      expect(stdout).toBe("MESG FROM ann: one\n0\n")
      expect(stderr).toMatch(/^partyline: listening [^\n]+\n(partyline: (JOINED|LEFT) ann\n)*$/)
    })
  )

  it.scopedLive("exits 1 with one line when standard output is full", () =>
    Effect.gen(function* () {
      const { joins, listener } = yield* listening([], { behind: redirected(">/dev/full") })
      const ann = yield* joins("ann")
      yield* ann.types("MESG lis hello")
      const { code, stderr } = yield* listener.ended
      expect(code).toBe(1)
      expect(stderr).toMatch(/standard output cannot be written: there is no space left \(ENOSPC\)\n$/)
    })
  )

  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const
  for (const [signal, code] of Object.entries(signals)) {
    it.scopedLive(`exits ${code} after ${signal}`, () =>
      Effect.gen(function* () {
        const { listener } = yield* listening([])
        yield* listener.signals(signal as NodeJS.Signals)
        hasPrinted(yield* listener.ended, code, [])
      })
    )
  }

  it.scopedLive("exits 1 when the name is refused, 2 when it cannot connect or the server goes", () =>
    Effect.gen(function* () {
      const { listener, port, program } = yield* listening([])
      const taken = yield* tries(["listen", `LIS@127.0.0.1:${port}`])
      expect(taken).toMatchObject({ code: 1, stderr: "partyline: Username Already Taken (LIS). JOIN Discarded.\n" })
      yield* program.signals("SIGTERM")
      const { code, stderr } = yield* listener.ended
      expect(code).toBe(2)
      expect(stderr).toMatch(/partyline: Server Shutting Down\. Disconnecting User\.\n$/)
      yield* program.ended
      expect((yield* tries(["listen", `lis@127.0.0.1:${port}`])).code).toBe(2)
    })
  )

  it.scopedLive("with --reconnect, is back after a restart of the server", () =>
    Effect.gen(function* () {
      const { listener, port, program } = yield* listening(["--reconnect"])
      yield* program.signals("SIGTERM")
      yield* program.ended
      const again = yield* serves([], { port })
      yield* listener.until(() => ((listener.stderr.match(/listening on/g)?.length ?? 0) > 1 ? true : undefined))
      const ann = yield* again.joins("ann")
      yield* ann.types("MESG lis welcome back")
      yield* listener.until(() => (listener.stdout.endsWith("FROM ann: welcome back\n") ? true : undefined))
      expect(listener.stderr).toContain("partyline: Server Shutting Down. Disconnecting User.; trying again\n")
    })
  )

  it.scopedLive("prints the message of the day on standard error", () =>
    Effect.gen(function* () {
      const { listener } = yield* listening([], {}, ["--motd", "be kind"])
      expect(listener.stderr).toMatch(/^partyline: be kind\npartyline: listening on/)
      expect(listener.stdout).toBe("")
    })
  )
})

const wrong: ReadonlyArray<readonly [words: ReadonlyArray<string>, why: string | RegExp]> = [
  [[], "host is missing"],
  [["localhost", "hi"], 'there can be one host, and not also "hi"'],
  [["--count", "0", "localhost"], "--count must be a whole number from 1"],
  [["--count", "-1", "localhost"], "--count must be a whole number from 1"],
  [["--count", "1e3", "localhost"], "--count must be a whole number from 1"],
  [["--timeout", "0s", "localhost"], '--timeout must be longer than 0, not "0s"'],
  [["--timeout", "soon", "localhost"], "--timeout must be a duration"],
  [["--count", "localhost"], "host is missing"],
  [["--reconnect=no", "localhost"], "--reconnect takes no value"],
  [["--to", "ann", "localhost"], /^partyline: unknown option "--to"$/]
]

describe("wrong arguments of partyline listen", { concurrent: true }, () => {
  for (const [words, why] of wrong) {
    it.scopedLive(JSON.stringify(words), () =>
      Effect.map(tries(["listen", ...words]), ({ code, stderr, stdout }) => {
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
        expect(stderr.split("\n")[0]).toMatch(why)
        expect(stderr).toContain("usage: partyline listen [options] [name@]host[:port]")
      })
    )
  }
})

describe("the help of the client programs", { concurrent: true }, () => {
  for (const { name, operands } of descriptions) {
    it.scopedLive(`partyline ${name} --help: options, exit status, in 80 plain columns`, () =>
      Effect.map(tries([name, "localhost", "--help"]), ({ code, stderr, stdout }) => {
        expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
        expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([])
        expect(stdout).toContain(`usage: partyline ${name} [options] ${operands}`)
        for (const word of ["--tls", "--ca file", "--insecure", "Exit status"]) expect(stdout).toContain(word)
      })
    )
  }

  it.scopedLive("partyline --help names them", () =>
    Effect.map(tries(["--help"]), ({ stdout }) => {
      for (const { name } of descriptions) expect(stdout).toContain(`\n       partyline ${name} [options] `)
    })
  )
})
