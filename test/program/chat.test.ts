/** The terminal client in real terminals, as people use it. */
import { readFileSync, statSync } from "node:fs"
import * as Net from "node:net"
import { join } from "node:path"
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { certificates } from "../support/Certificates.ts"
import { freePort } from "../support/freePort.ts"
import { itNeeds, partyline, runs, serves } from "../support/Program.ts"
import { tmux } from "../support/Tmux.ts"

const test = itNeeds("tmux")

/** Rows without their times, which differ from run to run. */
const untimed = (rows: ReadonlyArray<string>) => rows.map((row) => row.replace(/^\d\d:\d\d /, "HH:MM "))

/** Settings that a program in raw mode changes. */
const usual = ["icanon", "echo", "isig", "iexten", "icrnl", "ixon", "opost"]

/** The words that `stty -a` has printed. */
const settings = (rows: ReadonlyArray<string>) => rows.join(" ").split(/[ ;]+/)

/** A network between client and server. `cut` breaks the clients' connections, and tells the server nothing. */
const proxy = (to: number) =>
  Effect.gen(function* () {
    const clients = new Set<Net.Socket>()
    const servers = new Set<Net.Socket>()
    const listener = yield* Effect.acquireRelease(
      Effect.async<Net.Server>((resume) => {
        const listener = Net.createServer((client) => {
          const server = Net.connect(to, "127.0.0.1")
          clients.add(client.on("data", (bytes) => server.write(bytes)).on("error", () => {}))
          servers.add(server.on("data", (bytes) => client.write(bytes)).on("error", () => {}))
        }).listen(0, "127.0.0.1", () => resume(Effect.succeed(listener)))
      }),
      (listener) =>
        Effect.sync(() => {
          for (const socket of [...clients, ...servers]) socket.destroy()
          listener.close()
        })
    )
    const address = listener.address()
    const cut = Effect.sync(() => {
      for (const client of clients) client.resetAndDestroy()
    })
    return { port: typeof address === "object" && address !== null ? address.port : 0, cut }
  })

