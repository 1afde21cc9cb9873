/** A real telnet in a real terminal, driven by expect. */
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { itNeeds, runs, serves } from "../support/Program.ts"

/**
 * What the scripts below are written in. `escape` gives telnet itself a command. Before a key that is not part of a line,
 * something has to be seen from the server: only then telnet has surely taken over the terminal.
 */
const words = `
set timeout 10
proc see {text} {
  expect {
    -ex $text {}
    timeout { puts stderr "waited in vain for: $text"; exit 1 }
    eof { puts stderr "closed before: $text"; exit 1 }
  }
}
proc type {line} { send -- "$line\\r" }
proc await {} { type PING; see "Unregistered User." }
proc interrupt {} { send "\\003"; see "^C" }
proc escape {command} { send "\\035"; see "telnet> "; type $command }
proc leave {} { type QUIT; see "Connection closed by foreign host."; expect eof }
`

/** Runs the script in a terminal where telnet is connected to that port; the lines that were on the screen. */
const terminal = (port: number, script: string, address = `127.0.0.1 ${port}`) =>
  Effect.map(
    runs(["expect", "-c", `${words}\nspawn telnet ${address}\nsee "Escape character is '^]'."\nawait\n${script}`]),
    ({ code, stderr, stdout }) => {
      expect({ code, stderr, screen: stdout }).toEqual({ code: 0, stderr: "", screen: stdout })
      return stdout.replaceAll("\r", "").split("\n")
    }
  )

const test = itNeeds("telnet", "expect")

describe("with telnet, a person", () => {
  test("joins, looks who is there, talks to somebody and leaves", () =>
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

  test("is told when the server shuts down", () =>
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

  test("asks whether anybody is there, and somebody is", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      yield* terminal(
        port,
        `escape "send ayt"
        see {[Yes]}
        leave`
      )
    }))

  test("whose telnet offers all its options at the start is served like others", () =>
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
        // Before a port, a minus sign asks for the negotiation that there is at the port of telnet.
        `-- 127.0.0.1 -${port}`
      )
    }))
})

describe("after Ctrl-C in telnet", () => {
  /** Talks to bob and to itself, presses Ctrl-C in between, and all of it works. */
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
      // An interrupted session that is broken ends the script, and with it what bob would hear.
      const heard = Effect.gen(function* () {
        expect(yield* bob.hears).toBe("FROM mat: first")
        yield* bob.types("MESG mat answer")
        expect(yield* bob.hears).toBe("FROM mat: second")
      })
      yield* Effect.all([Fiber.join(session), heard], { concurrency: "unbounded", discard: true })
    })

  test("the session goes on", () => staysUsable("", "interrupt"))

  // As urgent data, of which the system takes one byte out of the stream.
  test("the session goes on, when interruptions are sent as urgent data", () =>
    staysUsable('escape "toggle autosynch"\nawait', "interrupt"))

  test("the session goes on after other ways to interrupt, too", () =>
    staysUsable("", ["ip", "brk"].map((command) => `escape "send ${command} ayt"\nsee {[Yes]}`).join("\n")))
})
