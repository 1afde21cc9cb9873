#!/usr/bin/env node
import manifest from "../package.json" with { type: "json" }

// --version does not need the program, which takes longer to load than Node itself.
if (process.argv[2] === "--version") console.log(manifest.version)
else await import("./main.ts")
