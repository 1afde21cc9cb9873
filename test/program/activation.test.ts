/** Socket activation by systemd. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { dial, itNeeds, partyline, serves } from "../support/Program.ts"

/** A port that another instance has just released. */
const freePort = Effect.gen(function* () {
  const { port, program } = yield* serves()
  yield* program.signals("SIGTERM")
  yield* program.ended
  return port
})

const passed = "Serving on Sockets that were Passed; Port and Host are Theirs"

describe("started by systemd", () => {
  for (const args of [[], ["8001", "--host", "192.0.2.1"]]) {
    const words = args.length === 0 ? "without <port>" : "with <port> and --host, which are ignored"
    itNeeds("systemd-socket-activate")(
      `at the first connection ${words}, the program serves the sockets and logs their addresses`,
      () =>
        Effect.gen(function* () {
          const port = yield* freePort
          const listen = ["systemd-socket-activate", "--listen", `127.0.0.1:${port}`, "--listen", `127.0.0.2:${port}`]
          const program = yield* partyline(args, { behind: listen })
          yield* program.until(() => (program.stderr.includes("Listening on 127.0.0.2") ? true : undefined))
          for (const host of ["127.0.0.1", "127.0.0.2"]) {
            const { hears, types } = yield* dial(port, { host })
            yield* types("JOIN ann\nQUIT")
            expect(yield* hears).toBe("JOIN ann Request Accepted")
            yield* program.says(`Waiting for Incoming Connections on ${host}:${port}`)
          }
          expect(program.lines[1]).toBe(passed)
          yield* program.signals("SIGTERM")
          expect((yield* program.ended).code).toBe(0)
        })
    )
  }
})

describe("passed a descriptor that is not a socket", () => {
  it.scopedLive("the program prints one line and exits 1", () =>
    Effect.gen(function* () {
      const claiming = ["bash", "-c", 'export LISTEN_PID=$$; exec "$@" 3</dev/null', "bash"]
      const { ended } = yield* partyline([], { behind: claiming, env: { LISTEN_FDS: "1" } })
      const { code, stderr, stdout } = yield* ended
      expect(code).toBe(1)
      expect(stdout).toMatch(/^\S+ INFO Starting .*\n\S+ INFO Stopped\n$/)
      expect(stderr).toMatch(/^partyline: cannot serve what was passed as descriptor 3: it is not a TCP socket.*\n$/)
    })
  )
})
