/** The chat page in a real browser: lost connections, reloads, and being away. */
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Page } from "playwright-core"
import { awaits } from "../support/Browser.ts"
import { becomes, chats, cuttableWay, hides, joinsOn, says, shows } from "../support/ChatTab.ts"
import { freePort } from "../support/freePort.ts"
import { itNeeds, serves } from "../support/Program.ts"

const test = itNeeds("chromium")

const titleIs = (page: Page, title: string) => becomes(page, `document.title === ${JSON.stringify(title)}`)

describe("the chat page", { concurrent: false }, () => {
  test("comes back after a restart of the server, and says so", () =>
    Effect.gen(function* () {
      const first = yield* serves([], { port: yield* freePort })
      const { page } = yield* chats(first.port, "ann")
      yield* first.program.signals("SIGTERM")
      yield* first.program.ended
      yield* shows(page, "not connected")
      yield* says(page, "kept")
      yield* shows(page, /The text stays here/)
      const second = yield* serves([], { port: first.port })
      yield* second.program.says((yield* second.program.captures(/^(Client \(\d+\): JOIN ann)$/, 1))[0] ?? "")
      yield* shows(page, "Back as ann. What was said in between did not reach you.")
      const bob = yield* second.joins("bob")
      yield* awaits(() => page.keyboard.press("Enter"))
      expect(yield* bob.hears).toBe("FROM ann: kept")
    }))

  test("takes its seat back with RECLAIM when only its own connection broke", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves()
      const way = yield* cuttableWay(port)
      const { page } = yield* chats(way.port, "ann")
      yield* way.cut
      yield* shows(page, /Back as ann, with your seat kept/)
      yield* program.captures(/^Client \(\d+\): (RECLAIM ann)$/, 1)
      expect(program.lines.filter((line) => line.endsWith(": JOIN ann"))).toHaveLength(1)
      yield* way.cut
      yield* program.captures(/^Client \(\d+\): (RECLAIM ann)$/, 2)
    }))

  test("does not come back by itself after Session Reclaimed or Idle Too Long, and offers a button", () =>
    Effect.gen(function* () {
      const { port } = yield* serves(["--idle-timeout", "1s"])
      const { page } = yield* chats(port, "ann")
      yield* shows(page, /You were quiet for longer than the server allows/)
      yield* awaits(() => page.getByRole("button", { name: "Join again" }).click())
      yield* awaits(() => page.locator(".note", { hasText: "You are in the room as ann." }).nth(1).waitFor())
    }))

  test("keeps the name over a reload, and a duplicated tab does not take the seat", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves()
      const { page } = yield* chats(port, "ann")
      yield* awaits(() => page.reload())
      yield* shows(page, /Back as ann/)
      // A window that a page opens on itself gets a copy of its session storage, as a duplicated tab does.
      const [twin] = yield* awaits(() =>
        Promise.all([page.waitForEvent("popup"), page.evaluate("void open(location.href)")])
      )
      yield* awaits(() => twin.getByLabel("Your name").waitFor())
      yield* joinsOn(twin, "bob")
      yield* says(page, "still here")
      yield* shows(twin, "still here")
      expect(program.lines.filter((line) => line.includes("Session Reclaimed"))).toEqual([])
    }))

  test("asks for the name again after a reload where the browser blocks its storage", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      const { page, troubles } = yield* chats(port, "ann")
      const blocks = `Object.defineProperty(window, "sessionStorage", {
        get: () => { throw new DOMException("The operation is insecure.", "SecurityError") }
      })`
      yield* awaits(() => page.evaluate(blocks))
      yield* awaits(() => page.addInitScript(blocks))
      yield* awaits(() => page.reload())
      yield* joinsOn(page, "ann")
      expect(troubles).toEqual([])
    }))

  test("marks and counts what came while away", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const bob = yield* joins("bob")
      const { page } = yield* chats(port, "ann")
      yield* hides(page, true)
      yield* bob.types("BCST one")
      yield* bob.types("MESG ann two")
      yield* titleIs(page, "(2) ann · partyline")
      yield* hides(page, false)
      yield* titleIs(page, "ann · partyline")
      expect(yield* awaits(() => page.locator(".mark + .message .text").textContent())).toBe("one")
    }))

  test("rings, and shows a notification while away, if asked to", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const bob = yield* joins("bob")
      const { page, troubles } = yield* chats(port, "ann")
      yield* awaits(() => page.context().grantPermissions(["notifications"]))
      yield* awaits(() =>
        page.evaluate(`
          window.seen = []
          const { start } = OscillatorNode.prototype
          OscillatorNode.prototype.start = function (...when) { seen.push("tone"); start.apply(this, when) }
          const { permission } = Notification
          window.Notification = class extends EventTarget {
            static permission = permission
            constructor(title, { body }) { super(); seen.push(title + ": " + body) }
          }`)
      )
      const seen = (expected: ReadonlyArray<string>) =>
        becomes(page, `JSON.stringify(seen) === ${JSON.stringify(JSON.stringify(expected))}`)
      yield* hides(page, true)
      yield* bob.types("MESG ann nobody asked")
      yield* titleIs(page, "(1) ann · partyline")
      yield* seen([])
      yield* awaits(() => page.getByRole("button", { name: "Sound off" }).click())
      yield* seen(["tone", "tone"])
      yield* awaits(() => page.getByRole("button", { name: "Notify off" }).click())
      yield* awaits(() => page.getByRole("button", { name: "Notify on", pressed: true }).waitFor())
      yield* bob.types("MESG ann psst")
      yield* seen(["tone", "tone", "tone", "tone", "bob (private): psst"])
      expect(troubles).toEqual([])
    }))
})
