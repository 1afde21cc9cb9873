/** Variables of the environment that the built program uses, and those that it only warns of. */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { serves, tries } from "../support/Program.ts"

/** A Kubernetes service called partyline-ops, beside variables that are empty or misspelt. */
const env = {
  PARTYLINE_OPS_PORT: "tcp://10.0.0.7:9464",
  PARTYLINE_OPS_PORT_9464_TCP: "tcp://10.0.0.7:9464",
  PARTYLINE_OPS_PORT_9464_TCP_ADDR: "10.0.0.7",
  PARTYLINE_OPS_PORT_9464_TCP_PORT: "9464",
  PARTYLINE_OPS_PORT_9464_TCP_PROTO: "tcp",
  PARTYLINE_OPS_SERVICE_HOST: "10.0.0.7",
  PARTYLINE_OPS_SERVICE_PORT: "9464",
  PARTYLINE_MAX_USERS: "",
  PARTYLINE_MAX_USER: "3"
}
const services = Object.keys(env).filter((name) => name.startsWith("PARTYLINE_OPS"))

const warnings = [
  `set for a service of Kubernetes, and not used: ${services.sort().join(", ")}`,
  "there is no variable PARTYLINE_MAX_USER; did you mean PARTYLINE_MAX_USERS?"
]

describe("variables that other programs set, or that are misspelt", { concurrent: true }, () => {
  it.scopedLive("do not prevent a start, and are one WARN line each kind", () =>
    Effect.gen(function* () {
      const { joins, program } = yield* serves([], { env })
      yield* joins("ann")
      expect(program.stderr).toBe("")
      expect(program.stdout.match(/ WARN .*/g)).toEqual(warnings.map((text) => ` WARN Configuration: ${text}`))
    })
  )

  it.scopedLive("are on standard error if an option is wrong: they may explain it", () =>
    Effect.map(tries([], { env: { PARTYLINE_PORT: "tcp://10.0.0.7:8001" } }), ({ code, stderr, stdout }) => {
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" })
      expect(stderr.split("\n").slice(0, 2)).toEqual([
        "partyline: <port> is missing, and so are PARTYLINE_PORT and --tls-port",
        "partyline: set for a service of Kubernetes, and not used: PARTYLINE_PORT"
      ])
    })
  )

  it.scopedLive("are notes of --check, which exits 0", () =>
    Effect.map(tries(["0", "--host", "127.0.0.1", "--check"], { env }), ({ code, stdout }) => {
      expect(code).toBe(0)
      expect(stdout.match(/^note: .*$/gm)).toEqual(warnings.map((text) => `note: ${text}`))
    })
  )

  it.scopedLive("are not in the file that --print-config prints, but on standard error", () =>
    Effect.map(tries(["--print-config"], { env }), ({ code, stderr, stdout }) => {
      expect(code).toBe(0)
      expect(stderr).toBe(warnings.map((text) => `partyline: ${text}\n`).join(""))
      expect(stdout).toMatch(/^#max-users = 10 +# the default$/m)
      expect(stdout).toMatch(/^#ops-port = "port" +# not set$/m)
    })
  )
})
