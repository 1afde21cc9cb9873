/** Programs in real terminals: tmux runs them, types into them and says what their screens show. */
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

const BIN = fileURLToPath(new URL("../../dist/bin.js", import.meta.url))

const execute = (file: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv): Effect.Effect<string, Error> =>
  Effect.async((resume) => {
    execFile(file, args, { env }, (error, stdout) =>
      resume(error === null ? Effect.succeed(stdout) : Effect.fail(error))
    )
  })

/** A screen says nothing when it changes, so it is looked at again and again. */
const untilTrue = <A>(look: Effect.Effect<A>, isRight: (seen: A) => boolean, what: string): Effect.Effect<A> =>
  look.pipe(
    Effect.filterOrFail(isRight, (seen) => seen),
    Effect.retry(Schedule.spaced("20 millis")),
    Effect.timeoutFail({ duration: "50 seconds", onTimeout: () => what }),
    Effect.catchAll((wanted) =>
      Effect.flatMap(look, (seen) => Effect.dieMessage(`${String(wanted)} did not come. There is: ${String(seen)}`))
    )
  )

/** A tmux server of the test's own, which is ended with the scope. Its programs have their home in an empty folder. */
export const tmux = Effect.gen(function* () {
  const home = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )
  const env = { PATH: process.env["PATH"], HOME: home, LANG: "C.UTF-8", SHELL: "/bin/sh", TERM: "xterm-256color" }
  const call = (...args: ReadonlyArray<string>) =>
    Effect.orDie(execute("tmux", ["-S", join(home, "tmux"), "-f", "/dev/null", "-u", ...args], env))
  yield* Effect.addFinalizer(() => Effect.ignore(execute("tmux", ["-S", join(home, "tmux"), "kill-server"], env)))

  let windows = 0
  /** Runs a command of the shell in a terminal of this size. */
  const opens = (command: string, { columns = 80, rows = 24 } = {}) =>
    Effect.gen(function* () {
      const name = `=window${++windows}:`
      yield* call("new-session", "-d", "-s", `window${windows}`, "-x", `${columns}`, "-y", `${rows}`, command)
      yield* call("set-option", "-t", name, "remain-on-exit", "on")
      const lines = Effect.map(call("capture-pane", "-p", "-t", name), (text) => text.replace(/\n+$/, "").split("\n"))
      const all = Effect.map(call("capture-pane", "-p", "-S", "-", "-t", name), (text) =>
        text.replace(/\n+$/, "").split("\n")
      )
      const ask = (format: string) =>
        Effect.map(call("display-message", "-p", "-t", name, format), (text) => text.trim())
      return {
        /** The rows on the screen, without empty ones at its end. */
        lines,
        /** The same with what has scrolled off. */
        all,
        /** The screen with its colours as escape sequences. */
        coloured: call("capture-pane", "-p", "-e", "-t", name),
        types: (text: string) => call("send-keys", "-l", "-t", name, "--", text),
        enters: (text: string) =>
          Effect.zipRight(call("send-keys", "-l", "-t", name, "--", text), call("send-keys", "-t", name, "Enter")),
        presses: (...keys: ReadonlyArray<string>) => call("send-keys", "-t", name, ...keys),
        pastes: (text: string) =>
          Effect.zipRight(
            call("set-buffer", "-b", name, "--", text),
            call("paste-buffer", "-p", "-b", name, "-t", name)
          ),
        resizes: (columns: number, rows = 24) => call("resize-window", "-t", name, "-x", `${columns}`, "-y", `${rows}`),
        /** Waits for a row with the text. */
        shows: (text: string) =>
          untilTrue(lines, (seen) => seen.some((row) => row.includes(text)), `a row with ${JSON.stringify(text)}`),
        /** Waits until the last row is this one. */
        showsLast: (text: string) =>
          untilTrue(lines, (seen) => seen.at(-1) === text, `the row ${JSON.stringify(text)}`),
        ask,
        cursor: Effect.map(ask("#{cursor_x}"), Number),
        /** The process that the shell of the terminal waits for. */
        child: Effect.map(ask("#{pane_pid}"), (pid) =>
          Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0])
        )
      }
    })

  const command = (args: string) => `${process.execPath} ${BIN} chat ${args}`
  /** Chats in a terminal. When the program has ended, the terminal shows its exit code and its own settings. */
  const chats = (args: string, size?: { readonly columns?: number; readonly rows?: number }, variables = "") =>
    opens(`${variables} ${command(args)}; echo "ended with $?"; stty -a; cat`, size)

  return { home, command, opens, chats }
})
