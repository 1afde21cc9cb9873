/** The published package: packed, installed and used without the source. */
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import manifest from "../../package.json" with { type: "json" }
import { type Caller, dial, runs, serves, starts } from "../support/Program.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const bin = (name: string) => join(root, "node_modules/.bin", name)
const quiet = ["--silent", "--offline", "--no-audit", "--no-fund"]

/** Patterns of the files that may be published. */
const published = [
  /^package\.json$/,
  /^(README|CHANGELOG)\.md$|^LICENSE$/,
  /^dist\/(bin|index)\.js$|^dist\/clients\/[\w-]+\.js$|^dist\/chunks\/[\w-]+\.js$|^dist\/chunks\/page\/page\.(css|html|js)$/,
  /^dist\/types\/.+\.d\.ts$/,
  /^dist\/THIRD-PARTY\.txt$/,
  /^deploy\/partyline\.1$|^deploy\/completions\/\S+$/
]

describe("the package", () => {
  let folder = ""
  let tarball = ""
  let paths: ReadonlyArray<string> = []

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "partyline-"))
    execFileSync(bin("tsc"), ["-p", "tsconfig.build.json"], { cwd: root })
    const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder]
    const [packed] = JSON.parse(execFileSync("npm", pack, { cwd: root, encoding: "utf8", stdio: "pipe" }))
    tarball = join(folder, packed.filename)
    paths = packed.files.map(({ path }: { readonly path: string }) => path)
  }, 120_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it("contains the program, its documentation and nothing else", () => {
    expect(paths.filter((path) => !published.some((kind) => kind.test(path)))).toEqual([])
    expect(paths).toEqual(expect.arrayContaining(["LICENSE", "README.md", "CHANGELOG.md", "dist/bin.js"]))
    expect(paths).toEqual(expect.arrayContaining(["dist/index.js", "dist/types/index.d.ts"]))
  })

  it.scopedLive("passes publint", () =>
    Effect.map(runs([bin("publint"), "run", tarball, "--strict"]), ({ code, stdout }) => {
      expect(stdout).toContain("All good!")
      expect(code).toBe(0)
    })
  )

  it.scopedLive("runs without other packages: it prints its version and serves", () =>
    Effect.gen(function* () {
      const prefix = join(folder, "prefix")
      const installed = yield* runs(["npm", "install", "--global", "--prefix", prefix, ...quiet, tarball])
      expect(installed).toMatchObject({ code: 0, stderr: "" })
      const program = join(prefix, "bin/partyline")
      expect(yield* runs([program, "--version"])).toMatchObject({ code: 0, stdout: `${manifest.version}\n` })
      expect(existsSync(join(prefix, "share/man/man1/partyline.1"))).toBe(true)

      const server = yield* starts([program, "0", "--host", "127.0.0.1"])
      const [port = ""] = yield* server.captures(/^Waiting for Incoming Connections on 127\.0\.0\.1:(\d+)$/, 1)
      const { hears, isLeft, types } = yield* dial(Number(port))
      yield* types("JOIN ann\nPING\nQUIT")
      expect([yield* hears, yield* hears]).toEqual(["JOIN ann Request Accepted", "PONG"])
      expect(yield* isLeft).toEqual([])
      yield* server.signals("SIGTERM")
      expect((yield* server.ended).code).toBe(0)
    })
  )

  it("lists the licences of the bundled packages", () => {
    const names = readFileSync(join(root, "dist/THIRD-PARTY.txt"), "utf8").match(/^\S+ [\d.]+ \(.+\)$/gm)
    expect(names).toContain(`effect ${manifest.devDependencies.effect} (MIT)`)
  })

  describe("in another program", () => {
    let host = ""
    /** A folder with the examples and their dependencies only. */
    beforeAll(() => {
      host = join(folder, "host")
      mkdirSync(join(host, "node_modules/@effect"), { recursive: true })
      writeFileSync(join(host, "package.json"), "{}")
      for (const example of ["embedded.mjs", "bot.mjs"]) {
        writeFileSync(join(host, example), readFileSync(join(root, "examples", example)))
      }
      execFileSync("npm", ["install", "--prefix", host, "--legacy-peer-deps", ...quiet, tarball])
      for (const name of ["effect", "@effect/platform-node", "@types"]) {
        symlinkSync(join(root, "node_modules", name), join(host, "node_modules", name))
      }
    }, 60_000)

    it.scopedLive(
      "type-checks, with the types of the package",
      () =>
        Effect.gen(function* () {
          const options = { module: "nodenext", target: "es2022", strict: true, checkJs: true, noEmit: true }
          const files = ["embedded.mjs", "bot.mjs", "node_modules/partyline/dist/types/index.d.ts"]
          const compilerOptions = { ...options, exactOptionalPropertyTypes: true }
          writeFileSync(join(host, "tsconfig.json"), JSON.stringify({ compilerOptions, files }))
          expect(yield* runs([bin("tsc"), "-p", host])).toMatchObject({ code: 0, stdout: "" })
        }),
      60_000
    )

    it.scopedLive("is a bot, which answers and comes back after a restart of the server", () =>
      Effect.gen(function* () {
        const { joins, port, program: server } = yield* serves()
        const bot = yield* starts([process.execPath, join(host, "bot.mjs"), "127.0.0.1", String(port)])
        yield* bot.says("The bot is in the room")
        const isWelcomed = (ann: Caller) =>
          Effect.gen(function* () {
            expect(yield* ann.hears).toBe("FROM bot: Welcome, ann!")
            yield* ann.types("BCST !who")
            expect(yield* ann.hears).toBe("FROM bot: Here are: bot, ann")
          })
        yield* server.captures(/: (LIST)$/, 1)
        yield* isWelcomed(yield* joins("ann"))
        yield* server.signals("SIGTERM")
        yield* server.ended
        const again = yield* serves([], { port })
        yield* again.program.captures(/: (LIST)$/, 1)
        yield* isWelcomed(yield* again.joins("ann"))
        yield* bot.signals("SIGTERM")
        expect((yield* bot.ended).code).toBe(0)
      })
    )

    it.scopedLive("serves, passes events to that program, and lets it send to the room", () =>
      Effect.gen(function* () {
        const program = yield* starts([process.execPath, join(host, "embedded.mjs"), "0", "0.05"])
        const [port = ""] = yield* program.captures(/^A relay with a clock, on port (\d+)$/, 1)
        const { hears, types } = yield* dial(Number(port))
        yield* types("JOIN ann")
        expect(yield* hears).toBe("JOIN ann Request Accepted")
        expect(yield* hears).toMatch(/^FROM clock: \d{4}-\d\d-\d\dT\S+Z$/)
        yield* program.captures(/^(\* Client \(\d+\): JOIN ann)$/, 1)
        yield* program.captures(/^It is \S+, and here are: (ann)$/, 1)
        yield* program.signals("SIGTERM")
        expect((yield* program.ended).code).toBe(0)
      })
    )
  })
})