describe("partyline chat", () => {
  itNeeds("tmux", "telnet")("two of them and a telnet talk, in 80 and in 40 columns", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      const { chats, opens } = yield* tmux
      const ann = yield* chats(`ann@127.0.0.1:${port}`)
      yield* ann.shows("Nobody else is here.")
      const bob = yield* chats(`bob@127.0.0.1:${port}`, { columns: 40 })
      yield* bob.shows("Here with you: ann")
      yield* ann.shows("+ bob is here")
      const amy = yield* opens(`telnet 127.0.0.1 ${port}`)
      yield* amy.shows("Escape character")
      yield* amy.enters("JOIN amy")
      yield* ann.shows("+ amy is here")
      yield* bob.shows("+ amy is here")

      yield* ann.enters("hello everybody, this line is longer than forty columns")
      yield* amy.shows("FROM ann: hello everybody, this line is longer than forty columns")
      // Tab completes the command and the name.
      yield* bob.types("/m\tan\tpsst\r")
      yield* ann.shows("* bob (private): psst")
      yield* bob.shows("> bob to ann (private): psst")
      yield* amy.enters("BCST good night, Bob")
      yield* bob.shows("amy: good night, Bob")
      yield* amy.enters("QUIT")
      yield* bob.shows("- amy has left")
      yield* ann.shows("- amy has left")

      expect(untimed(yield* ann.lines)).toEqual([
        "HH:MM = You are ann. What you type goes to everybody; /help shows more.",
        "HH:MM = Nobody else is here.",
        "HH:MM + bob is here",
        "HH:MM + amy is here",
        "HH:MM > ann: hello everybody, this line is longer than forty columns",
        "HH:MM * bob (private): psst",
        "HH:MM   amy: good night, Bob",
        "HH:MM - amy has left",
        "ann>"
      ])
      expect(untimed(yield* bob.lines)).toEqual([
        "HH:MM = You are bob. What you type goes",
        "        to everybody; /help shows more.",
        "HH:MM = Here with you: ann",
        "HH:MM + amy is here",
        "HH:MM   ann: hello everybody, this line",
        "        is longer than forty columns",
        "HH:MM > bob to ann (private): psst",
        "HH:MM   amy: good night, Bob",
        "HH:MM - amy has left",
        "bob>"
      ])
    })
  )

  test("lines that come do not break the line being typed, nor does another width", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const bob = yield* joins("bob")
      const { chats } = yield* tmux
      const ann = yield* chats(`ann@127.0.0.1:${port}`)
      yield* ann.shows("Here with you: bob")
      yield* ann.types("a line of sixty columns that is still being typed right now")
      yield* ann.showsLast("ann> a line of sixty columns that is still being typed right now")
      yield* ann.presses("Left", "Left", "Left")
      for (let n = 0; n < 50; n++) yield* bob.types(`BCST line ${n}`)
      yield* ann.shows("bob: line 49")
      yield* ann.showsLast("ann> a line of sixty columns that is still being typed right now")
      expect(yield* ann.cursor).toBe(61)
      yield* ann.resizes(40)
      yield* ann.showsLast("ann> <at is still being typed right now")
      yield* ann.types("!")
      yield* ann.showsLast("ann> <t is still being typed right !now")
      yield* ann.resizes(80)
      yield* ann.showsLast("ann> a line of sixty columns that is still being typed right !now")
      yield* ann.presses("Enter")
      yield* ann.shows("> ann: a line of sixty")
      // No part of an old input row is left between the messages.
      const rows = untimed(yield* ann.all)
      expect(rows.filter((row) => row.startsWith("ann>"))).toEqual(["ann>"])
      expect(rows.filter((row) => /bob: line \d+$/.test(row))).toHaveLength(50)
    }))

  describe("leaves the terminal as it was after", () => {
    for (const [signal, code] of [
      ["SIGTERM", 143],
      ["SIGHUP", 129],
      ["SIGQUIT", 131],
      ["SIGINT", 130]
    ] as const) {
      test(signal, () =>
        Effect.gen(function* () {
          const { port, program } = yield* serves()
          const { chats } = yield* tmux
          const ann = yield* chats(`ann@127.0.0.1:${port}`)
          yield* ann.shows("Nobody else is here.")
          yield* ann.types("half a line")
          yield* ann.showsLast("ann> half a line")
          const pid = yield* ann.child
          yield* Effect.sync(() => process.kill(pid, signal))
          const rows = yield* ann.shows(`ended with ${code}`)
          yield* ann.shows("icanon")
          expect(settings(yield* ann.lines)).toEqual(expect.arrayContaining(usual))
          expect(rows).not.toContain("half a line")
          expect(yield* ann.ask("#{wrap_flag}")).toBe("1")
          yield* program.captures(/^(Client \(\d+\): QUIT)$/, 1)
        })
      )
    }
  })

  test("Ctrl-Z stops it, and fg brings the line back", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      const { opens, command } = yield* tmux
      const shell = yield* opens("PS1='shell: ' exec sh -i")
      yield* shell.enters(command(`ann@127.0.0.1:${port}`))
      yield* shell.shows("Nobody else is here.")
      yield* shell.types("half a line")
      yield* shell.showsLast("ann> half a line")
      yield* shell.presses("C-z")
      yield* shell.showsLast("shell:")
      yield* shell.enters("stty -a")
      yield* shell.shows("icanon")
      expect(settings(yield* shell.lines)).toEqual(expect.arrayContaining(usual))
      yield* shell.resizes(60)
      yield* shell.enters("fg")
      yield* shell.showsLast("ann> half a line")
      yield* shell.types(", whole")
      yield* shell.showsLast("ann> half a line, whole")
      yield* shell.presses("C-c", "C-c")
      yield* shell.showsLast("shell:")
      yield* shell.enters("echo left with $?")
      yield* shell.shows("left with 130")
    }))

  test("a server that comes back finds it again, and what was on its way is not confirmed", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves([], { port: yield* freePort })
      const { chats } = yield* tmux
      const ann = yield* chats(`ann@127.0.0.1:${port}`)
      yield* ann.shows("Nobody else is here.")
      yield* program.signals("SIGSTOP")
      yield* ann.enters("are you there?")
      yield* ann.showsLast("(sending: are you there?) ann>")
      yield* program.signals("SIGKILL")
      yield* ann.shows("! Not confirmed: ann: are you there?")
      yield* ann.shows("Trying again.")
      yield* serves([], { port })
      yield* ann.shows("= Connected again as ann.")
      yield* ann.enters("hello again")
      yield* ann.shows("> ann: hello again")
    }))

  test("takes its place back when the server has not noticed that the connection is lost", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves()
      const { cut, port: between } = yield* proxy(port)
      const { chats } = yield* tmux
      const ann = yield* chats(`ann@127.0.0.1:${between}`)
      yield* ann.shows("Nobody else is here.")
      yield* program.captures(/^(Client \(\d+\): KEY)$/, 1)
      yield* cut
      yield* ann.shows("= Connected again. You are still ann")
      yield* program.captures(/^(Client \(\d+\): RECLAIM ann)$/, 1)
      yield* ann.enters("hello again")
      yield* ann.shows("> ann: hello again")
    }))

  test("does not fight another program that takes its name over with the key", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      const { chats } = yield* tmux
      const ann = yield* chats(`ann@127.0.0.1:${port}`)
      yield* ann.shows("Nobody else is here.")
      // Two programs with one key would throw each other out for ever: the first gives way.
      yield* ann.enters("/raw KEY")
      const rows = yield* ann.shows("= KEY ")
      const key = /KEY ([0-9a-f]{32})/.exec(rows.join("\n"))?.[1] ?? ""
      const thief = yield* runs(["sh", "-c", `printf 'RECLAIM ann ${key}\\nQUIT\\n' | nc -N 127.0.0.1 ${port}`])
      expect(thief.stdout).toContain("RECLAIM ann Request Accepted")
      yield* ann.shows("! Another program has taken over this name with its key")
      yield* ann.shows("ended with 1")
    }))

  test("a paste of several lines asks first", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const bob = yield* joins("bob")
      const { chats } = yield* tmux
      const ann = yield* chats(`ann@127.0.0.1:${port}`)
      yield* ann.shows("Here with you: bob")
      yield* ann.pastes("one\n/quit\nthree\n")
      yield* ann.showsLast("3 lines to everybody: Enter sends them, Esc drops them")
      yield* ann.presses("Escape")
      yield* ann.showsLast("ann>")
      yield* ann.pastes("one\n/quit\nthree\n")
      yield* ann.showsLast("3 lines to everybody: Enter sends them, Esc drops them")
      yield* ann.presses("Enter")
      expect([yield* bob.hears, yield* bob.hears, yield* bob.hears]).toEqual([
        "FROM ann: one",
        "FROM ann: /quit",
        "FROM ann: three"
      ])
    }))

  test("wide characters, flags and right-to-left text stay where they were typed", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const bob = yield* joins("bob")
      const { chats } = yield* tmux
      const ann = yield* chats(`ann@127.0.0.1:${port}`, { columns: 40 })
      yield* ann.shows("Here with you: bob")
      const text =
        "\u672c\u8a9e \u{1f468}\u200d\u{1f469}\u200d\u{1f467} \u{1f1e9}\u{1f1ea} e\u0301 \u0633\u0644\u0627\u0645"
      yield* ann.types(text)
      yield* ann.presses("BSpace", "Enter")
      expect(yield* bob.hears).toBe(`FROM ann: ${text.slice(0, -1)}`)
      yield* bob.types(`BCST ${"\u672c".repeat(40)}`)
      yield* ann.shows(`bob: ${"\u672c".repeat(13)}`)
      yield* ann.showsLast("ann>")
    }))

  test("asks for a name, and for another if that one is taken", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      yield* joins("bob")
      const { chats } = yield* tmux
      const ann = yield* chats(`127.0.0.1:${port}`)
      yield* ann.showsLast("Your name:")
      yield* ann.enters("bob")
      yield* ann.shows("! Somebody here has this name already.")
      yield* ann.showsLast("Your name:")
      yield* ann.enters("ann")
      yield* ann.shows("Here with you: bob")
      yield* ann.presses("C-d")
      yield* ann.shows("ended with 0")
    }))

  test("keeps commands for the next run, and no message", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const bob = yield* joins("bob")
      const { chats, home } = yield* tmux
      const ann = yield* chats(`ann@127.0.0.1:${port}`)
      yield* ann.shows("Here with you: bob")
      for (const line of ["secret", "/msg bob secret", "/raw MESG bob secret", "/mgs bob secret", "/list"]) {
        yield* ann.enters(line)
      }
      expect([yield* bob.hears, yield* bob.hears, yield* bob.hears]).toHaveLength(3)
      yield* ann.enters("/quit")
      yield* ann.shows("ended with 0")
      const file = join(home, ".local", "state", "partyline", "history")
      expect(readFileSync(file, "utf8")).toBe("/list\n/quit\n")
      expect(statSync(file).mode & 0o777).toBe(0o600)
      const again = yield* chats(`ann@127.0.0.1:${port}`)
      yield* again.shows("Here with you: bob")
      yield* again.presses("Up", "Up")
      yield* again.showsLast("ann> /list")
    }))

  test("has colours, and none with NO_COLOR", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      const { chats } = yield* tmux
      const ann = yield* chats(`ann@127.0.0.1:${port}`)
      yield* ann.shows("Nobody else is here.")
      const bob = yield* chats(`bob@127.0.0.1:${port}`, {}, "NO_COLOR=1")
      yield* bob.shows("Here with you: ann")
      expect(yield* ann.coloured).toMatch(/\u001b\[[\d;]*m/)
      expect(yield* bob.coloured).not.toContain("\u001b")
    }))
})

