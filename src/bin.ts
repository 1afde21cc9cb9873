#!/usr/bin/env node
import manifest from "../package.json" with { type: "json" }
import * as PrintFailure from "./PrintFailure.ts"

const [first = "", ...words] = process.argv.slice(2)

/** Runs the client program that the first word names. False if it names none. */
const startsSubcommand = async (): Promise<boolean> => {
  if (!/^[a-z]+$/.test(first)) return false
  const started = (await import("./cli/Subcommands.ts")).start(first, words)
  await started
  return started !== undefined
}

// --version does not need the program, which takes longer to load than Node itself.
if (["--version", "-v", "-V"].includes(first)) {
  PrintFailure.report()
  console.log(manifest.version)
} else if (!(await startsSubcommand())) await import("./main.ts")
