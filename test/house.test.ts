import { readdirSync, readFileSync } from "node:fs"
import { posix } from "node:path"
import { assert, describe, it } from "@effect/vitest"

/** From the ground up: a file imports from its own floor and from those below. */
const house = [
  "net",
  "protocol",
  "status",
  "LimitValues",
  "Limits",
  "LinkedList",
  "ErrorText",
  "PrintFailure",
  "client",
  "HtmlDocument",
  "connection",
  "room",
  "server",
  "process",
  "transports",
  "cluster",
  "web",
  "ops",
  "tracing",
  "config",
  "kit",
  "chat",
  "Reload",
  "App",
  "cli",
  "main",
  "bin"
]
/** Beside the roof: what other programs can import. Nothing in the house does. */
const floors = [...house, "index"]
/** Wings stand beside each other: none imports another. */
const wings = ["transports", "cluster", "web", "ops", "tracing"]

const source = new URL("../src/", import.meta.url)
const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"))

const floorOf = (file: string): string => (file.split("/")[0] ?? "").replace(/\.ts$/, "")
const read = (file: string) => readFileSync(new URL(file, source), "utf8")
const importsOf = (file: string): ReadonlyArray<string> =>
  [...read(file).matchAll(/^(?:import|export) [^;]*?from "([^"]+)"|\bimport\("([^"]+)"\)/gm)].map(
    ([, from, lazy]) => from ?? lazy ?? ""
  )
const localImportsOf = (file: string): ReadonlyArray<string> =>
  importsOf(file)
    .filter((from) => from.startsWith(".") && from.endsWith(".ts"))
    .map((from) => posix.join(posix.dirname(file), from))

describe("the house", () => {
  it("has a floor for every file", () => {
    assert.isAbove(files.length, 20)
    for (const file of files) assert.include(floors, floorOf(file), file)
  })

  it.each(files)("%s imports from its own floor and below only", (file) => {
    for (const imported of localImportsOf(file)) {
      const [from, to] = [floorOf(file), floorOf(imported)]
      assert.isAtMost(floors.indexOf(to), floors.indexOf(from), `${file} imports ${imported}`)
      if (wings.includes(from) && wings.includes(to)) assert.strictEqual(to, from, `${file} imports ${imported}`)
    }
  })

  it("has one file that hands on what others export", () => {
    assert.deepStrictEqual(
      files.filter((file) => /^export [^;]*?from "/m.test(read(file))),
      ["index.ts"]
    )
  })

  it("has no cycle", () => {
    const done = new Set<string>()
    const visit = (file: string, path: ReadonlyArray<string>): void => {
      assert.notInclude(path, file, `a cycle: ${[...path, file].join(" -> ")}`)
      if (done.has(file)) return
      for (const imported of localImportsOf(file)) visit(imported, [...path, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
  })

  it.each(files.filter((file) => file.startsWith("protocol/")))(
    "%s knows neither Node nor Effect's runtime",
    (file) => {
      assert.deepStrictEqual(
        importsOf(file).filter((from) => from.startsWith("node:") || from === "effect/Effect"),
        []
      )
      assert.notMatch(read(file), /\bBuffer\b|\bprocess\./)
    }
  )

  it.each(files.filter((file) => file.startsWith("room/")))("%s knows no Node", (file) => {
    assert.deepStrictEqual(
      importsOf(file).filter((from) => from.startsWith("node:")),
      []
    )
  })

  it.each(files.filter((file) => ["client", "kit", "chat"].includes(floorOf(file))))(
    "%s, of a client, knows nothing of the server",
    (file) => {
      const server = ["connection", "room", "server", "process", "transports", "ops", "tracing"]
      assert.deepStrictEqual(
        localImportsOf(file).filter((from) => server.includes(floorOf(from))),
        []
      )
    }
  )

  it("starts the server without a client", () => {
    // The server's help and completions say what clients there are.
    const described = ["kit/Columns.ts", "kit/Options.ts"]
    const loaded = new Set<string>()
    const load = (file: string): void => {
      if (loaded.has(file)) return
      loaded.add(file)
      for (const [, from = ""] of read(file).matchAll(/^import (?!type )[^;]*?from "(\.[^"]+\.ts)"/gm)) {
        load(posix.join(posix.dirname(file), from))
      }
    }
    load("bin.ts")
    load("main.ts")
    assert.deepStrictEqual(
      [...loaded].filter((file) => ["client", "kit", "chat"].includes(floorOf(file)) && !described.includes(file)),
      []
    )
  })

  it("has all clocks and timers inside Effect", () => {
    for (const file of files) assert.notMatch(read(file), /setTimeout|setInterval|Date\.now|new Date\(/, file)
  })
})
