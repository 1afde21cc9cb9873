/** The files of deploy/, as far as they can be tested without a service manager or a Docker engine. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { certificates } from "./support/Certificates.ts"
import { itNeeds, runs, serves, tries } from "./support/Program.ts"

const file = (name: string) => fileURLToPath(new URL(`../deploy/${name}`, import.meta.url))
const read = (name: string) => readFileSync(file(name), "utf8")

const unitNames = ["partyline.service", "partyline.socket", "partyline-tls.socket"]

/** A copy of the units whose executable exists, so that systemd-analyze accepts the path. */
const units = Effect.acquireRelease(
  Effect.sync(() => {
    const folder = mkdtempSync(join(tmpdir(), "partyline-units-"))
    for (const name of unitNames) {
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
      const files = unitNames.map((name) => join(folder, name))
      expect(yield* runs(["systemd-analyze", "verify", ...files])).toMatchObject({ code: 0, stdout: "", stderr: "" })
    })
  )

  it.scopedLive("serve the port of the file that deploy/README.md makes, which --check and --probe know too", () =>
    Effect.gen(function* () {
      const path = join(yield* units, "partyline.toml")
      const [, made = ""] = /^ {4}partyline (.+) > \/etc\/partyline\.toml$/m.exec(read("README.md")) ?? []
      writeFileSync(path, (yield* tries(made.split(" "))).stdout)
      const [, started = ""] = /^ExecStart=\S+ (.+)$/m.exec(read("partyline.service")) ?? []
      const options = started.replace("/etc/partyline.toml", path).split(" ")
      expect(options).toEqual(["--config", path])
      expect((yield* tries([...options, "--print-config"])).stdout).toMatch(/^port = 8001 +# from /m)
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

/** Numbers without a name, like those that systemd gives to dynamic users. */
const [USER, GROUP] = [61_184, 61_185]

/** A folder in which the hook finds a certificate, and a systemctl that records how it is called. */
const renewal = Effect.gen(function* () {
  const { replace, selfSigned } = yield* certificates
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-hook-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  )
  chmodSync(folder, 0o755)
  const lineage = join(folder, "live")
  const installed = join(folder, "etc")
  const calls = join(folder, "calls")
  mkdirSync(lineage)
  const hook = read("certbot-deploy-hook")
    .replace("/etc/letsencrypt/live/chat.example.org", lineage)
    .replace("/etc/partyline", installed)
    .replace("group=partyline", `group=${GROUP}`)
  writeFileSync(join(folder, "hook"), hook, { mode: 0o755 })
  writeFileSync(join(folder, "systemctl"), `#!/bin/sh\necho "$@" >> ${calls}\n`, { mode: 0o755 })
  const files = { cert: join(lineage, "fullchain.pem"), key: join(lineage, "privkey.pem") }
  return {
    renews: (name: string) => replace(files, selfSigned(name)),
    runsHook: (env: { readonly [name: string]: string } = {}) =>
      runs([join(folder, "hook")], { PATH: `${folder}:${process.env["PATH"]}`, ...env }),
    calls: () => (existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : []),
    lineage,
    installed: (name: string) => join(installed, name)
  }
})

const asRoot =
  process.getuid?.() === 0
    ? itNeeds("openssl", "setpriv")
    : (name: string, _: unknown) => it.skip(`${name} (needs: root)`)

describe("the hook of certbot", () => {
  asRoot("gives the service a key that only root and a group can read, and reloads the service", () =>
    Effect.gen(function* () {
      const { calls, installed, lineage, renews, runsHook } = yield* renewal
      renews("one")
      expect(yield* runsHook({ RENEWED_LINEAGE: lineage })).toMatchObject({ code: 0, stdout: "", stderr: "" })
      for (const name of ["fullchain.pem", "privkey.pem"]) {
        const { gid, mode, uid } = statSync(installed(name))
        expect([name, mode & 0o777, uid, gid]).toEqual([name, 0o640, 0, GROUP])
        expect(existsSync(installed(`${name}.new`))).toBe(false)
      }
      expect(calls()).toEqual(["--quiet is-active partyline.service", "reload partyline.service"])
    })
  )

  asRoot("leaves the key alone when another certificate of the machine was renewed", () =>
    Effect.gen(function* () {
      const { calls, installed, renews, runsHook } = yield* renewal
      renews("one")
      expect(yield* runsHook({ RENEWED_LINEAGE: "/etc/letsencrypt/live/other.example" })).toMatchObject({ code: 0 })
      expect(existsSync(installed("privkey.pem"))).toBe(false)
      expect(calls()).toEqual([])
    })
  )

  asRoot("serves a program of another user, which can read the renewed key at SIGHUP, and a stranger cannot", () =>
    Effect.gen(function* () {
      const { installed, renews, runsHook } = yield* renewal
      renews("one")
      yield* runsHook()
      const tls = ["--tls-port", "0", "--tls-cert", installed("fullchain.pem"), "--tls-key", installed("privkey.pem")]
      const as = (...groups: ReadonlyArray<string>) => ["setpriv", `--reuid=${USER}`, `--regid=${USER}`, ...groups]
      const { program } = yield* serves(tls, { behind: as(`--groups=${GROUP}`) })
      renews("two")
      yield* runsHook()
      yield* program.signals("SIGHUP")
      yield* program.captures(/^TLS Certificate Reloaded: (CN=two)/, 1)
      const stranger = yield* tries(["0", "--host", "127.0.0.1", ...tls], { behind: as("--clear-groups") })
      expect(stranger).toMatchObject({ code: 1 })
      expect(stranger.stderr).toContain("it cannot be read (EACCES)")
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
  it("has compose files that mount only existing files", () => {
    const compose = read("compose.yaml") + read("compose.cluster.yaml")
    const files = [...compose.matchAll(/^ +- (\.\S*?):\S+:ro$/gm)].map(([, path = ""]) => path)
    expect(files.length).toBe(5)
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
