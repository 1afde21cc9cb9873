/** An upgrade replaces the program's files while it runs. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { certificates } from "../support/Certificates.ts"
import { dial, itNeeds, runs, starts } from "../support/Program.ts"

const dist = fileURLToPath(new URL("../../dist", import.meta.url))

/** A copy of the built program, in a folder of its own. */
const installed = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "partyline-"))
    cpSync(dist, join(folder, "dist"), { recursive: true })
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }')
    return folder
  }),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

itNeeds("openssl", "curl")("a server that runs serves all that it served after its files are gone", () =>
  Effect.gen(function* () {
    const folder = yield* installed
    const { cert, key } = (yield* certificates).selfSigned("localhost")
    const config = join(folder, "partyline.toml")
    writeFileSync(config, "max-users = 5\n")
    const program = join(folder, "dist/bin.js")
    const options = [
      "--tls-cert",
      cert,
      "--tls-key",
      key,
      "--ops-port",
      "0",
      "--config",
      config,
      "--log-level",
      "debug"
    ]
    const server = yield* starts([process.execPath, program, "0", "--host", "127.0.0.1", ...options])
    const [port = ""] = yield* server.captures(/^Waiting for Incoming Connections on 127\.0\.0\.1:(\d+)$/, 1)
    const [ops = ""] = yield* server.captures(/^Metrics and Status Page on (\S+)$/, 1)
    yield* server.says("Chat Page Loaded")
    rmSync(join(folder, "dist"), { recursive: true })

    for (const url of [`http://localhost:${port}/`, `https://localhost:${port}/`, ops, `${ops}/metrics`]) {
      const get = ["--disable", "--silent", "--insecure", "--noproxy", "*", "--output", "/dev/null"]
      const { stdout } = yield* runs(["curl", ...get, "--write-out", "%{http_code}", url])
      expect([url, stdout]).toEqual([url, "200"])
    }
    writeFileSync(config, "max-users = 6\n")
    yield* server.signals("SIGHUP")
    yield* server.says("Configuration: max-users Is Now 6 (Was 5)")
    yield* server.captures(/^(TLS Certificate Reloaded)/, 1)
    const ann = yield* Effect.orDie(dial(Number(port)))
    yield* ann.types("JOIN ann")
    expect(yield* ann.hears).toBe("JOIN ann Request Accepted")
    yield* server.signals("SIGTERM")
    expect(yield* ann.isLeft).toEqual(["Server Shutting Down. Disconnecting User."])
    expect(yield* server.ended).toMatchObject({ code: 0, stderr: "" })
    expect(server.stdout).not.toMatch(/ ERROR /)
  })
)
