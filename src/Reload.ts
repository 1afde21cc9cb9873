/** On SIGHUP the file of options is read again, and what can change without dropping anybody does. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import type { Configuration, Source } from "./config/Resolve.ts"
import { type Setting, settings } from "./config/Settings.ts"
import type { Limits, LimitValues } from "./Limits.ts"

/** The change of one option: what holds then, and what to say. */
interface Change {
  readonly holds: Partial<LimitValues>
  readonly line: string
}

const change = (key: string, setting: Setting<unknown>, now: string | undefined, then: string | undefined): Change => {
  const said = (text: string | undefined) => text ?? "not set"
  const value = then === undefined ? Either.left("") : setting.parse(then)
  if (setting.reload === undefined || Either.isLeft(value)) {
    const line = `Configuration: ${setting.flag} Stays ${said(now)}; ${said(then)} Needs a Restart`
    return { holds: {}, line }
  }
  const whom = setting.reload === "newcomers" ? ", for Those who Connect from Now on" : ""
  return {
    holds: { [key]: value.right },
    line: `Configuration: ${setting.flag} Is Now ${said(then)} (Was ${said(now)})${whom}`
  }
}

/** What changes when `next` is to hold and `current` did. */
export const changes = (current: Configuration, next: Configuration): ReadonlyArray<Change> =>
  Object.entries<Setting<unknown>>(settings).flatMap(([key, setting]) => {
    const [now, then] = [current[key as keyof Configuration].text, next[key as keyof Configuration].text]
    return now === then ? [] : [change(key, setting, now, then)]
  })

/** What holds now: of the next configuration only what could change. */
const adopted = (current: Configuration, next: Configuration): Configuration =>
  Object.fromEntries(
    Object.entries<Setting<unknown>>(settings).map(([key, { reload }]) => [
      key,
      (reload === undefined ? current : next)[key as keyof Configuration]
    ])
  ) as unknown as Configuration

const hangups = Effect.gen(function* () {
  const queue = yield* Queue.sliding<void>(1)
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      const listener = () => void queue.unsafeOffer(undefined)
      process.on("SIGHUP", listener)
      return listener
    }),
    (listener) => Effect.sync(() => process.off("SIGHUP", listener))
  )
  return queue
})

/** Follows the source for as long as the layer is held, and says what came of each SIGHUP. */
export const layer = (source: Source, limits: Limits["Type"]): Layer.Layer<never> =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const queue = yield* hangups
      let current = source.configuration
      const reload = Effect.gen(function* () {
        const next = yield* source.read
        const found = changes(current, next)
        current = adopted(current, next)
        for (const { holds } of found) yield* limits.change(holds)
        const lines = found.length === 0 ? ["Configuration: Nothing Changed"] : found.map(({ line }) => line)
        yield* Effect.forEach(lines, (line) => Effect.logInfo(line), { discard: true })
      }).pipe(
        Effect.catchTag("ConfigFileError", ({ message }) => Effect.logWarning(`Configuration Not Changed: ${message}`))
      )
      yield* Effect.forkScoped(Effect.forever(Effect.zipRight(Queue.take(queue), reload)))
    })
  )
