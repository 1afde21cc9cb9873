/** The published package: packed, installed and used without the source. */
import { execFileSync } from "node:child_process"
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join, posix } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import manifest from "../../package.json" with { type: "json" }
import { freePort } from "../support/freePort.ts"
import { type Caller, dial, itNeeds, runs, serves, starts } from "../support/Program.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))
const bin = (name: string) => join(root, "node_modules/.bin", name)
const quiet = ["--silent", "--offline", "--no-audit", "--no-fund"]

/** Patterns of the files that may be published. */
const published = [
  /^package\.json$/,
  /^(README|CHANGELOG|CONTRIBUTING|SECURITY)\.md$|^LICENSE$/,
  /^dist\/(bin|index)\.js$|^dist\/clients\/[\w-]+\.js$|^dist\/chunks\/[\w-]+\.js$|^dist\/(chunks|web)\/page\/page\.(css|html|js)$/,
  /^dist\/types\/.+\.d\.ts$/,
  /^dist\/THIRD-PARTY\.txt$/,
  /^(deploy|docs|examples)\//
]

const embedding = readFileSync(join(root, "docs/embedding.md"), "utf8")
/** The examples of the page: each is a program that serves on the port that it is given. */
const blocks = [...embedding.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = ""]) => code)

/** Scripts that npm runs when it installs a package, or in a folder that was unpacked from one. */
const onInstall = ["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"]

