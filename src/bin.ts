#!/usr/bin/env node
import manifest from "../package.json" with { type: "json" }

// --version does not need the program, which takes longer to load than Node itself.
if (["--version", "-v", "-V"].includes(process.argv[2] ?? "")) console.log(manifest.version)
else await import("./main.ts")