describe("partyline chat without a terminal of its own", () => {
  const chat = (script: string, port: number) =>
    runs(["sh", "-c", script.replace("CHAT", `${process.execPath} dist/bin.js chat`).replace("PORT", `${port}`)])

  test("in a pipe sends each line, and prints lines without escape sequences", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const bob = yield* joins("bob")
      const end = yield* chat("printf 'hello\\n/msg zoe hi\\nno end' | CHAT ann@127.0.0.1:PORT", port)
      expect(untimed(end.stdout.trimEnd().split("\n"))).toEqual([
        "HH:MM = You are ann. What you type goes to everybody; /help shows more.",
        "HH:MM = Here with you: bob",
        "HH:MM > ann: hello",
        "HH:MM ! Not sent, nobody here is called zoe: hi",
        "HH:MM > ann: no end"
      ])
      expect(end).toMatchObject({ code: 0, stderr: "" })
      expect([yield* bob.hears, yield* bob.hears]).toEqual(["FROM ann: hello", "FROM ann: no end"])
    }))

  test("in a dumb terminal prints lines", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      const { chats } = yield* tmux
      const ann = yield* chats(`127.0.0.1:${port}`, {}, "TERM=dumb")
      yield* ann.shows("Type a name for yourself")
      yield* ann.enters("ann")
      yield* ann.shows("Nobody else is here.")
      yield* ann.enters("hello")
      yield* ann.shows("> ann: hello")
      yield* ann.presses("C-d")
      yield* ann.shows("ended with 0")
    }))

  test("ends in silence when nobody reads it, and says why a file is not written", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const bob = yield* joins("bob")
      // A write shows that head has ended, as soon as it has.
      const more = Effect.delay(bob.types("BCST more"), "20 millis")
      const piped = chat("{ CHAT ann@127.0.0.1:PORT; echo $? >&2; } | head -1", port)
      const closed = yield* Effect.raceFirst(piped, Effect.forever(more))
      expect(closed.stderr).toBe("0\n")
      const full = yield* chat("CHAT ann@127.0.0.1:PORT > /dev/full; echo $?", port)
      expect(full.stdout).toBe("1\n")
      expect(full.stderr).toBe("partyline: standard output cannot be written: there is no space left (ENOSPC)\n")
    }))

  test("says what is wrong", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves()
      yield* program.signals("SIGTERM")
      yield* program.ended
      const refused = yield* chat("CHAT ann@127.0.0.1:PORT", port)
      expect(refused).toMatchObject({ code: 2, stderr: "" })
      expect(refused.stdout).toContain(`! Cannot connect to 127.0.0.1:${port}: nothing listens there (ECONNREFUSED).`)
      const nameless = yield* chat("CHAT 127.0.0.1:PORT", port)
      expect(nameless).toMatchObject({ code: 1, stdout: "" })
      expect(nameless.stderr).toContain("partyline: a name is missing")
      expect(nameless.stderr).toContain("usage: partyline chat")
      const two = yield* chat("CHAT ann@127.0.0.1 8001", port)
      expect(two.stderr).toContain('there can be one host, and not also "8001"')
    }))
})

