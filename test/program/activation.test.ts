/** Socket activation by systemd. */

import * as Tls from "node:tls"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { certificates } from "../support/Certificates.ts"
import { freePort } from "../support/freePort.ts"
import { asks } from "../support/Operator.ts"
import { calling, dial, itNeeds, partyline } from "../support/Program.ts"

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

describe("passed several sockets", () => {
  const ports = Effect.all([freePort, freePort, freePort])
  const activate = (ports: ReadonlyArray<number>, names: string) => [
    "systemd-socket-activate",
    ...ports.flatMap((port) => ["--listen", `127.0.0.1:${port}`]),
    ...(names === "" ? [] : [`--fdname=${names}`])
  ]

  for (const [words, names, options] of [
    ["with names", "chat:tls:ops", []],
    ["without names, by their ports", "", ["tls", "ops"]]
  ] as const) {
    itNeeds("systemd-socket-activate", "openssl")(`the program serves each in its role, ${words}`, () =>
      Effect.gen(function* () {
        const { cert, key } = (yield* certificates).selfSigned("localhost")
        const all = yield* ports
        const [chat, tls, ops] = all
        const args = [
          ...["--tls-cert", cert, "--tls-key", key],
          ...options.flatMap((role) => [`--${role}-port`, String(role === "tls" ? tls : ops)])
        ]
        const program = yield* partyline(args, { behind: activate(all, names) })
        yield* program.until(() => (program.stderr.includes(`Listening on 127.0.0.1:${ops}`) ? true : undefined))
        expect(yield* asks(ops, "/healthz")).toMatchObject({ status: 200, body: "ok\n" })
        const ann = yield* dial(chat)
        const bob = yield* calling((ready) => Tls.connect({ port: tls, rejectUnauthorized: false }, ready))
        yield* bob.types("JOIN bob")
        expect(yield* bob.hears).toBe("JOIN bob Request Accepted")
        yield* ann.types("JOIN ann\nMESG bob hi")
        expect(yield* bob.hears).toBe("FROM ann: hi")
        expect(program.lines.filter((line) => line.includes(" on ")).sort()).toEqual(
          [
            `Metrics and Status Page on http://127.0.0.1:${ops}`,
            passed,
            `Waiting for Incoming Connections on 127.0.0.1:${chat}`,
            `Waiting for Incoming Connections on 127.0.0.1:${tls} (TLS)`
          ].sort()
        )
        yield* program.signals("SIGTERM")
        expect((yield* program.ended).code).toBe(0)
      })
    )
  }

  itNeeds("systemd-socket-activate")("one for TLS without a certificate is refused in one line", () =>
    Effect.gen(function* () {
      const [port, other] = yield* ports
      const program = yield* partyline([], { behind: activate([port, other], "chat:tls") })
      yield* program.until(() => (program.stderr.includes(`Listening on 127.0.0.1:${other}`) ? true : undefined))
      yield* dial(port)
      const { code, stderr } = yield* program.ended
      expect(code).toBe(1)
      expect(stderr).toContain("partyline: the socket that was passed for TLS needs --tls-cert and --tls-key\n")
    })
  )
})

describe("passed a descriptor that is not a socket", () => {
  for (const role of ["chat", "ops"]) {
    it.scopedLive(`for ${role}, the program prints one line and exits 1`, () =>
      Effect.gen(function* () {
        const claiming = ["bash", "-c", 'export LISTEN_PID=$$; exec "$@" 3</dev/null', "bash"]
        const env = { LISTEN_FDS: "1", LISTEN_FDNAMES: role }
        const { ended } = yield* partyline(["0", "--host", "127.0.0.1"], { behind: claiming, env })
        const { code, stderr, stdout } = yield* ended
        expect(code).toBe(1)
        expect(stdout).toMatch(/^\S+ INFO Starting .*\n\S+ INFO Stopped\n$/)
        expect(stderr).toMatch(/^partyline: cannot serve what was passed as descriptor 3: it is not a TCP socket.*\n$/)
      })
    )
  }
})
