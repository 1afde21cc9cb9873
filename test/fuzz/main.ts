/** Fuzzes a target until a violation is found, or for a number of rounds or minutes. See scripts/fuzz.mjs. */
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import { Random } from "./Random.ts"
import type { Trace } from "./Round.ts"
import { targets } from "./targets.ts"

const usage = `usage: npm run fuzz -- [--target <name>] [--seed <number>] [--rounds <number>] [--minutes <number>]

Plays rounds of random input, for ever without --rounds or --minutes, until something is found. The same seed plays the
same round. Targets:

${Array.from(targets, ([name, { purpose }]) => `  ${name.padEnd(10)} ${purpose}`).join("\n")}

The default is room.`

const refuse = (): never => {
  console.error(usage)
  process.exit(1)
}

const read = () => {
  try {
    const text = { type: "string" } as const
    const options = {
      target: text,
      seed: text,
      rounds: text,
      minutes: text,
      help: { type: "boolean", short: "h" }
    } as const
    return parseArgs({ options }).values
  } catch {
    return refuse()
  }
}
const values = read()
if (values.help === true) {
  console.log(usage)
  process.exit(0)
}

const number = (text: string | undefined, fallback: number): number => {
  const value = Number(text ?? fallback)
  return Number.isNaN(value) ? refuse() : value
}

const name = values.target ?? "room"
const target = targets.get(name) ?? refuse()
const first = number(values.seed, new Random(performance.timeOrigin).below(2 ** 31))
const rounds = number(values.rounds, Number.POSITIVE_INFINITY)
const end = number(values.minutes, Number.POSITIVE_INFINITY) * 60_000
const since = performance.now()

let trace: Trace = []
let seed = first

const fail = (why: unknown): never => {
  console.error(`${trace.join("\n")}\n\nround ${seed - first + 1}: ${why instanceof Error ? why.message : String(why)}`)
  console.error(`repeat it with: npm run fuzz -- --target ${name} --seed ${seed} --rounds 1`)
  process.exit(1)
}
process.on("unhandledRejection", fail)
process.on("uncaughtException", fail)

/** Seconds between two reports. */
const REPORTED = 60

const report = (count: number) => {
  const seconds = (performance.now() - since) / 1000
  const memory = `${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`
  console.log(
    `${name}: ${count} rounds in ${seconds.toFixed(1)} s, seeds ${first} to ${first + count - 1}, ${memory}: nothing found`
  )
}

console.log(`fuzzing ${name} from seed ${first}`)
let reported = since
while (seed < first + rounds && performance.now() - since < end) {
  trace = []
  await Effect.runPromise(target.play(seed, trace)).catch(fail)
  seed++
  if (performance.now() - reported < REPORTED * 1000) continue
  reported = performance.now()
  report(seed - first)
}
report(seed - first)
process.exit(0)
