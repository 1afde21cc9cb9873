// Bundles the program and the library. A bundle starts several times faster than its modules.
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, resolve } from "node:path"
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

/** A program. It runs without node_modules. @type {import("esbuild").BuildOptions} */
const program = {
  ...common,
  // Dynamic imports become separate files.
  splitting: true,
  // Names are kept, so that stack traces stay readable.
  minifyWhitespace: true,
  minifySyntax: true,
  // Some dependencies are CommonJS and call require.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  metafile: true
}

/** The client programs, as src/cli/Subcommands.ts imports them. */
const clients = new Set()

/**
 * The client programs are a bundle apart: in a common one, the server would load what only they use of a module that it
 * uses too.
 * @type {import("esbuild").Plugin}
 */
const clientsApart = {
  name: "clients-apart",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\.\/(?:kit|chat)\/\w+\.ts$/ }, ({ kind, path }) => {
      if (kind !== "dynamic-import") return undefined
      clients.add(path.replace("..", "src"))
      return { path: `../clients/${basename(path, ".ts")}.js`, external: true }
    })
}

/**
 * A start loads one file. esbuild makes a file for each set of parts that share a module: so each part that is loaded later
 * imports the whole program, and what the program shares with any of them is in one file with the rest of it.
 * @type {import("esbuild").Plugin}
 */
const startTogether = {
  name: "start-together",
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ importer, kind, path, resolveDir }) =>
      kind === "dynamic-import" && basename(importer) !== "bin.ts"
        ? { path: resolve(resolveDir, path), pluginData: { isLater: true } }
        : undefined
    )
    onLoad({ filter: /\.ts$/ }, ({ path, pluginData }) =>
      pluginData?.isLater
        ? {
            contents: `${readFileSync(path, "utf8")}\nimport ${JSON.stringify(resolve("src/cli/Cli.ts"))}\n`,
            loader: "ts"
          }
        : undefined
    )
  }
}

const server = await build({
  ...program,
  entryPoints: ["src/bin.ts"],
  chunkNames: "chunks/[name]-[hash]",
  plugins: [clientsApart, startTogether]
})
const client = await build({
  ...program,
  entryPoints: [...clients],
  outdir: "dist/clients",
  entryNames: "[name]",
  chunkNames: "[name]-[hash]"
})
cpSync("src/ops/page", "dist/chunks/page", { recursive: true })
// The chat page. Script and style are one file each, so that the page can be one document.
const page = ["src/web/page/page.js", "src/web/page/page.css"]
await build({ entryPoints: page, bundle: true, format: "iife", target: "es2022", outdir: "dist/web/page" })
cpSync("src/web/page/page.html", "dist/web/page/page.html")
chmodSync("dist/bin.js", 0o755)

// The library. It uses the importing program's copy of effect: two copies do not share services.
await build({ ...common, entryPoints: ["src/index.ts"], packages: "external" })

/** Packages inside the bundle. Their licences require a notice. */
const packages = new Set(
  [server, client]
    .flatMap(({ metafile }) => Object.values(metafile.outputs))
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