/** Files that a page links to, with those that the pages among them link to, relative to the package. */
const linkedFrom = (page: string, read: (path: string) => string, found = new Set<string>()): ReadonlySet<string> => {
  for (const [, link = ""] of read(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
    const path = posix.join(posix.dirname(page), link)
    if (/^[a-z]+:/.test(link) || found.has(path)) continue
    found.add(path)
    if (path.endsWith(".md")) linkedFrom(path, read, found)
  }
  return found
}

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

  it("contains each file that its README, or a page from there, links to", () => {
    const links = linkedFrom("README.md", (path) => readFileSync(join(root, path), "utf8"))
    expect(links.size).toBeGreaterThan(10)
    expect([...links].filter((path) => !paths.includes(path))).toEqual([])
  })

  it("runs no script when it is installed", () => {
    expect(Object.keys(manifest.scripts).filter((name) => onInstall.includes(name))).toEqual([])
  })

  it.scopedLive("passes publint", () =>
    Effect.map(runs([bin("publint"), "run", tarball, "--strict"]), ({ code, stdout }) => {
      expect(stdout).toContain("All good!")
      expect(code).toBe(0)
    })
  )

  describe("installed as a command", () => {
    let program = ""
    beforeAll(() => {
      const prefix = join(folder, "prefix")
      execFileSync("npm", ["install", "--global", "--prefix", prefix, ...quiet, tarball])
      program = join(prefix, "bin/partyline")
    }, 60_000)

    /** The installed program, on a free port. */
    const served = Effect.gen(function* () {
      const server = yield* starts([program, "0", "--host", "127.0.0.1"])
      const [port = ""] = yield* server.captures(/^Waiting for Incoming Connections on 127\.0\.0\.1:(\d+)$/, 1)
      return { server, port: Number(port) }
    })

    it.scopedLive("prints its version and its help, and has a manual page", () =>
      Effect.gen(function* () {
        expect(yield* runs([program, "--version"])).toMatchObject({ code: 0, stdout: `${manifest.version}\n` })
        const help = yield* runs([program, "--help"])
        expect(help).toMatchObject({ code: 0, stderr: "" })
        expect(help.stdout).toContain(`partyline ${manifest.version}`)
        expect(existsSync(join(program, "../../share/man/man1/partyline.1"))).toBe(true)
      })
    )

    it.scopedLive("serves, without other packages", () =>
      Effect.gen(function* () {
        const { port, server } = yield* served
        const { hears, isLeft, types } = yield* dial(port)
        yield* types("JOIN ann\nPING\nQUIT")
        expect([yield* hears, yield* hears]).toEqual(["JOIN ann Request Accepted", "PONG"])
        expect(yield* isLeft).toEqual([])
        yield* server.signals("SIGTERM")
        expect((yield* server.ended).code).toBe(0)
      })
    )

    it.scopedLive("says and listens, without other packages", () =>
      Effect.gen(function* () {
        const { port, server } = yield* served
        const listener = yield* starts([program, "listen", "--count", "1", `ann@127.0.0.1:${port}`])
        yield* server.captures(/: (WATCH)$/, 1)
        expect(yield* runs([program, "say", `robot@127.0.0.1:${port}`, "the build is green"])).toMatchObject({
          code: 0
        })
        expect(yield* listener.ended).toMatchObject({ code: 0, stdout: "FROM robot: the build is green\n" })
      })
    )

    itNeeds("nc")("answers nc", () =>
      Effect.gen(function* () {
        const { port } = yield* served
        const { stdout } = yield* runs(["bash", "-c", `printf 'JOIN ann\\nPING\\n' | nc -N 127.0.0.1 ${port}`])
        expect(stdout).toBe("JOIN ann Request Accepted\r\nPONG\r\n")
      })
    )
  })

  it("lists the licences of the bundled packages", () => {
    const names = readFileSync(join(root, "dist/THIRD-PARTY.txt"), "utf8").match(/^\S+ [\d.]+ \(.+\)$/gm)
    expect(names).toContain(`effect ${manifest.devDependencies.effect} (MIT)`)
  })

  describe("in another program", () => {
    let host = ""
    /** The examples, by the names of their files. */
    const examples = new Map<string, string>()
    /** A folder with the examples and their dependencies only. */
    beforeAll(() => {
      host = join(folder, "host")
      mkdirSync(join(host, "node_modules/@effect"), { recursive: true })
      writeFileSync(join(host, "package.json"), "{}")
      for (const name of ["embedded.mjs", "bot.mjs"])
        examples.set(name, readFileSync(join(root, "examples", name), "utf8"))
      for (const [index, code] of blocks.entries()) examples.set(`block-${index + 1}.mjs`, code)
      for (const [name, code] of examples) writeFileSync(join(host, name), code)
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
          const files = [...examples.keys(), "node_modules/partyline/dist/types/index.d.ts"]
          const compilerOptions = { ...options, exactOptionalPropertyTypes: true }
          writeFileSync(join(host, "tsconfig.json"), JSON.stringify({ compilerOptions, files }))
          expect(yield* runs([bin("tsc"), "-p", host])).toMatchObject({ code: 0, stdout: "" })
        }),
      120_000
    )

    it.scopedLive("is a bot, which answers and comes back after a restart of the server", () =>
      Effect.gen(function* () {
        const { joins, port, program: server } = yield* serves([], { port: yield* freePort })
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

    it("is installed as docs/embedding.md says, with the versions that it is tested with", () => {
      const { devDependencies: versions, version } = manifest
      expect(embedding).toContain(
        `npm install ./partyline-${version}.tgz effect@${versions.effect} ` +
          `@effect/platform-node@${versions["@effect/platform-node"]}`
      )
    })

    it.scopedLive.each(blocks.flatMap((code, index) => (code.includes("Server.layer") ? [index + 1] : [])))(
      "serves with example %i of docs/embedding.md as it stands",
      (number) =>
        Effect.gen(function* () {
          const program = yield* starts([process.execPath, join(host, `block-${number}.mjs`), "0"])
          const [port = ""] = yield* program.captures(/Waiting for Incoming Connections on 127\.0\.0\.1:(\d+)/, 1)
          const { hears, types } = yield* dial(Number(port))
          yield* types("JOIN ann\nPING")
          expect([yield* hears, yield* hears]).toEqual(["JOIN ann Request Accepted", "PONG"])
          yield* program.captures(/(Client \(\d+\): JOIN ann)/, 1)
          yield* program.signals("SIGTERM")
          const end = yield* program.ended
          expect(end).toMatchObject({ code: 0, stderr: "" })
          expect(end.stdout.match(/JOIN ann/g)).toHaveLength(1)
        })
    )

    it.scopedLive("talks with the last example of docs/embedding.md as it stands", () =>
      Effect.gen(function* () {
        const { joins, port } = yield* serves()
        const bob = yield* joins("bob")
        const program = yield* starts([process.execPath, join(host, `block-${blocks.length}.mjs`), String(port)])
        expect(yield* bob.hears).toBe("FROM ann: hello")
        yield* bob.types("MESG ann welcome")
        yield* program.says("bob: welcome")
        yield* program.signals("SIGTERM")
        expect(yield* program.ended).toMatchObject({ code: 0, stderr: "" })
      })
    )

    it.scopedLive("is told in one line which limits are invalid, by example 2 of docs/embedding.md", () =>
      Effect.gen(function* () {
        const program = join(host, "block-2.mjs")
        const end = yield* runs([process.execPath, program, "0", "none"])
        expect(end.stderr).toBe("maxUsers must be a whole number of at least 1, or Infinity, not NaN\n")
        expect(end).toMatchObject({ code: 1, stdout: "" })
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

describe("a fresh clone", () => {
  it.scopedLive("is built by the first npm start, and again only after a change", () =>
    Effect.gen(function* () {
      const clone = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "partyline-"))),
        (clone) => Effect.sync(() => rmSync(clone, { recursive: true, force: true }))
      )
      const files = ["package.json", "package-lock.json", "tsconfig.json", "scripts", "src"]
      for (const file of files) cpSync(join(root, file), join(clone, file), { recursive: true })
      symlinkSync(join(root, "node_modules"), join(clone, "node_modules"))
      const start = runs(["bash", "-c", `cd "$0" && exec ${manifest.scripts.start} --version`, clone])
      const built = () => statSync(join(clone, "dist/bin.js")).mtimeMs

      expect(yield* start).toMatchObject({ code: 0, stdout: `${manifest.version}\n`, stderr: "" })
      const first = built()
      expect(yield* start).toMatchObject({ code: 0 })
      expect(built()).toBe(first)
      writeFileSync(join(clone, "src/bin.ts"), 'console.log("changed")\n')
      expect(yield* start).toMatchObject({ code: 0, stdout: "changed\n" })
    })
  )
})
