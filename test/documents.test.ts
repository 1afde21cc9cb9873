/** The documents agree with the tree: links, names of files, versions, dependencies, events of the log. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { posix } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import ts from "typescript"
import manifest from "../package.json" with { type: "json" }
import lock from "../package-lock.json" with { type: "json" }
import { options } from "../src/config/Options.ts"

const url = (path: string) => new URL(`../${path}`, import.meta.url)
const read = (path: string) => readFileSync(url(path), "utf8")
const list = (folder: string) =>
  readdirSync(url(folder), { recursive: true, encoding: "utf8" }).map((name) => posix.join(folder, name))

const pages = [...readdirSync(url("."), { encoding: "utf8" }), ...["docs", "deploy", ".github"].flatMap(list)].filter(
  (path) => path.endsWith(".md")
)

const withoutCode = (text: string) => text.replace(/^```.*?^```$/gms, "").replace(/^ {4}.*$/gm, "")

/** The anchors of a page's headings, made as GitHub makes them. */
const anchors = (page: string): ReadonlyArray<string> =>
  [...withoutCode(read(page)).matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-")
  )

describe("the documents", () => {
  it.each(pages)("%s links to files and headings that exist", (page) => {
    for (const [, link = ""] of withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(link)) continue
      const [file = "", anchor] = link.split("#")
      const path = file === "" ? page : posix.join(posix.dirname(page), file)
      assert.isTrue(existsSync(url(path)), link)
      if (anchor !== undefined) assert.include(anchors(path), anchor, link)
    }
  })

  it("are all in the index", () => {
    const index = read("docs/README.md")
    const indexed = [...index.matchAll(/\]\(([^)]+)\)/g)].map(([, link = ""]) => posix.join("docs", link))
    const wanted = pages.filter((page) => !page.startsWith(".github") && page !== "docs/README.md")
    assert.deepStrictEqual(
      wanted.filter((page) => !indexed.includes(page)),
      []
    )
  })

  it("name the version of the package", () => {
    const { version } = manifest
    assert.deepStrictEqual([lock.version, lock.packages[""].version], [version, version])
    const [, released] = /^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$/m.exec(read("CHANGELOG.md")) ?? []
    assert.strictEqual(released, version)
    for (const file of [...pages, ...list("examples"), "deploy/partyline.1", "deploy/Dockerfile"]) {
      for (const [, named] of read(file).matchAll(/\bpartyline[- ](\d+\.\d+\.\d+)(?!\.\d)/g)) {
        assert.strictEqual(named, version, file)
      }
    }
  })

  it("name each option in docs/operations.md", () => {
    const [, table = ""] = /^## Options$(.*?)^Durations/ms.exec(read("docs/operations.md")) ?? []
    const flags = options.flatMap(({ flags }) => flags).filter((flag) => !/^(-.|--help|--version)$/.test(flag))
    assert.deepStrictEqual(
      [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = ""]) => cell.match(/--[a-z-]+/g) ?? []).sort(),
      flags.sort()
    )
  })

  it("name files that exist in the README", () => {
    const [, table = ""] = /^\| to see how \| look in \|\n(.*?)\n\n/ms.exec(read("README.md")) ?? []
    for (const [, cell = ""] of table.matchAll(/ \| (`.+`) \|$/gm)) {
      let folder = ""
      for (const [, name = ""] of cell.matchAll(/`([^`*]+)[^`]*`/g)) {
        if (name.includes("/")) folder = posix.dirname(name)
        const path = name.includes("/") ? name : posix.join(folder, name)
        assert.isTrue(existsSync(url(path)), path)
      }
    }
    assert.include(table, "src/")
  })

  it("name each event of the log in docs/protocol.md", () => {
    const page = read("docs/protocol.md")
    const events = [...read("src/status/StatusEvent.ts").matchAll(/event: "(\w+)"/g)].map(([, event = ""]) => event)
    assert.isAbove(events.length, 30)
    assert.deepStrictEqual(
      events.filter((event) => !page.includes(`\`${event}\``)),
      []
    )
  })
})

/** How many fields of each class can be assigned. */
const mutableFields = (path: string): ReadonlyArray<readonly [name: string, fields: number]> =>
  ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2022).statements.flatMap((statement) => {
    if (!ts.isClassDeclaration(statement)) return []
    const isMutable = (modifiers: ReadonlyArray<ts.ModifierLike> = []) =>
      !modifiers.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword || kind === ts.SyntaxKind.StaticKeyword)
    const fields = statement.members.filter((member) => ts.isPropertyDeclaration(member) && isMutable(member.modifiers))
    return [[statement.name?.text ?? "", fields.length]]
  })

describe("docs/architecture.md", () => {
  const page = read("docs/architecture.md")
  const sources = list("src")

  it("names files that exist", () => {
    const names = [...page.matchAll(/`((?:\w+\/)*\w+\.(?:ts|js|mjs)|[a-z]+\/[A-Z]\w+)`/g)].map(([, name = ""]) => name)
    assert.isAbove(names.length, 30)
    const isThere = (name: string) =>
      existsSync(url(name)) || sources.some((path) => path.endsWith(`/${name}`) || path.endsWith(`/${name}.ts`))
    assert.deepStrictEqual(
      names.filter((name) => !isThere(name)),
      []
    )
  })

  it("says what each folder of src holds", () => {
    const folders = readdirSync(url("src"), { withFileTypes: true }).filter((entry) => entry.isDirectory())
    const table = /^\| floor \| holds \|\n(?:\|.*\n)+/m.exec(page)?.[0] ?? ""
    assert.deepStrictEqual(
      folders.filter(({ name }) => !table.includes(`\`${name}/\``)).map(({ name }) => name),
      []
    )
  })

  it("says why each class with more than three mutable fields is one", () => {
    const found = sources
      .filter((path) => path.endsWith(".ts"))
      .flatMap(mutableFields)
      .filter(([, fields]) => fields > 3)
    const table = page.slice(page.indexOf("\n## Mutable state\n"))
    const described = [...table.matchAll(/^\| (`.+`) \| (\d+)(?: each)? \| \S/gm)].flatMap(([, names = "", fields]) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name = ""]) => [name, Number(fields)] as const)
    )
    assert.deepStrictEqual(Object.fromEntries(described), Object.fromEntries(found))
  })

  it("has a word about each dependency, and about no other package", () => {
    const [, section = ""] = /^## Dependencies$(.*?)^\*\*Install scripts/ms.exec(page) ?? []
    const described = [...section.matchAll(/^\| (`.+`) \| [A-Z].+\. \|$/gm)].flatMap(([, names = ""]) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name)
    )
    assert.deepStrictEqual(described.sort(), Object.keys(manifest.devDependencies).sort())
  })
})
