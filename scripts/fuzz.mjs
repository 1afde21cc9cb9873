// Bundles the fuzzer (TypeScript) and runs it: npm run fuzz -- --seed 1 --rounds 1000 --minutes 10
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { build } from "esbuild"

const folder = mkdtempSync(join(tmpdir(), "partyline-fuzz-"))
process.once("exit", () => rmSync(folder, { recursive: true, force: true }))
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130))
await build({
  entryPoints: ["test/fuzz/main.ts"],
  outfile: join(folder, "fuzz.mjs"),
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  sourcemap: "inline",
  // The fuzzer finds the transcripts relative to its source, not to the bundle.
  define: { "import.meta.url": JSON.stringify(pathToFileURL("test/fuzz/main.ts").href) },
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(process.cwd() + "/");' }
})
await import(pathToFileURL(join(folder, "fuzz.mjs")).href)
