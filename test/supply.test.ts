import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"

interface Package {
  readonly version?: string
  readonly integrity?: string
  readonly hasInstallScript?: boolean
}

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), "utf8"))
const lock = read("package-lock.json") as { readonly packages: { readonly [path: string]: Package } }
const manifest = read("package.json") as { readonly [kind: string]: { readonly [name: string]: string } }
const packages = Object.entries(lock.packages).filter(([path]) => path !== "")

describe("the dependencies", () => {
  it("are locked: every package has a version and a hash, for every platform", () => {
    assert.isAbove(packages.length, 100)
    for (const [path, { integrity, version }] of packages) {
      assert.match(version ?? "", /^\d/, path)
      assert.match(integrity ?? "", /^sha512-/, path)
    }
  })

  it("have exact versions in package.json", () => {
    for (const kind of ["dependencies", "devDependencies"]) {
      for (const [name, version] of Object.entries(manifest[kind] ?? {})) assert.match(version, /^\d+\.\d+\.\d+$/, name)
    }
  })

  it("have no install scripts but the optional ones listed in docs/architecture.md", () => {
    assert.deepStrictEqual(
      packages.flatMap(([path, { hasInstallScript }]) => (hasInstallScript === true ? [path] : [])),
      ["node_modules/@parcel/watcher", "node_modules/esbuild", "node_modules/msgpackr-extract"]
    )
  })
})
