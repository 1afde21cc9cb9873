// Bundles the program, and what other programs import of it: a bundle starts several times faster than its modules.
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { build } from "esbuild"

/** @type {import("esbuild").BuildOptions} */
const common = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  legalComments: "none",
  outdir: "dist"
}

rmSync("dist", { recursive: true, force: true })

// Needs nothing installed beside it.
const { metafile } = await build({
  ...common,
  entryPoints: ["src/bin.ts"],
  // What is imported when it is needed gets files of its own.
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  // Names stay, so that the stack of a defect can be read.
  minifyWhitespace: true,
  minifySyntax: true,
  // Some dependencies are CommonJS and call require.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  metafile: true
})
cpSync("src/ops/page", "dist/chunks/page", { recursive: true })
chmodSync("dist/bin.js", 0o755)

// Shares the importing program's own effect: two copies would not know each other's services.
await build({ ...common, entryPoints: ["src/index.ts"], packages: "external" })

/** The packages that are inside the program, whose licences ask to be named. */
const packages = new Set(
  Object.values(metafile.outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [])
)
const licenceOf = (name) => {
  const folder = `node_modules/${name}`
  const { license, version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"))
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? "" : readFileSync(`${folder}/${file}`, "utf8")
  return `${name} ${version} (${license})\n\n${text.trim()}\n`
}
writeFileSync(
  "dist/THIRD-PARTY.txt",
  [...packages]
    .sort()
    .map(licenceOf)
    .join(`\n${"-".repeat(78)}\n\n`)
)
