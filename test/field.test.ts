import { existsSync, readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"

const page = readFileSync(new URL("../docs/field.md", import.meta.url), "utf8")
const rows = [...page.matchAll(/^\| ([^|]+) \| [^|]+ \| (`.+) \|$/gm)].map(
  ([, fault = "", tests = ""]) => [fault, tests] as const
)

/** Titles of a file's tests and groups, without those that are made of parts. */
const titles = (source: string) => [...source.matchAll(/\(\s*"((?:[^"\\\n]|\\.)+)",/g)].map(([, title = ""]) => title)

describe("docs/field.md", () => {
  it.each(rows)("names tests that exist: %s", (_, tests) => {
    for (const test of tests.split(/[;,] (?=`)/)) {
      const [, file = "", names = ""] = /^`(.+)`(?:: (.+))?$/.exec(test) ?? []
      const path = new URL(`./${file}`, import.meta.url)
      assert.isTrue(existsSync(path), file)
      const known = titles(readFileSync(path, "utf8"))
      for (const name of names === "" ? [] : names.split("; ")) {
        assert.isTrue(
          known.some((title) => name.endsWith(title) || name.startsWith(title)),
          `${file}: ${name}`
        )
      }
    }
  })

  it("has a test for every fault", () => assert.isAbove(rows.length, 30))
})
