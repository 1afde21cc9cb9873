/** The built program under resets, a full disk, SIGTERM in a flood, a lack of descriptors, and SIGKILL. */
import * as Net from "node:net"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { freePort } from "../support/freePort.ts"
import { type Caller, dial, redirected, serves, servesUnheard, tries } from "../support/Program.ts"

/** ann sends a message to bob, and bob receives it. */
const chat = (ann: Caller, bob: Caller, text: string) =>
  Effect.gen(function* () {
    yield* ann.types(`MESG bob ${text}`)
    expect(yield* bob.hears).toBe(`FROM ann: ${text}`)
  })

/** All lines until the connection closes. `isLeft` is too slow for many thousands of lines. */
const hearsAll = (caller: Caller) =>
  Effect.gen(function* () {
    const lines: Array<string> = []
    yield* Effect.forever(Effect.map(caller.hears, (line) => lines.push(line))).pipe(Effect.ignore)
    return lines
  })

/** Connects, and resets the connection at once. */
const touch = (port: number) =>
  Effect.async<void>((resume) => {
    const socket = Net.connect({ host: "127.0.0.1", port }, () => socket.resetAndDestroy())
    socket.on("error", () => {}).on("close", () => resume(Effect.void))
  })

describe("2,000 connects and resets in a burst", () => {
  it.scopedLive("disturb no other client, and have a leaving line for each accepted connection", () =>
    Effect.gen(function* () {
      const { joins, port, program } = yield* serves()
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const burst = yield* Effect.fork(
        Effect.forEach(Array(2000), () => touch(port), { concurrency: 500, discard: true })
      )
      for (let message = 0; message < 100; message++) yield* chat(ann, bob, `message ${message}`)
      yield* burst
      const [cat] = [yield* joins("cat")]
      yield* cat.types("MESG ann still here")
      expect(yield* ann.hears).toBe("FROM cat: still here")
      yield* program.signals("SIGTERM")
      const { code, stderr } = yield* program.ended
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
      const count = (end: string) => program.lines.filter((line) => line.endsWith(end)).length
      expect(count("Disconnecting User.")).toBe(count("Connection Accepted"))
      expect(program.lines.filter((line) => line.includes("(-1)"))).toEqual([])
    })
  )
})

describe("standard output", () => {
  for (const [what, redirection] of [
    ["on a full disk", "> /dev/full"],
    ["closed at the start", ">&-"]
  ] as const) {
    it.scopedLive(`${what} does not disturb the room`, () =>
      Effect.gen(function* () {
        const { joins, program } = yield* servesUnheard([], { behind: redirected(redirection) })
        const ann = yield* joins("ann")
        const bob = yield* joins("bob")
        for (const text of ["one", "two", "three"]) yield* chat(ann, bob, text)
        yield* program.signals("SIGTERM")
        expect(yield* ann.isLeft).toEqual(["Server Shutting Down. Disconnecting User."])
        const { code, stderr } = yield* program.ended
        expect(code).toBe(0)
        expect(stderr.split("\n").length).toBeLessThanOrEqual(3)
        expect(stderr).not.toMatch(/^\s+at /m)
      })
    )
  }

  for (const args of [
    ["--version"],
    ["--help"],
    ["--completions", "bash"],
    ["--print-config", "0"],
    ["--check", "0"],
    ["chat", "--help"],
    ["listen", "--help"]
  ]) {
    it.scopedLive(`on a full disk is an error of partyline ${args.join(" ")}`, () =>
      Effect.map(tries(args, { behind: redirected("> /dev/full") }), ({ code, stderr }) =>
        expect({ code, stderr }).toEqual({
          code: 1,
          stderr: "partyline: standard output cannot be written: there is no space left (ENOSPC)\n"
        })
      )
    )
  }
})

describe("SIGTERM in the middle of a flood", () => {
  it.scopedLive("loses no accepted message", () =>
    Effect.gen(function* () {
      const { joins, program } = yield* serves()
      const bob = yield* joins("bob")
      const names = ["ann", "cat", "dan", "eve"]
      const senders = yield* Effect.forEach(names, (name) => joins(name))
      const numbers = Array.from({ length: 10_000 }, (_, index) => index)
      for (const sender of senders) yield* sender.sends(numbers.map((n) => `MESG bob ${n}\nPING\n`).join(""))
      for (const sender of senders) expect(yield* sender.hears).toBe("PONG")
      yield* program.signals("SIGTERM")
      // Each PONG proves that the message before it was accepted.
      const accepted = yield* Effect.forEach(senders, (sender) => Effect.map(hearsAll(sender), (lines) => lines.length))
      const heard = yield* hearsAll(bob)
      expect(heard.at(-1)).toBe("Server Shutting Down. Disconnecting User.")
      names.forEach((name, index) => {
        const prefix = `FROM ${name}: `
        const texts = heard.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length))
        expect(texts).toEqual(texts.map((_, number) => String(number)))
        // `accepted` counts the farewell, but not the first PONG, which was read above.
        expect(texts.length).toBeGreaterThanOrEqual(accepted[index] ?? Number.NaN)
      })
      expect((yield* program.ended).code).toBe(0)
    })
  )
})

describe("without a free descriptor", () => {
  const FILES = 128

  it.scopedLive("connected clients are served, and new ones are accepted once descriptors are free again", () =>
    Effect.gen(function* () {
      const behind = ["bash", "-c", `ulimit -n ${FILES}; exec "$@"`, "bash"]
      const { joins, port, program } = yield* serves([], { behind })
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      // Twice as many connections as descriptors. Some of them are not accepted.
      const crowd = yield* Effect.forEach(Array(2 * FILES), () => Effect.either(dial(port)), { concurrency: 20 })
      const callers = crowd.flatMap((caller) => (caller._tag === "Right" ? [caller.right] : []))
      for (let message = 0; message < 20; message++) yield* chat(ann, bob, `message ${message}`)
      // The server closes connections for which it has no descriptor.
      yield* Effect.raceAll(callers.map(({ isLeft }) => isLeft))
      yield* chat(ann, bob, "it is crowded here")
      for (const { socket } of callers) socket.destroy()
      const arrives = Effect.gen(function* () {
        const cat = yield* dial(port)
        yield* cat.types("JOIN cat\nMESG ann I am in\nQUIT")
        expect(yield* cat.isLeft).toEqual(["JOIN cat Request Accepted"])
      })
      yield* Effect.retry(Effect.sandbox(arrives), Schedule.spaced("50 millis"))
      expect(yield* ann.hears).toBe("FROM cat: I am in")
      yield* program.signals("SIGTERM")
      const { code, stderr, stdout } = yield* program.ended
      expect(code).toBe(0)
      expect(stderr.split("\n").length).toBeLessThanOrEqual(5)
      expect(stdout.match(/ (WARN|ERROR) (?!Client)/g)?.length ?? 0).toBeLessThanOrEqual(5)
    })
  )
})

describe("kill -9", () => {
  it.scopedLive("frees the port at once, and clients can reconnect", () =>
    Effect.gen(function* () {
      const { joins, port, program } = yield* serves([], { port: yield* freePort })
      const ann = yield* joins("ann")
      yield* joins("bob")
      ann.socket.on("error", () => {})
      yield* program.signals("SIGKILL")
      yield* ann.isLeft
      expect((yield* program.ended).signal).toBe("SIGKILL")
      const next = yield* serves([], { port })
      yield* chat(yield* next.joins("ann"), yield* next.joins("bob"), "back again")
    })
  )
})
