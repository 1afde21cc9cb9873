/** Shutdown of the built program, and its standard output when that is slow, full or closed. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type Caller, redirected, serves, servesUnheard } from "../support/Program.ts"

const FAREWELL = "Server Shutting Down. Disconnecting User."

/** Sends a message from one user to the other. */
const chat = (ann: Caller, bob: Caller, text: string) =>
  Effect.gen(function* () {
    yield* ann.types(`MESG bob ${text}`)
    expect(yield* bob.hears).toBe(`FROM ann: ${text}`)
  })

/** Waits for a number of equal lines. */
const hearsTimes = (caller: Caller, line: string, times: number) =>
  Effect.gen(function* () {
    for (let heard = 0; heard < times; heard++) expect(yield* caller.hears).toBe(line)
  })

describe("a signal", () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it.scopedLive(`${signal} sends every client a farewell, logs one line for each, and exits 0`, () =>
      Effect.gen(function* () {
        const { connects, joins, program } = yield* serves()
        const callers = [yield* joins("ann"), yield* joins("bob"), yield* connects]
        const fds = yield* program.captures(/^Client \((\d+)\): Connection Handler Assigned$/, callers.length)
        yield* program.signals(signal)
        for (const caller of callers) expect(yield* caller.isLeft).toEqual([FAREWELL])
        expect(yield* program.ended).toMatchObject({ code: 0, signal: null, stderr: "" })
        expect(program.lines.filter((line) => line.endsWith("Disconnecting User.")).sort()).toEqual(
          fds.map((fd) => `Client (${fd}): ${FAREWELL}`).sort()
        )
      })
    )

    it.scopedLive(`${signal} ends a server without connections`, () =>
      Effect.gen(function* () {
        const { program } = yield* serves()
        yield* program.signals(signal)
        expect(yield* program.ended).toMatchObject({ code: 0, signal: null, stderr: "" })
      })
    )

    for (const second of ["SIGINT", "SIGTERM"] as const) {
      it.scopedLive(`${second} after ${signal} ends the program although a client does not read`, () =>
        Effect.gen(function* () {
          const { joins, program } = yield* serves(["--drain-timeout", "1h", "--patience", "1h"])
          const ann = yield* joins("ann")
          const [fd] = yield* program.captures(/^Client \((\d+)\): JOIN ann$/, 1)
          ann.socket.pause()
          // More than the kernel takes for a client that does not read.
          yield* ann.sends("LIST\n".repeat(200_000))
          const handled = () => program.lines.filter((line) => line === `Client (${fd}): LIST`).length
          // The kernel and the outbox are full when the server reads no more.
          for (let before = -1; before < handled() || handled() === 0; yield* Effect.sleep("1 second")) {
            before = handled()
          }
          yield* program.signals(signal)
          yield* program.says(`Client (${fd}): ${FAREWELL}`)
          expect(program.hasEnded).toBe(false)
          yield* program.signals(second)
          yield* program.ended
        })
      )
    }
  }

  it.scopedLive("ends the program within the drain limit although a client never closes its end", () =>
    Effect.gen(function* () {
      const { joins, program } = yield* serves(["--drain-timeout", "200ms"])
      const ann = yield* joins("ann", { lingers: true })
      const [fd] = yield* program.captures(/^Client \((\d+)\): JOIN ann$/, 1)
      yield* program.signals("SIGTERM")
      expect(yield* ann.isLeft).toEqual([FAREWELL])
      expect(yield* program.ended).toMatchObject({ code: 0, signal: null })
      expect(program.lines.slice(-2)).toEqual([`Client (${fd}): ${FAREWELL}`, "Stopped"])
    })
  )

  it.scopedLive("waits for a client that is still reading its queue", () =>
    Effect.gen(function* () {
      const { joins, program } = yield* serves(["--drain-timeout", "1h", "--outbox", "10000000"])
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const text = "x".repeat(4000)
      // More than the kernel buffers for a client that does not read.
      const times = 2000
      bob.socket.pause()
      yield* ann.sends(`MESG bob ${text}\n`.repeat(times))
      yield* ann.types("PING")
      expect(yield* ann.hears).toBe("PONG")
      yield* program.signals("SIGTERM")
      expect(yield* ann.isLeft).toEqual([FAREWELL])
      bob.socket.resume()
      yield* hearsTimes(bob, `FROM ann: ${text}`, times)
      expect(yield* bob.isLeft).toEqual([FAREWELL])
      expect(yield* program.ended).toMatchObject({ code: 0, signal: null })
    })
  )
})

