/** The program's acts with its options instead of serving: it checks, probes or prints them. Imported on use. */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import manifest from "../../package.json" with { type: "json" }
import type * as App from "../App.ts"
import { type Finding, problem } from "../config/Findings.ts"
import type { ListenOptions } from "../config/ListenOptions.ts"
import * as PrintConfig from "../config/PrintConfig.ts"
import type { Loaded, Mistake } from "../config/Resolve.ts"
import { escaped } from "../protocol/Text.ts"
import * as Check from "./Check.ts"
import { complain, print, printUsageFor, Refused, refuse } from "./Complaint.ts"
import * as Probe from "./Probe.ts"

/** Prints the findings: on standard error if there are mistakes in the options. */
const conclude = (findings: ReadonlyArray<Finding>, mistakes: ReadonlyArray<Mistake>): Effect.Effect<void, Refused> =>
  Effect.gen(function* () {
    const all = [...mistakes.map(({ message }) => problem(message)), ...findings]
    const write = mistakes.length > 0 ? Console.error : print
    for (const { sign, text } of all) yield* write(`${sign}: ${escaped(text)}`)
    yield* printUsageFor(mistakes)
    if (all.some(({ sign }) => sign === "no")) yield* new Refused()
  })

/** Prints whether the program could start, and everything that is wrong. */
export const check = (options: App.Options, mistakes: ReadonlyArray<Mistake>): Effect.Effect<void, Refused> =>
  Effect.flatMap(Check.check(options), (findings) => conclude(findings, mistakes))

/** Prints whether the server answers. A server serves on when its file has a mistake, so that only matters if it does not. */
export const probe = (options: ListenOptions, mistakes: ReadonlyArray<Mistake>): Effect.Effect<void, Refused> =>
  Effect.flatMap(Probe.probe(options), (findings) => {
    const isAlive = findings.length > 0 && findings.every(({ sign }) => sign === "ok")
    return conclude(findings, isAlive ? [] : mistakes)
  })

export const printConfig = ({ configuration, mistakes, warnings }: Loaded): Effect.Effect<void, Refused> =>
  Effect.gen(function* () {
    if (mistakes.length > 0) yield* refuse(mistakes, warnings)
    yield* Effect.forEach(warnings, complain, { discard: true })
    yield* print(PrintConfig.toml(manifest.version, configuration).trimEnd())
  })
