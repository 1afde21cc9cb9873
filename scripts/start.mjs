// Starts the program, and builds it first if its source is newer: npm start -- 8001
import { spawnSync } from "node:child_process"
import { readdirSync, statSync } from "node:fs"

/** When the file was changed, in milliseconds since 1970; never, if it is not there. */
const changed = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.NEGATIVE_INFINITY

// Folders count too: they change when a file is removed.
const source = readdirSync("src", { recursive: true }).map((name) => `src/${name}`)
const newest = Math.max(...[...source, "src", "scripts/build.mjs", "package.json", "package-lock.json"].map(changed))

if (changed("dist/bin.js") < newest) {
  // In a process of its own: the bundler would stay in memory.
  const { status } = spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" })
  if (status !== 0) {
    console.error("partyline: it could not be built; npm ci installs what that needs")
    process.exit(1)
  }
}
await import("../dist/bin.js")
