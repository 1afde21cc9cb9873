/** A screen and a link in memory: a test presses the keys and plays the server. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { line } from "../../src/chat/Block.ts"
import { Pressed } from "../../src/chat/Keys.ts"
import { Screen, type ScreenEvent } from "../../src/chat/Screen.ts"
import { lineOf } from "../../src/client/Command.ts"
import { Link, type LinkEvent } from "../../src/client/Link.ts"

/** Something that changes, and that can be waited for. */
class Watched {
  private readonly waiting: Array<() => void> = []

  readonly tell = (): void => {
    for (const f of this.waiting.splice(0)) f()
  }

  /** Calls `find` after each change until it returns a value. */
  readonly until = <A>(find: () => A | undefined): Effect.Effect<A> =>
    Effect.suspend(() => {
      const found = find()
      if (found !== undefined) return Effect.succeed(found)
      const news = Effect.async<void>((resume) => void this.waiting.push(() => resume(Effect.void)))
      return Effect.zipRight(news, this.until(find))
    })
}

export const memoryScreen = Effect.gen(function* () {
  const events = yield* Queue.unbounded<ScreenEvent>()
  const watched = new Watched()
  const printed: Array<string> = []
  let row = ""
  let drawings = 0
  let isTaking = true
  const layer = Layer.succeed(
    Screen,
    Screen.of({
      columns: 60,
      isInteractive: true,
      events: Stream.fromQueue(events),
      print: (block) => Effect.sync(() => void printed.push(line(block, () => "21:04"))),
      ring: Effect.void,
      draw: ({ afterCursor, beforeCursor }) =>
        Effect.sync(() => {
          drawings++
          row = `${beforeCursor}|${afterCursor}`
          watched.tell()
        }),
      takeLines: (isReady) =>
        Effect.sync(() => {
          isTaking = isReady
          watched.tell()
        }),
      suspend: Effect.void
    })
  )
  const happens = (event: ScreenEvent) => Queue.offer(events, event)
  const presses = (name: string) => happens(Pressed({ key: { name, text: "" } }))
  const types = (text: string) => Effect.forEach(text, (text) => happens(Pressed({ key: { name: "", text } })))
  return {
    layer,
    printed,
    happens,
    /** Waits until a pipe may go on, or has to wait. */
    takesLines: (isReady: boolean) => watched.until(() => (isTaking === isReady ? isReady : undefined)),
    presses,
    types,
    enters: (text: string) => Effect.zipRight(types(text), presses("return")),
    /** Waits for a printed line. */
    shows: (text: string) => watched.until(() => printed.find((line) => line.includes(text))),
    /** Waits until the input row is this one. */
    showsRow: (expected: string) => watched.until(() => (row === expected ? row : undefined)),
    drawings: () => drawings
  }
})

export const memoryLink = Effect.gen(function* () {
  const events = yield* Queue.unbounded<LinkEvent>()
  const said: Array<string> = []
  const watched = new Watched()
  const names: Array<string> = []
  const link = (name: string) =>
    Layer.sync(Link, () => {
      names.push(name)
      watched.tell()
      return Link.of({
        events: Stream.takeUntil(Stream.fromQueue(events), ({ _tag }) => _tag === "Over"),
        say: (...commands) =>
          Effect.sync(() => {
            said.push(...commands.map(lineOf))
            watched.tell()
          })
      })
    })
  return {
    link,
    said,
    happens: (...some: ReadonlyArray<LinkEvent>) => Queue.offerAll(events, some),
    /** Waits until the line has been said. */
    hears: (line: string) => watched.until(() => (said.includes(line) ? line : undefined)),
    /** Waits until somebody connects under this name. */
    meets: (name: string) => watched.until(() => (names.includes(name) ? name : undefined))
  }
})
