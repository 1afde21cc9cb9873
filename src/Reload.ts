/** Reads the configuration file again on SIGHUP. Options that can change without dropping a connection do. */
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Layer from "effect/Layer"
import * as Record from "effect/Record"
import * as Ref from "effect/Ref"
import * as Findings from "./config/Findings.ts"
import { type Configuration, limitsOf, type Resolved, type Source } from "./config/Resolve.ts"
import type { Setting } from "./config/Setting.ts"
import { entries, settings } from "./config/Settings.ts"
import { Limits } from "./Limits.ts"
import { OperatorToken } from "./ops/OperatorToken.ts"
import { Sighup } from "./process/Sighup.ts"
import { Motd } from "./server/Motd.ts"

/** A line about an option that differs. */
export interface Difference {
  readonly text: string
  /** Whether the program goes by the new value from now on. */
  readonly isAdopted: boolean
}

/** Nodes of one room have one cap, which the engine knows. */
const isOfRoom = ({ cluster }: Configuration, name: string): boolean =>
  name === "maxUsers" && cluster.value !== undefined

const describe = (
  { flag, isSecret, reload }: Setting<unknown>,
  needs: string | undefined,
  before = "not set",
  after = "not set"
): Difference => {
  if (before === after) return { text: `Configuration: ${flag} Has Changed in ${after.slice(1)}`, isAdopted: true }
  if (needs !== undefined) {
    const stays = isSecret === true ? "Has Changed; This" : `Stays ${before}; ${after}`
    return { text: `Configuration: ${flag} ${stays} Needs ${needs}`, isAdopted: false }
  }
  const scope = reload === "newcomers" ? ", for Those who Connect from Now on" : ""
  return { text: `Configuration: ${flag} Is Now ${after} (Was ${before})${scope}`, isAdopted: true }
}

/** The step that makes a change of the option count; undefined if it counts at once. */
const needs = (current: Configuration, name: string, { reload }: Setting<unknown>): string | undefined => {
  if (isOfRoom(current, name)) return "a Restart of Every Node"
  return reload === undefined ? "a Restart" : undefined
}

/**
 * 1M is the same as 1048576, and `@file` is not the same when the file has changed. Values that cannot be compared, such as
 * networks, are the same as they are written.
 */
const isSame = (one: Resolved<unknown>, other: Resolved<unknown>): boolean =>
  Equal.equals(one.value, other.value) || (one.text === other.text && one.text?.startsWith("@") !== true)

/** One line for each option that differs, or whose file cannot be read again. */
export const differences = (current: Configuration, next: Configuration): ReadonlyArray<Difference> =>
  entries.flatMap(([name, setting]) => {
    const [before, after] = [current[name], next[name]]
    if (after.isKept === true) {
      const file = after.text?.replace(/^@/, "")
      return { text: `Configuration: ${setting.flag} Stays; ${file} Can Be Read Once Only`, isAdopted: false }
    }
    return isSame(before, after) ? [] : describe(setting, needs(current, name, setting), before.text, after.text)
  })

/** The current configuration with those options of the next one that can change while the program runs. */
export const adopt = (current: Configuration, next: Configuration): Configuration =>
  // A mapping cannot relate the type of each value to its name.
  Record.map(
    settings,
    (setting: Setting<unknown>, name) => (needs(current, name, setting) === undefined ? next : current)[name]
  ) as Configuration

/** Reloads the source at each SIGHUP and logs the outcome. A file with an error changes nothing. */
export const layer = (source: Source): Layer.Layer<never, never, Limits | OperatorToken | Sighup> =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const limits = yield* Limits
      const motd = yield* Motd
      const token = yield* OperatorToken
      const sighup = yield* Sighup
      const configuration = yield* Ref.make(source.configuration)
      const reload = Effect.gen(function* () {
        const next = yield* Effect.flatMap(Ref.get(configuration), source.read)
        const isCluster = next.cluster.value !== undefined
        const known = Findings.warnings(limits.current, isCluster)
        const current = yield* Ref.getAndUpdate(configuration, (current) => adopt(current, next))
        yield* limits.change(limitsOf(adopt(current, next)))
        yield* motd.change(next.motd.value ?? "")
        yield* Ref.set(token, next.opsToken.value)
        const lines = differences(current, next)
        if (lines.length === 0) yield* Effect.logInfo("Configuration: Nothing Changed")
        for (const { isAdopted, text } of lines) yield* isAdopted ? Effect.logInfo(text) : Effect.logWarning(text)
        const warnings = Findings.warnings(limits.current, isCluster).filter((warning) => !known.includes(warning))
        for (const warning of warnings) yield* Effect.logWarning(`Configuration: ${warning}`)
      })
      yield* sighup.each(
        Effect.catchAll(reload, ({ message }) => Effect.logWarning(`Configuration Not Changed: ${message}`))
      )
    })
  )

/** Says at each SIGHUP that it changes nothing: there is no file to read again. */
export const layerNothing: Layer.Layer<never, never, Sighup> = Layer.scopedDiscard(
  Effect.flatMap(Sighup, (sighup) =>
    sighup.each(Effect.logInfo("Nothing to Reload: There Is No --config, --tls-cert, --motd @file or --ops-token"))
  )
)
