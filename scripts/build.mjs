// Bundles the program and the library. A bundle starts several times faster than its modules.
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

// The program. It runs without node_modules.
const { metafile } = await build({
  ...common,
  entryPoints: ["src/bin.ts"],
  // Dynamic imports become separate files.
  splitting: true,
  chunkNames: "chunks/[name]-[hash]",
  // Names are kept, so that stack traces stay readable.
  minifyWhitespace: true,
  minifySyntax: true,
  // Some dependencies are CommonJS and call require.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  metafile: true
})
cpSync("src/ops/page", "dist/chunks/page", { recursive: true })
chmodSync("dist/bin.js", 0o755)

// The library. It uses the importing program's copy of effect: two copies do not share services.
await build({ ...common, entryPoints: ["src/index.ts"], packages: "external" })

/** Packages inside the bundle. Their licences require a notice. */
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
