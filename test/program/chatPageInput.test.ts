/** The chat page in a real browser: the keyboard, paste, and 10,000 messages. */
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { awaits } from "../support/Browser.ts"
import { becomes, chats, says, shows } from "../support/ChatTab.ts"
import { itNeeds, serves } from "../support/Program.ts"

const test = itNeeds("chromium")

describe("the chat page", { concurrent: false }, () => {
  test("completes names by Tab, and Tab moves the focus where there is nothing to complete", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      yield* joins("bob")
      yield* joins("bobby")
      const { page } = yield* chats(port, "ann")
      yield* awaits(() => page.getByRole("button", { name: "bobby" }).waitFor())
      const input = page.locator("#input")
      const press = (text: string, ...keys: ReadonlyArray<string>) =>
        awaits(async () => {
          await input.fill(text)
          for (const key of keys) await page.keyboard.press(key)
          return [await input.inputValue(), await page.evaluate<string>("document.activeElement.textContent")]
        })
      expect(yield* press("/msg b", "Tab")).toEqual(["/msg bob ", ""])
      expect(yield* press("/msg b", "Tab", "Tab")).toEqual(["/msg bobby ", ""])
      expect(yield* press("/msg b", "Tab", "Tab", "Tab")).toEqual(["/msg bobby ", "Send"])
      expect(yield* press("ask x", "Tab")).toEqual(["ask x", "Send"])
      expect(yield* press("bob", "ArrowLeft", "Tab")).toEqual(["bob", "Send"])
      expect(yield* press("half", "ArrowUp")).toEqual(["half", ""])
      yield* says(page, "one")
      expect(yield* press("half", "ArrowUp", "ArrowDown")).toEqual(["half", ""])
      expect(yield* press("", "ArrowUp")).toEqual(["one", ""])
    }))

  test("does not send while an input method composes", () =>
    Effect.gen(function* () {
      const { port } = yield* serves()
      const { page } = yield* chats(port, "ann")
      yield* awaits(() => page.locator("#input").fill("にほん"))
      yield* awaits(() =>
        page.evaluate(`for (const init of [{ isComposing: true }, { keyCode: 229 }])
          document.getElementById("input").dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", cancelable: true, ...init }))`)
      )
      expect(yield* awaits(() => page.locator("#input").inputValue())).toBe("にほん")
      expect(yield* awaits(() => page.locator(".message").count())).toBe(0)
    }))

  test("asks before it sends several pasted lines", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const bob = yield* joins("bob")
      const { page } = yield* chats(port, "ann")
      yield* awaits(() => page.context().grantPermissions(["clipboard-read", "clipboard-write"]))
      const pastes = (text: string) =>
        awaits(async () => {
          await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`)
          await page.locator("#input").focus()
          await page.keyboard.press("Control+V")
        })
      yield* pastes("/quit\r\nsecond")
      yield* shows(page, "2 lines to everybody?")
      yield* awaits(() => page.keyboard.press("Escape"))
      yield* awaits(() => page.locator("#paste").waitFor({ state: "hidden" }))
      yield* pastes("/quit\r\nsecond")
      yield* awaits(() => page.getByRole("button", { name: "Send 2 messages" }).click())
      expect([yield* bob.hears, yield* bob.hears]).toEqual(["FROM ann: /quit", "FROM ann: second"])
      yield* pastes("one\ntwo\n")
      yield* awaits(() => page.getByRole("button", { name: "Put into one line" }).click())
      expect(yield* awaits(() => page.locator("#input").inputValue())).toBe("one two")
      yield* awaits(() => page.locator("#input").fill(""))
      yield* pastes("a single line\n")
      expect(yield* awaits(() => page.locator("#paste").isVisible())).toBe(false)
    }))

  test(
    "keeps its place and does the same work for each of 10,000 messages",
    () =>
      Effect.gen(function* () {
        const { joins, port } = yield* serves()
        const { page } = yield* chats(port, "ann", { viewport: { width: 900, height: 700 } })
        const bob = yield* joins("bob")
        const sends = (from: number, to: number) =>
          Effect.zipRight(
            bob.sends(Array.from({ length: to - from }, (_, index) => `BCST message ${from + index}\n`).join("")),
            awaits(() =>
              page
                .locator(".message .text", { hasText: new RegExp(`^message ${to - 1}$`) })
                .waitFor({ state: "attached" })
            )
          )
        yield* sends(0, 300)
        yield* awaits(() => page.evaluate(`document.getElementById("log").scrollTop = 500`))
        yield* becomes(page, `document.getElementById("log").scrollTop === 500`)
        const session = yield* awaits(() => page.context().newCDPSession(page))
        yield* awaits(() => session.send("Performance.enable"))
        const layouts = Effect.map(
          awaits(() => session.send("Performance.getMetrics")),
          ({ metrics }) => metrics.find(({ name }) => name === "LayoutCount")?.value ?? Number.NaN
        )
        yield* awaits(() =>
          page.evaluate(`
          window.changes = { added: 0, removed: 0 }
          new MutationObserver((records) => {
            for (const { addedNodes, removedNodes } of records) {
              changes.added += addedNodes.length
              changes.removed += removedNodes.length
            }
          }).observe(document.getElementById("log"), { childList: true, subtree: true })`)
        )
        const before = yield* layouts
        yield* sends(300, 10_300)
        const after = yield* layouts
        yield* shows(page, "10000 new ↓")
        // Each message is one node, each hundred one block; nothing that was there is touched.
        expect(yield* awaits(() => page.evaluate("changes"))).toEqual({ added: 10_100, removed: 0 })
        expect(after - before).toBeLessThan(1000)
        expect(yield* awaits(() => page.evaluate(`document.getElementById("log").scrollTop`))).toBe(500)
        const drawn = yield* awaits(() =>
          page.evaluate<number>(`[...document.querySelectorAll(".message")]
          .filter((message) => message.checkVisibility({ contentVisibilityAuto: true })).length`)
        )
        expect(drawn).toBeLessThan(800)
        // At the end again, the oldest blocks are dropped.
        yield* awaits(() => page.getByRole("button", { name: "10000 new" }).click())
        yield* sends(10_300, 10_400)
        expect(yield* awaits(() => page.locator(".block").count())).toBeLessThanOrEqual(100)
        const isAtEnd = `(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight < 48)(document.getElementById("log"))`
        yield* becomes(page, isAtEnd)
      }),
    60_000
  )
})
