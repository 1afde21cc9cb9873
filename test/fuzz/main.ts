/** Fuzzes until a violation is found, or for a number of rounds or minutes. See scripts/fuzz.mjs. */
import { parseArgs } from "node:util"
import * as Effect from "effect/Effect"
import { play } from "./Game.ts"
import { Random } from "./Random.ts"
import type { Trace } from "./Round.ts"

const { values } = parseArgs({
  options: { seed: { type: "string" }, rounds: { type: "string" }, minutes: { type: "string" } }
})

const number = (text: string | undefined, fallback: number): number => {
  const value = Number(text ?? fallback)
  if (!Number.isNaN(value)) return value
  console.error("usage: npm run fuzz -- [--seed <number>] [--rounds <number>] [--minutes <number>]")
  process.exit(1)
}

const first = number(values.seed, new Random(performance.timeOrigin).below(2 ** 31))
const rounds = number(values.rounds, Number.POSITIVE_INFINITY)
const end = number(values.minutes, Number.POSITIVE_INFINITY) * 60_000
const since = performance.now()

let trace: Trace = []
let seed = first

const fail = (why: unknown): never => {
  console.error(`${trace.join("\n")}\n\nround ${seed - first + 1}: ${why instanceof Error ? why.message : String(why)}`)
  console.error(`repeat it with: npm run fuzz -- --seed ${seed} --rounds 1`)
  process.exit(1)
}
process.on("unhandledRejection", fail)
process.on("uncaughtException", fail)

const report = (count: number) => {
  const seconds = (performance.now() - since) / 1000
  console.log(`${count} rounds in ${seconds.toFixed(1)} s, seeds ${first} to ${first + count - 1}: nothing found`)
}

console.log(`fuzzing from seed ${first}`)
while (seed < first + rounds && performance.now() - since < end) {
  trace = []
  await Effect.runPromise(play(seed, trace)).catch(fail)
  seed++
  if ((seed - first) % 1000 === 0) report(seed - first)
}
if ((seed - first) % 1000 !== 0) report(seed - first)
