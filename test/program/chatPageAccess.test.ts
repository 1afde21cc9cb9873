/** Whether the chat page can be read and used by everybody: axe-core, small screens, the keyboard alone. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Page } from "playwright-core"
import { awaits } from "../support/Browser.ts"
import { chats, says, shows, visits } from "../support/ChatTab.ts"
import { itNeeds, serves } from "../support/Program.ts"

const test = itNeeds("chromium")
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

/**
 * Rules of axe-core that the page breaks, each with the elements. The source is evaluated by the debugger: the policy
 * forbids a script tag.
 */
const violations = (page: Page) =>
  awaits(async () => {
    await page.evaluate(axe)
    return page.evaluate<ReadonlyArray<string>>(`axe.run().then(({ violations }) =>
      violations.map(({ id, nodes }) => id + ": " + nodes.map(({ target }) => target.join(" ")).join(", ")))`)
  })

const overflow = (page: Page) =>
  awaits(() => page.evaluate<number>("document.scrollingElement.scrollWidth - innerWidth"))

describe("the chat page", { concurrent: false }, () => {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1100, 320]) {
      test(`breaks no rule of axe-core, ${colorScheme}, ${width} pixels wide`, () =>
        Effect.gen(function* () {
          const { joins, port } = yield* serves()
          const { page } = yield* visits(port, { colorScheme, viewport: { width, height: 640 } })
          yield* awaits(() => page.getByLabel("Your name").fill("<b>"))
          yield* awaits(() => page.keyboard.press("Enter"))
          yield* shows(page, /cannot be a name/)
          expect(yield* violations(page)).toEqual([])
          expect(yield* overflow(page)).toBe(0)
          yield* awaits(() => page.getByLabel("Your name").fill("ann"))
          yield* awaits(() => page.keyboard.press("Enter"))
          yield* shows(page, "You are in the room as ann.")
          const people = yield* Effect.forEach(["bob", "carl", "dora", "emil", "frida", "W".repeat(32)], (name) =>
            joins(name)
          )
          yield* Effect.forEach(people, (person) => person.types("BCST good morning, everybody"))
          yield* Effect.forEach(people, (person) => person.types("MESG ann and only to you"))
          yield* says(page, "/msg bob yes?")
          yield* says(page, "/msg zoe lost")
          yield* awaits(() => page.locator(".refused").waitFor())
          yield* awaits(() => page.locator(".message.private").nth(7).waitFor())
          yield* awaits(() => page.locator("#input").fill("/msg bob half a line"))
          expect(yield* violations(page)).toEqual([])
          expect(yield* overflow(page)).toBe(0)
        }))
    }
  }

  test("is used with the keyboard alone", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const bob = yield* joins("bob")
      const { page } = yield* visits(port)
      // The name has the focus from the start; after joining, the message has it.
      yield* awaits(() => page.keyboard.type("ann"))
      yield* awaits(() => page.keyboard.press("Enter"))
      yield* awaits(() => page.getByRole("button", { name: "bob" }).waitFor())
      yield* awaits(() => page.keyboard.type("hello"))
      yield* awaits(() => page.keyboard.press("Enter"))
      expect(yield* bob.hears).toBe("FROM ann: hello")
      // Backwards from the input: the log, then the people.
      const focused = () => page.evaluate<string>("document.activeElement.id || document.activeElement.textContent")
      const back: Array<string> = []
      for (let step = 0; step < 2; step++) {
        yield* awaits(() => page.keyboard.press("Shift+Tab"))
        back.push(yield* awaits(focused))
      }
      expect(back).toEqual(["log", "bob"])
      yield* awaits(() => page.keyboard.press("Enter"))
      expect(yield* awaits(focused)).toBe("input")
      yield* awaits(() => page.keyboard.type("psst"))
      yield* awaits(() => page.keyboard.press("Enter"))
      expect(yield* bob.hears).toBe("FROM ann: psst")
    }))

  test("tells a screen reader each message once, in one sentence, and a flood as a number", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const { page } = yield* chats(port, "ann")
      const bob = yield* joins("bob")
      const announced = (text: string | RegExp) =>
        awaits(() => page.locator("#announcer p", { hasText: text }).waitFor({ state: "attached" }))
      yield* bob.types("BCST hello")
      yield* announced(/^bob: hello$/)
      yield* bob.types("MESG ann psst")
      yield* announced(/^private, bob: psst$/)
      yield* bob.sends(Array.from({ length: 500 }, (_, index) => `BCST ${index}\n`).join(""))
      yield* announced(/^\d+ new messages\. The last: bob: 499$/)
      expect(yield* awaits(() => page.getByRole("log", { name: "Messages" }).getAttribute("aria-live"))).toBe("off")
    }))

  test("says why notifications cannot be switched on over plain http", () =>
    Effect.gen(function* () {
      const { port } = yield* serves([], { host: null })
      const { page } = yield* chats(port, "ann")
      yield* awaits(() => page.evaluate(`Object.defineProperty(window, "isSecureContext", { value: false })`))
      yield* awaits(() => page.getByRole("button", { name: "Notify off" }).click())
      yield* shows(page, /only over https, or on localhost/)
    }))
})
