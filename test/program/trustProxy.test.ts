/** The built program behind a proxy, with connections that are reset before the program looks at them. */
import * as Net from "node:net"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { serves } from "../support/Program.ts"

const HEADER = "PROXY TCP4 192.0.2.1 198.51.100.7 40000 8001\r\n"

/** Connects, sends commands, and resets the connection at once. The kernel accepts it, not the program. */
const sendsAndResets = (port: number) =>
  Effect.async<void>((resume) => {
    const socket = Net.connect({ host: "127.0.0.1", port }, () =>
      socket.write("JOIN evil\nBCST hi\n", () => socket.resetAndDestroy())
    )
    socket.on("error", () => {}).on("close", () => resume(Effect.void))
  })

describe("--trust-proxy", () => {
  it.scopedLive("executes nothing of connections that are reset while the program is stopped", () =>
    Effect.gen(function* () {
      const count = 100
      const { connects, program, port } = yield* serves(["--trust-proxy", "127.0.0.1"])
      const ann = yield* connects
      yield* ann.sends(`${HEADER}JOIN ann\nWATCH\n`)
      expect([yield* ann.hears, yield* ann.hears]).toEqual(["JOIN ann Request Accepted", "WATCH Request Accepted"])
      yield* program.signals("SIGSTOP")
      yield* Effect.replicateEffect(sendsAndResets(port), count)
      yield* program.signals("SIGCONT")
      yield* program.captures(/^Client \((\d+)\): Connection Error \(ECONNRESET\)\. Disconnecting User\.$/, count)
      yield* ann.types("PING")
      expect(yield* ann.hears).toBe("PONG")
      expect(program.lines.filter((line) => / JOIN | BCST|Unable to Locate/.test(line))).toHaveLength(1)
      for (const what of ["Connection Accepted", "Connection Handler Assigned"])
        expect(program.lines.filter((line) => line.endsWith(what))).toHaveLength(count + 1)
      expect(program.stderr).toBe("")
    })
  )
})
