/** One-liners with a real nc: every line is answered, and nc exits by itself. */
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { itNeeds, runs, serves, starts } from "../support/Program.ts"

/** Runs a shell script with the program's port in `$PORT`, and returns its output. */
const script = (port: number, lines: string) =>
  Effect.map(runs(["bash", "-c", `set -o pipefail\n${lines}`], { PORT: String(port) }), ({ code, stderr, stdout }) => {
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" })
    return stdout
  })

const reply = (...lines: ReadonlyArray<string>) => lines.map((line) => `${line}\r\n`).join("")

describe("nc -N", () => {
  const test = itNeeds("nc")

  test("gets all replies, and exits", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves()
      const stdout = yield* script(port, "printf 'JOIN a\\nLIST\\n' | nc -N 127.0.0.1 $PORT")
      const [fd = ""] = yield* program.captures(/^Client \((\d+)\): JOIN a$/, 1)
      const rule = "-".repeat(28)
      const table = ["USERNAME               FD", rule, `a                      ${fd}`, rule]
      expect(stdout).toBe(reply("JOIN a Request Accepted", ...table))
      yield* program.says(`Client (${fd}): Connection Closed. Disconnecting User.`)
    }))

  test("gets the PONG after its messages to another client have been delivered", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const bob = yield* joins("bob")
      const stdout = yield* script(
        port,
        "{ echo JOIN ann; for n in 1 2 3 4 5; do echo MESG bob number $n; done; echo PING; } | nc -N 127.0.0.1 $PORT"
      )
      expect(stdout).toBe(reply("JOIN ann Request Accepted", "PONG"))
      for (const n of [1, 2, 3, 4, 5]) expect(yield* bob.hears).toBe(`FROM ann: number ${n}`)
    }))

  test("gets 20,000 messages to itself back, complete and in order", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      const stdout = yield* script(
        port,
        "{ echo JOIN ann; seq -f 'MESG ann %.0f' 20000; echo PING; } | nc -N 127.0.0.1 $PORT"
      )
      const messages = Array.from({ length: 20_000 }, (_, n) => `FROM ann: ${n + 1}`)
      expect(stdout).toBe(reply("JOIN ann Request Accepted", ...messages, "PONG"))
    }))

  test("gets no reply to a last line without a line end", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      const stdout = yield* script(port, "printf 'JOIN ann\\nPING\\nPING' | nc -N 127.0.0.1 $PORT")
      expect(stdout).toBe(reply("JOIN ann Request Accepted", "PONG"))
    }))

  test("is told to register when it sends LIST first", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      const stdout = yield* script(port, "echo LIST | nc -N 127.0.0.1 $PORT")
      expect(stdout).toBe(reply('Unregistered User. Use "JOIN <username>" to Register.'))
    }))
})

describe("nc without -N", () => {
  const test = itNeeds("nc")

  test("exits on QUIT", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      const stdout = yield* script(port, "printf 'JOIN ann\\nPING\\nQUIT\\n' | nc 127.0.0.1 $PORT")
      expect(stdout).toBe(reply("JOIN ann Request Accepted", "PONG"))
    }))

  test("chats until the server shuts down", () =>
    Effect.gen(function* () {
      // This nc keeps its connection open until its input ends, so the drain timeout has to cut it.
      const { joins, port, program } = yield* serves(["--drain-timeout", "200ms"])
      const ann = yield* joins("ann")
      const nc = yield* starts(["nc", "127.0.0.1", String(port)])
      yield* nc.types("JOIN bob")
      yield* nc.says("JOIN bob Request Accepted\r")
      yield* ann.types("MESG bob hello")
      yield* nc.says("FROM ann: hello\r")
      yield* nc.types("BCST hello everybody")
      expect(yield* ann.hears).toBe("FROM bob: hello everybody")
      yield* program.signals("SIGTERM")
      yield* nc.says("Server Shutting Down. Disconnecting User.\r")
      expect(yield* program.ended).toMatchObject({ code: 0 })
    }))
})
