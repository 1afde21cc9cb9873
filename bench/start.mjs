/**
 * How long the program takes to say its version, and to listen, beside a Node that does nothing, in turns. Build first, then:
 *
 *     node bench/start.mjs [--rounds 15]
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { median, printTable } from "./support/table.mjs"

const { values } = parseArgs({ options: { rounds: { type: "string", default: "15" } } })
const bin = fileURLToPath(new URL("../dist/bin.js", import.meta.url))
/** Each with whether it ends by itself, or serves once it has printed its first line. */
const commands = {
  "node -e 0": [["-e", "0"], true],
  "partyline --version": [[bin, "--version"], true],
  "partyline 0, until it listens": [[bin, "--host", "127.0.0.1", "0"], false]
}
const took = new Map(Object.keys(commands).map((name) => [name, []]))
for (let round = 0; round < Math.min(100, Number(values.rounds)); round++) {
  for (const [name, [args, ends]] of Object.entries(commands)) {
    const began = performance.now()
    const child = spawn(process.execPath, args, { stdio: ["ignore", ends ? "ignore" : "pipe", "inherit"] })
    const exit = once(child, "exit")
    if (ends) {
      const [code] = await exit
      if (code !== 0) throw new Error(`${name} failed: npm run build`)
    } else await once(child.stdout, "data")
    took.get(name).push(performance.now() - began)
    child.kill()
    await exit
  }
}
const bare = median(took.get("node -e 0"))
printTable([
  ["", "median ms", "ratio"],
  ...[...took].map(([name, all]) => [name, median(all).toFixed(0), (median(all) / bare).toFixed(2)])
])