describe("standard output", () => {
  for (const pipe of ["> >(head -n 2)", "> >(head -n 2) 2>&1"]) {
    it.scopedLive(`closed after two lines (${pipe}) does not disturb the relay`, () =>
      Effect.gen(function* () {
        const { joins, program } = yield* serves([], { behind: redirected(pipe) })
        yield* program.falls
        const ann = yield* joins("ann")
        const bob = yield* joins("bob")
        for (const text of ["one", "two", "three", "four", "five"]) yield* chat(ann, bob, text)
        yield* program.signals("SIGTERM")
        expect(yield* ann.isLeft).toEqual([FAREWELL])
        expect(yield* program.ended).toMatchObject({ code: 0, signal: null })
        expect(program.stdout.split("\n")).toHaveLength(3)
        expect(program.stderr).not.toMatch(/^\s+at /m)
      })
    )
  }

  it.scopedLive("without a reader for a while delays no client, and loses no line", () =>
    Effect.gen(function* () {
      const requests = 20_000
      const { joins, program } = yield* serves()
      program.child.stdout.pause()
      const ann = yield* joins("ann")
      yield* ann.sends("PING\n".repeat(requests))
      yield* hearsTimes(ann, "PONG", requests)
      program.child.stdout.resume()
      yield* program.signals("SIGTERM")
      expect(yield* program.ended).toMatchObject({ code: 0, signal: null, stderr: "" })
      expect(program.lines.filter((line) => line.endsWith(": PING"))).toHaveLength(requests)
    })
  )

  const burst = (ann: Caller) => Effect.zipRight(ann.sends("PING\n".repeat(2000)), hearsTimes(ann, "PONG", 2000))
  const isWhole = (log: string) => {
    expect(log.match(/: PING$/gm)).toHaveLength(2000)
    expect(log).toMatch(/Server Shutting Down\. Disconnecting User\.\n.* INFO Stopped\n$/)
  }

  it.scopedLive("as a pipe has all lines of a burst when the program has ended", () =>
    Effect.gen(function* () {
      const { joins, program } = yield* serves([], { behind: redirected("> >(cat)") })
      yield* burst(yield* joins("ann"))
      yield* program.signals("SIGTERM")
      const { code, stdout } = yield* program.ended
      expect(code).toBe(0)
      isWhole(stdout)
    })
  )

  it.scopedLive("as a file has all lines of a burst when the program has ended", () =>
    Effect.gen(function* () {
      const directory = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-"))),
        (path) => Effect.sync(() => rmSync(path, { recursive: true }))
      )
      const file = join(directory, "log")
      const { joins, program } = yield* servesUnheard([], { behind: redirected('> "$LOG"'), env: { LOG: file } })
      yield* burst(yield* joins("ann"))
      yield* program.signals("SIGTERM")
      expect(yield* program.ended).toMatchObject({ code: 0, stdout: "" })
      isWhole(readFileSync(file, "utf8"))
    })
  )
})

describe("the log", () => {
  it.scopedLive("is one JSON object a line with --log-format json", () =>
    Effect.gen(function* () {
      const { joins, program } = yield* serves(["--log-format", "json"])
      const ann = yield* joins("ann")
      for (const line of ["LIST", "PING", "MESG nobody hi", "BCST hi", "what", "QUIT"]) yield* ann.types(line)
      yield* ann.isLeft
      yield* program.signals("SIGTERM")
      const { stdout } = yield* program.ended
      const [starting, listening, ...rest] = stdout
        .trimEnd()
        .split("\n")
        .map((line): { readonly [key: string]: unknown } => JSON.parse(line))
      const events = rest.slice(0, -1)
      expect(starting).toMatchObject({ event: "starting", level: "INFO", pid: program.child.pid })
      expect(rest.at(-1)).toMatchObject({ event: "stopped", level: "INFO" })
      expect(listening).toMatchObject({ event: "listening", host: "127.0.0.1" })
      expect(events.map(({ event }) => event)).toEqual([
        ...["accepted", "handlerAssigned", "joined", "request", "request", "request", "unknownRecipient", "request"],
        ...["unrecognizable", "quitRequested", "quit"]
      ])
      for (const { fd, timestamp } of events) {
        expect(fd).toBe(events[0]?.["fd"])
        expect(new Date(String(timestamp)).toISOString()).toBe(timestamp)
      }
      expect(typeof events[0]?.["fd"]).toBe("number")
    })
  )

  for (const level of ["warning", "error", "none"]) {
    it.scopedLive(`has no line without a problem at --log-level ${level}`, () =>
      Effect.gen(function* () {
        const { joins, program } = yield* servesUnheard(["--log-level", level])
        const ann = yield* joins("ann")
        const bob = yield* joins("bob")
        yield* chat(ann, bob, "hi")
        yield* program.signals("SIGTERM")
        expect(yield* program.ended).toEqual({ code: 0, signal: null, stdout: "", stderr: "" })
      })
    )
  }

  it.scopedLive("has problems at --log-level warning", () =>
    Effect.gen(function* () {
      const { joins, program } = yield* servesUnheard(["--log-level", "warning"])
      const ann = yield* joins("ann")
      ann.socket.resetAndDestroy()
      yield* program.captures(/^Client \(\d+\): (Connection Error \(ECONNRESET\)\. Disconnecting User\.)$/, 1)
      expect(program.lines).toHaveLength(1)
    })
  )

  for (const format of ["text", "json"]) {
    it.scopedLive(`never contains message text, in ${format}`, () =>
      Effect.gen(function* () {
        const { connects, joins, program } = yield* serves(["--log-format", format, "--max-line", "64"])
        const stranger = yield* connects
        const ann = yield* joins("ann")
        const bob = yield* joins("bob")
        yield* stranger.types("MESG bob sesame")
        expect(yield* stranger.hears).toMatch(/^Unregistered User/)
        yield* chat(ann, bob, "sesame")
        for (const line of ["BCST sesame", "MESG nobody sesame", "sesame", "LIST sesame", "QUITE sesame"]) {
          yield* ann.types(line)
        }
        yield* ann.types("sesame".repeat(20))
        yield* ann.types("QUIT sesame")
        expect((yield* ann.isLeft).at(-1)).toBe("Message Too Long. Discarding Message.")
        yield* program.signals("SIGTERM")
        const { stderr, stdout } = yield* program.ended
        expect(stdout).toContain("nobody")
        expect(stdout + stderr).not.toContain("sesame")
      })
    )
  }
})
