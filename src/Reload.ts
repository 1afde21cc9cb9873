/** Reads the configuration file again on SIGHUP. Options that can change without dropping a connection do. */
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Layer from "effect/Layer"
import * as Record from "effect/Record"
import * as Ref from "effect/Ref"
import { type Configuration, limitsOf, type Resolved, type Source } from "./config/Resolve.ts"
import type { Setting } from "./config/Setting.ts"
import { entries, settings } from "./config/Settings.ts"
import { Limits } from "./Limits.ts"
import { Sighup } from "./process/Sighup.ts"
import { Motd } from "./server/Motd.ts"

const describe = ({ flag, reload }: Setting<unknown>, before = "not set", after = "not set"): string => {
  if (reload === undefined) return `Configuration: ${flag} Stays ${before}; ${after} Needs a Restart`
  const scope = reload === "newcomers" ? ", for Those who Connect from Now on" : ""
  return `Configuration: ${flag} Is Now ${after} (Was ${before})${scope}`
}

/** 1M is the same as 1048576. Networks can only be compared as they are written. */
const isSame = (one: Resolved<unknown>, other: Resolved<unknown>): boolean =>
  one.text === other.text || Equal.equals(one.value, other.value)

/** One line for each option that differs. */
export const differences = (current: Configuration, next: Configuration): ReadonlyArray<string> =>
  entries
    .filter(([name]) => !isSame(current[name], next[name]))
    .map(([name, setting]) => describe(setting, current[name].text, next[name].text))

/** The current configuration with those options of the next one that can change while the program runs. */
export const adopt = (current: Configuration, next: Configuration): Configuration =>
  // A mapping cannot relate the type of each value to its name.
  Record.map(
    settings,
    ({ reload }: Setting<unknown>, name) => (reload === undefined ? current : next)[name]
  ) as Configuration

/** Reloads the source at each SIGHUP and logs the outcome. A file with an error changes nothing. */
export const layer = (source: Source): Layer.Layer<never, never, Limits | Sighup> =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const limits = yield* Limits
      const motd = yield* Motd
      const sighup = yield* Sighup
      const configuration = yield* Ref.make(source.configuration)
      const reload = Effect.gen(function* () {
        const next = yield* source.read
        const current = yield* Ref.getAndUpdate(configuration, (current) => adopt(current, next))
        yield* limits.change(limitsOf(adopt(current, next)))
        yield* motd.change(next.motd.value ?? "")
        const lines = differences(current, next)
        if (lines.length === 0) yield* Effect.logInfo("Configuration: Nothing Changed")
        yield* Effect.forEach(lines, (line) => Effect.logInfo(line), { discard: true })
      })
      yield* sighup.each(
        Effect.catchAll(reload, ({ message }) => Effect.logWarning(`Configuration Not Changed: ${message}`))
      )
    })
  )

/** Says at each SIGHUP that it changes nothing: there is no file to read again. */
export const layerNothing: Layer.Layer<never, never, Sighup> = Layer.scopedDiscard(
  Effect.flatMap(Sighup, (sighup) =>
    sighup.each(Effect.logInfo("Nothing to Reload: There Is No --config, --tls-cert or --motd @file"))
  )
)
