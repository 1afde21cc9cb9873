// Bundles the program: it starts several times faster than from its modules. What is loaded only when it is asked for
// gets files of its own.
import { chmodSync, cpSync, rmSync } from "node:fs"
import { build } from "esbuild"

rmSync("dist", { recursive: true, force: true })
await build({
  entryPoints: ["src/bin.ts"],
  outdir: "dist",
  bundle: true,
  splitting: true,
  chunkNames: "[name]-[hash]",
  platform: "node",
  target: "node20",
  format: "esm",
  legalComments: "none",
  // Some dependencies are CommonJS and call require.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' }
})
cpSync("src/ops/page", "dist/page", { recursive: true })
chmodSync("dist/bin.js", 0o755)
