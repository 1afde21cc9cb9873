/** Clients that keep their end open: a connection that the server closes gives up its descriptor soon all the same. */
import { existsSync } from "node:fs"
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { itNeeds, type Process, serves, starts } from "../support/Program.ts"

const FAREWELL = "Server Shutting Down. Disconnecting User."

/** Longer than a test may last. */
const SLOW = ["--drain-timeout", "1h"]

/** Starts an nc whose input never ends: it closes nothing by itself. */
const nc = (port: number) => starts(["nc", "127.0.0.1", String(port)])

/** Waits until the process has closed the descriptor. */
const givesUp = ({ child }: Process, fd: string) =>
  Effect.repeat(
    Effect.sync(() => existsSync(`/proc/${child.pid}/fd/${fd}`)),
    { schedule: Schedule.spaced("20 millis"), while: (isThere) => isThere }
  )

describe("an nc that keeps its end open", { concurrent: true }, () => {
  const test = itNeeds("nc")

  for (const [what, typed, leaving] of [
    ["QUIT", "JOIN ann\nQUIT", "Disconnecting User."],
    ["an HTTP request", "GET / HTTP/1.1", "HTTP Request. Disconnecting User."],
    ["a PROXY header", "PROXY UNKNOWN", "Bad Proxy Header. Disconnecting User."]
  ] as const) {
    test(`holds no descriptor after ${what}, and its next client gets the same one`, () =>
      Effect.gen(function* () {
        const { port, program } = yield* serves(SLOW)
        const ann = yield* nc(port)
        yield* ann.types(typed)
        const [fd = ""] = yield* program.captures(/^Client \((\d+)\): Connection Accepted$/, 1)
        yield* program.says(`Client (${fd}): ${leaving}`)
        yield* givesUp(program, fd)
        expect(ann.hasEnded).toBe(false)
        const bob = yield* nc(port)
        yield* bob.types("JOIN bob")
        yield* bob.says("JOIN bob Request Accepted\r")
        yield* program.says(`Client (${fd}): JOIN bob`)
      }))
  }

  test("counts as a connection no longer than that", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves([...SLOW, "--max-connections", "1"])
      const ann = yield* nc(port)
      yield* ann.types("JOIN ann")
      yield* ann.says("JOIN ann Request Accepted\r")
      const eve = yield* nc(port)
      yield* eve.says("Too Many Connections. Disconnecting User.\r")
      const [, second = ""] = yield* program.captures(/^Client \((\d+)\): Connection Accepted$/, 2)
      yield* givesUp(program, second)
      yield* ann.types("QUIT")
      const [first = ""] = yield* program.captures(/^Client \((\d+)\): Disconnecting User\.$/, 1)
      yield* givesUp(program, first)
      expect([ann.hasEnded, eve.hasEnded]).toEqual([false, false])
      const bob = yield* nc(port)
      yield* bob.types("JOIN bob")
      yield* bob.says("JOIN bob Request Accepted\r")
    }))

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    test(`does not make ${signal} wait for the drain timeout`, () =>
      Effect.gen(function* () {
        const { port, program } = yield* serves(SLOW)
        const clients = yield* Effect.replicateEffect(nc(port), 3)
        for (const [index, client] of clients.entries()) {
          yield* client.types(`JOIN user${index}`)
          yield* client.says(`JOIN user${index} Request Accepted\r`)
        }
        yield* program.signals(signal)
        for (const client of clients) yield* client.says(`${FAREWELL}\r`)
        expect(yield* program.ended).toMatchObject({ code: 0, signal: null, stderr: "" })
        for (const client of clients) expect(client.hasEnded).toBe(false)
        expect(program.lines.filter((line) => line.endsWith(`): ${FAREWELL}`))).toHaveLength(3)
      }))
  }
})
