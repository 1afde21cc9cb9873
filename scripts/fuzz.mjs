// Bundles the fuzzer (TypeScript) and runs it: npm run fuzz -- --target http --seed 1 --rounds 1000 --minutes 10
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { build } from "esbuild"

const folder = mkdtempSync(join(tmpdir(), "partyline-fuzz-"))
process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130))

/** Files are found relative to their source, not to the bundle. */
const ownAddresses = {
  name: "own-addresses",
  setup: (build) =>
    build.onLoad({ filter: /[/\\](?:src|test)[/\\].*\.ts$/ }, ({ path }) => ({
      loader: "ts",
      contents: readFileSync(path, "utf8").replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href))
    }))
}

await build({
  entryPoints: ["test/fuzz/main.ts"],
  outfile: join(folder, "fuzz.mjs"),
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  sourcemap: "inline",
  plugins: [ownAddresses],
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(process.cwd() + "/");' }
})
await import(pathToFileURL(join(folder, "fuzz.mjs")).href)
