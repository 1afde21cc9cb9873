/** The files of deploy/, as far as they can be tested without a service manager or a Docker engine. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { itNeeds, runs, serves, tries } from "./support/Program.ts"

const file = (name: string) => fileURLToPath(new URL(`../deploy/${name}`, import.meta.url))
const read = (name: string) => readFileSync(file(name), "utf8")

/** A copy of the units whose executable exists, so that systemd-analyze accepts the path. */
const units = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "partyline-units-"))
    for (const name of ["partyline.service", "partyline.socket"]) {
      const unit = read(name)
        .replace("/usr/local/bin/partyline", process.execPath)
        .replace(/^Documentation=.*$/m, "")
      writeFileSync(join(folder, name), unit)
    }
    return folder
  }),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

describe("the systemd units", () => {
  itNeeds("systemd-analyze")("pass systemd-analyze verify", () =>
    Effect.gen(function* () {
      const folder = yield* units
      const files = ["partyline.service", "partyline.socket"].map((name) => join(folder, name))
      expect(yield* runs(["systemd-analyze", "verify", ...files])).toMatchObject({ code: 0, stdout: "", stderr: "" })
    })
  )

  itNeeds("systemd-analyze")("sandbox the service to an exposure of 1.3 of 10", () =>
    Effect.gen(function* () {
      const unit = join(yield* units, "partyline.service")
      const { code, stdout } = yield* runs(["systemd-analyze", "security", "--offline=true", "--threshold=15", unit])
      expect(stdout).toMatch(/Overall exposure level for partyline\.service: 1\.[0-3] OK/)
      expect(code).toBe(0)
    })
  )
})

describe("the manual page", () => {
  itNeeds("mandoc")("passes mandoc -T lint", () =>
    Effect.map(runs(["mandoc", "-T", "lint", "-W", "warning", file("partyline.1")]), (end) =>
      expect(end).toMatchObject({ code: 0, stdout: "", stderr: "" })
    )
  )
})

describe("the Docker image", () => {
  it("has a compose file that mounts only existing files", () => {
    const files = [...read("compose.yaml").matchAll(/^ +- (\.\S*?):\S+:ro$/gm)].map(([, path = ""]) => path)
    expect(files.length).toBe(4)
    for (const path of files) expect(existsSync(file(path)), path).toBe(true)
  })

  it.scopedLive("has a health check that knows what the server knows from variables and the file", () =>
    Effect.gen(function* () {
      const dockerfile = read("Dockerfile")
      const command = (name: string): ReadonlyArray<string> =>
        JSON.parse(new RegExp(`^${name} .*?(\\[.*\\])$`, "m").exec(dockerfile)?.[1] ?? "[]")
      const [program, ...probe] = command("HEALTHCHECK").slice(1)
      expect([program, ...probe]).toEqual([...command("ENTRYPOINT").slice(1), "--probe"])
      const { port, program: server } = yield* serves()
      const env = { PARTYLINE_PORT: String(port) }
      expect((yield* tries(probe, { env })).code).toBe(0)
      yield* server.signals("SIGTERM")
      yield* server.ended
      expect((yield* tries(probe, { env })).code).toBe(1)
    })
  )

  it.scopedLive("has options that --print-config accepts", () =>
    Effect.gen(function* () {
      const [, text = ""] = /^RUN printf '(.*)' > \/etc\/partyline\.toml$/m.exec(read("Dockerfile")) ?? []
      const folder = yield* units
      const path = join(folder, "partyline.toml")
      writeFileSync(path, text.replaceAll("\\n", "\n"))
      const { stdout } = yield* tries(["--config", path, "--print-config"])
      expect(stdout).toMatch(/^port = 8001 +# from /m)
    })
  )
})
