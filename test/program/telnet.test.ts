/** A real telnet in a real terminal, driven by expect. */
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { itNeeds, runs, serves } from "../support/Program.ts"

/**
 * Procedures for the scripts below. `escape` gives a command to telnet itself. A script must see output of the server
 * before it presses a control key: only then has telnet set up the terminal.
 */
const words = `
set timeout 50
proc see {text} {
  expect {
    -ex $text {}
    timeout { puts stderr "timed out waiting for: $text"; exit 1 }
    eof { puts stderr "closed before: $text"; exit 1 }
  }
}
proc type {line} { send -- "$line\\r" }
proc await {} { type PING; see "Unregistered User." }
proc interrupt {} { send "\\003"; see "^C" }
proc escape {command} { send "\\035"; see "telnet> "; type $command }
proc leave {} { type QUIT; see "Connection closed by foreign host."; expect eof }
`

/** Runs the script in a terminal with telnet connected to the port, and returns the lines on the screen. */
const terminal = (port: number, script: string, address = `127.0.0.1 ${port}`) =>
  Effect.map(
    runs(["expect", "-c", `${words}\nspawn telnet ${address}\nsee "Escape character is '^]'."\nawait\n${script}`]),
    ({ code, stderr, stdout }) => {
      expect({ code, stderr, screen: stdout }).toEqual({ code: 0, stderr: "", screen: stdout })
      return stdout.replaceAll("\r", "").split("\n")
    }
  )

const test = itNeeds("telnet", "expect")

describe("a telnet client", () => {
  test("joins, lists, exchanges messages and quits", () =>
    Effect.gen(function* () {
      const { joins, port, program } = yield* serves()
      const bob = yield* joins("bob")
      const session = yield* Effect.fork(
        terminal(
          port,
          `type "JOIN mat"
          see "JOIN mat Request Accepted"
          type LIST
          see "mat   "
          type "MESG bob hello bob"
          see "FROM bob: hello mat"
          type "BCST bye"
          leave`
        )
      )
      expect(yield* bob.hears).toBe("FROM mat: hello bob")
      yield* bob.types("MESG mat hello mat")
      expect(yield* bob.hears).toBe("FROM mat: bye")
      const screen = yield* Fiber.join(session)
      const [first, second] = yield* program.captures(/^Client \((\d+)\): JOIN/, 2)
      const rule = "-".repeat(28)
      const table = [
        "USERNAME               FD",
        rule,
        `bob                    ${first}`,
        `mat                    ${second}`
      ]
      const start = screen.indexOf(table[0] ?? "")
      expect(screen.slice(start, start + 5)).toEqual([...table, rule])
      yield* program.says(`Client (${second}): Disconnecting User.`)
    }))

  test("sees that the server shuts down", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves()
      const session = yield* Effect.fork(
        terminal(
          port,
          `type "JOIN mat"
          see "Server Shutting Down. Disconnecting User."
          see "Connection closed by foreign host."
          expect eof`
        )
      )
      yield* program.captures(/^(Client \(\d+\): JOIN mat)$/, 1)
      yield* program.signals("SIGTERM")
      yield* Fiber.join(session)
      expect(yield* program.ended).toMatchObject({ code: 0 })
    }))

  test("gets an answer to Are You There", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      yield* terminal(
        port,
        `escape "send ayt"
        see {[Yes]}
        leave`
      )
    }))

  test("can negotiate options at the start", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      yield* terminal(
        port,
        `type "JOIN mat"
        see "JOIN mat Request Accepted"
        interrupt
        escape "mode character"
        type PING
        see PONG
        leave`,
        // A minus sign before the port makes telnet negotiate as on port 23.
        `-- 127.0.0.1 -${port}`
      )
    }))
})

describe("after an interruption in telnet", () => {
  /** Interrupts between and within lines, and expects that every other line works. */
  const staysUsable = (setUp: string, interruption: string) =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const bob = yield* joins("bob")
      const session = yield* Effect.fork(
        terminal(
          port,
          `${setUp}
          ${interruption}
          type "JOIN mat"
          see "JOIN mat Request Accepted"
          ${interruption}
          type LIST
          see USERNAME
          see "mat   "
          see "----"
          ${interruption}
          ${interruption}
          type "MESG bob first"
          see "FROM bob: answer"
          send "MESG bob half"
          ${interruption}
          type "MESG bob second"
          type PING
          see PONG
          leave`
        )
      )
      // If an interruption breaks the session, the script fails and bob receives nothing more.
      const heard = Effect.gen(function* () {
        expect(yield* bob.hears).toBe("FROM mat: first")
        yield* bob.types("MESG mat answer")
        expect(yield* bob.hears).toBe("FROM mat: second")
      })
      yield* Effect.all([Fiber.join(session), heard], { concurrency: "unbounded", discard: true })
    })

  test("by Ctrl-C, the session goes on", () => staysUsable("", "interrupt"))

  // TCP delivers one byte of urgent data out of band: it is missing in the stream.
  test("by Ctrl-C as urgent data, the session goes on", () =>
    staysUsable('escape "toggle autosynch"\nawait', "interrupt"))

  test("by IP and BRK, the session goes on", () =>
    staysUsable("", ["ip", "brk"].map((command) => `escape "send ${command} ayt"\nsee {[Yes]}`).join("\n")))
})
