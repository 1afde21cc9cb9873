/** The terminal client in real terminals, as people use it. */
import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { itNeeds, serves } from "../support/Program.ts"
import { tmux } from "../support/Tmux.ts"

const test = itNeeds("tmux", "telnet")

/** The rows without their times, which differ from run to run. */
const untimed = (rows: ReadonlyArray<string>) => rows.map((row) => row.replace(/^\d\d:\d\d /, "HH:MM "))

/** The settings of the terminal that a program in raw mode has changed. */
const isRestored = (rows: ReadonlyArray<string>) => {
  const settings = rows.join(" ")
  return [" icanon", " echo ", " isig", " icrnl", " opost"].every((setting) => settings.includes(setting))
}

describe("partyline chat", () => {
  test("two of them and a telnet talk", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      const { chats, opens } = yield* tmux
      const ann = yield* chats(`chat ann@127.0.0.1:${port}`)
      yield* ann.showsLast("ann> ")
      const bob = yield* chats(`chat bob@127.0.0.1:${port}`, { columns: 40 })
      yield* bob.shows("Here with you: ann")
      yield* ann.shows("+ bob is here")
      const amy = yield* opens(`telnet 127.0.0.1 ${port}`)
      yield* amy.shows("Escape character")
      yield* amy.types("JOIN amy\r")
      yield* ann.shows("+ amy is here")

      yield* ann.types("hello everybody, this is a line that is longer than forty columns\r")
      yield* bob.shows("longer than forty")
      yield* amy.shows("FROM ann: hello everybody")
      yield* bob.types("/msg a\tpsst\r")
      yield* bob.shows("amos")
    }))
})