describe("partyline chat --tls", () => {
  const testTls = itNeeds("tmux", "openssl")
  const servesTls = (cert: string, key: string) =>
    Effect.gen(function* () {
      const program = yield* partyline(["--host", "127.0.0.1", "--tls-port", "0", "--tls-cert", cert, "--tls-key", key])
      const [port = ""] = yield* program.captures(/^Waiting for Incoming Connections on \S+:(\d+)/, 1)
      return port
    })

  testTls("verifies the server, with --ca against that authority alone", () =>
    Effect.gen(function* () {
      const { expired, selfSigned } = yield* certificates
      const own = selfSigned("localhost")
      const port = yield* servesTls(own.cert, own.key)
      const { chats } = yield* tmux
      const unknown = yield* chats(`--tls ann@localhost:${port}`)
      yield* unknown.shows("ended with 2")
      expect((yield* unknown.lines).join(" ")).toMatch(/Cannot connect to localhost:\d+: .*certificate/)
      const trusted = yield* chats(`--tls --ca ${own.cert} ann@localhost:${port}`)
      yield* trusted.shows("Nobody else is here.")
      const other = yield* chats(`--tls --ca ${own.cert} bob@127.0.0.1:${port}`)
      yield* other.shows("ended with 2")
      const old = expired("old")
      const late = yield* chats(`--tls --ca ${old.cert} bob@localhost:${yield* servesTls(old.cert, old.key)}`)
      yield* late.shows("ended with 2")
    })
  )

  testTls("with --insecure says loudly that it does not", () =>
    Effect.gen(function* () {
      const own = (yield* certificates).selfSigned("elsewhere")
      const port = yield* servesTls(own.cert, own.key)
      const { chats } = yield* tmux
      const ann = yield* chats(`--tls --insecure ann@localhost:${port}`)
      yield* ann.shows("! INSECURE: the server's certificate is not checked.")
      yield* ann.shows("Nobody else is here.")
    })
  )
})
