/** The whole chat on a screen and a link in memory. */

import * as PlatformError from "@effect/platform/Error"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import { chat } from "../../src/chat/Chat.ts"
import { HistoryFile, HistoryFileError } from "../../src/chat/HistoryFile.ts"
import { Entered } from "../../src/chat/Screen.ts"
import { NameRefused } from "../../src/client/Ending.ts"
import type { LinkEvent } from "../../src/client/Link.ts"
import { memoryLink, memoryScreen } from "../support/MemoryScreen.ts"

const online = (name: string): LinkEvent => ({ _tag: "Online", name, isReclaimed: false })
const hears = (text: string): LinkEvent => ({
  _tag: "Heard",
  at: 0,
  message: { _tag: "From", sender: "bob", text, audience: "public" }
})
const pong: LinkEvent = { _tag: "Heard", at: 0, message: { _tag: "Pong" } }

const noHistory = Layer.succeed(HistoryFile, { lines: Effect.succeed([]), remember: () => Effect.void })

/** Chats in the background under a name; undefined if it has to be asked for. */
const chatting = (name: string | undefined, history: Layer.Layer<HistoryFile> = noHistory) =>
  Effect.gen(function* () {
    const screen = yield* memoryScreen
    const server = yield* memoryLink
    const fiber = yield* Effect.forkScoped(
      Effect.provide(chat({ name, link: server.link }), Layer.merge(screen.layer, history))
    )
    return { screen, server, exitCode: Fiber.join(fiber) }
  })

describe("a chat", () => {
  it.scoped("shows what comes, says what is typed, and leaves", () =>
    Effect.gen(function* () {
      const { exitCode, screen, server } = yield* chatting("ann")
      yield* screen.showsRow("(connecting) ann> |")
      yield* server.happens(online("ann"), pong, hears("hello"))
      yield* screen.shows("bob: hello")
      yield* screen.enters("hi bob")
      yield* server.hears("BCST hi bob")
      yield* screen.showsRow("(sending: hi bob) ann> |")
      yield* server.happens(pong)
      yield* screen.shows("> ann: hi bob")
      yield* screen.presses("ctrl-d")
      assert.strictEqual(yield* exitCode, 0)
      assert.deepStrictEqual(server.said, ["HELP", "PING", "BCST hi bob", "PING", "QUIT"])
    })
  )

  it.scoped("asks for a name, and for another if that one is refused", () =>
    Effect.gen(function* () {
      const { exitCode, screen, server } = yield* chatting(undefined)
      yield* screen.showsRow("Your name: |")
      yield* screen.enters("bob")
      yield* server.meets("bob")
      const answer = { _tag: "Refused", reason: "UsernameTaken", text: "Username Already Taken (bob)." } as const
      yield* server.happens({ _tag: "Over", why: new NameRefused({ answer }) })
      yield* screen.shows("Somebody here has this name already.")
      yield* screen.showsRow("Your name: |")
      yield* screen.enters("ann")
      yield* server.meets("ann")
      yield* server.happens(online("ann"), pong)
      yield* screen.showsRow("ann> |")
      yield* screen.presses("ctrl-c")
      assert.strictEqual(yield* exitCode, 130)
    })
  )

  it.scoped("draws what is already here once, and keeps the order", () =>
    Effect.gen(function* () {
      const { screen, server } = yield* chatting("ann")
      yield* server.happens(online("ann"), pong)
      yield* screen.showsRow("ann> |")
      const before = screen.drawings()
      yield* server.happens(...Array.from({ length: 1000 }, (_, index) => hears(`line ${index}`)))
      yield* screen.types("abc")
      yield* screen.shows("line 999")
      yield* screen.showsRow("ann> abc|")
      assert.isBelow(screen.drawings() - before, 20)
      const numbers = screen.printed.flatMap((line) => /line (\d+)/.exec(line)?.[1] ?? [])
      assert.deepStrictEqual(
        numbers,
        Array.from({ length: 1000 }, (_, index) => `${index}`)
      )
    })
  )

  it.scoped("lets a pipe wait while many of its lines wait for a connection or an answer", () =>
    Effect.gen(function* () {
      const { screen, server } = yield* chatting("ann")
      const lines = (count: number) =>
        Effect.forEach(Array.from({ length: count }), () => screen.happens(Entered({ line: "hi" })))
      yield* lines(999)
      yield* screen.takesLines(true)
      yield* lines(1)
      yield* screen.takesLines(false)
      // HELP for the limit of a line is on its way too.
      yield* server.happens(online("ann"), pong)
      yield* screen.showsRow("(sending 1000 lines) ann> |")
      yield* screen.takesLines(false)
      yield* server.happens(pong)
      yield* screen.takesLines(true)
      yield* lines(2)
      yield* screen.takesLines(false)
    })
  )

  it.scoped("goes on without a history file, and says why", () =>
    Effect.gen(function* () {
      const cause = new PlatformError.SystemError({
        reason: "PermissionDenied",
        module: "FileSystem",
        method: "readFile",
        pathOrDescriptor: "/x"
      })
      const error = new HistoryFileError({ path: "/x", cause })
      const broken = Layer.succeed(HistoryFile, { lines: Effect.fail(error), remember: () => Effect.fail(error) })
      const { screen, server } = yield* chatting("ann", broken)
      yield* screen.shows("commands are not kept between runs: /x: PermissionDenied")
      yield* server.happens(online("ann"), pong)
      yield* screen.showsRow("ann> |")
    })
  )
})
