/** The status page in a real browser. */
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { awaits, opens } from "../support/Browser.ts"
import { servesWatched } from "../support/Operator.ts"
import { itNeeds } from "../support/Program.ts"

const test = itNeeds("chromium")

describe("the status page", { concurrent: false }, () => {
  test("shows an empty room, sends requests only to its own server, and logs no errors", () =>
    Effect.gen(function* () {
      const { opsPort } = yield* servesWatched()
      const { hosts, page, troubles } = yield* opens(`http://127.0.0.1:${opsPort}/`)
      yield* awaits(() => page.getByText("Nobody has joined yet.").waitFor())
      yield* awaits(() => page.getByText("accepting connections", { exact: true }).waitFor())
      yield* awaits(() => page.getByText("0 of 10 seats").waitFor())
      expect(yield* awaits(() => page.title())).toBe("0 here · partyline")
      expect(yield* awaits(() => page.locator("svg[role=img]").count())).toBe(3)
      expect([...hosts]).toEqual([`127.0.0.1:${opsPort}`])
      expect(troubles).toEqual([])
    }))

  test("updates by itself: members who join and leave, and queued bytes", () =>
    Effect.gen(function* () {
      const { joins, opsPort, program } = yield* servesWatched(["--max-users", "14"])
      const names = Array.from({ length: 12 }, (_, index) => `user${index}`)
      const people = yield* Effect.forEach(names, (name) => joins(name))
      const { page, troubles } = yield* opens(`http://127.0.0.1:${opsPort}/`)
      const rows = page.locator("tbody tr")
      yield* awaits(() => rows.nth(11).waitFor())
      expect(yield* awaits(() => page.locator("tbody th").allTextContents())).toEqual(names)
      const [fd = ""] = yield* program.captures(/^Client \((\d+)\): JOIN user3$/, 1)
      const socket = people[3]?.socket
      const port = typeof socket?.localPort === "number" ? socket.localPort : 0
      const cells = yield* awaits(() => rows.nth(3).locator("td").allTextContents())
      expect(cells.slice(1)).toEqual([`127.0.0.1:${port}`, fd, "0 B"])

      socket?.pause()
      const [ann] = people
      yield* (ann ?? people[0])?.sends(`MESG user3 ${"x".repeat(4000)}\n`.repeat(2000)) ?? Effect.void
      yield* awaits(() => rows.nth(3).locator(".queued").waitFor())
      socket?.destroy()
      yield* awaits(() => page.getByText("11 of 14 seats").waitFor())
      expect(yield* awaits(() => page.getByRole("rowheader", { name: "user3", exact: true }).count())).toBe(0)

      // The line of the messages chart is no longer flat.
      const path = yield* awaits(() => page.locator(".chart .line").first().getAttribute("d"))
      expect(path).toMatch(/^M[\d. L]+$/)
      expect(new Set([...(path ?? "").matchAll(/ ([\d.]+)(?:L|$)/g)].map(([, y]) => y)).size).toBeGreaterThan(1)
      expect(troubles).toEqual([])
    }))

  test("fits a phone in dark mode with a name of 32 characters", () =>
    Effect.gen(function* () {
      const { joins, opsPort } = yield* servesWatched()
      const name = "W".repeat(32)
      yield* joins(name)
      const { page } = yield* opens(`http://127.0.0.1:${opsPort}/`, {
        viewport: { width: 360, height: 740 },
        colorScheme: "dark"
      })
      yield* awaits(() => page.getByRole("rowheader", { name }).waitFor())
      const [inner, scroll] = yield* awaits(() =>
        page.evaluate<[number, number]>("[innerWidth, document.scrollingElement.scrollWidth]")
      )
      expect(scroll).toBe(inner)
      const ground = yield* awaits(() =>
        page.evaluate<string>("getComputedStyle(document.documentElement).backgroundColor")
      )
      expect(ground).toBe("rgb(15, 18, 22)")
    }))

  test("has a policy that blocks foreign scripts, styles and images", () =>
    Effect.gen(function* () {
      const { opsPort } = yield* servesWatched()
      const { page, troubles } = yield* opens(`http://127.0.0.1:${opsPort}/`)
      yield* awaits(() => page.getByText("0 of 10 seats").waitFor())
      const attempt = `
        const script = document.createElement("script")
        script.textContent = "document.title = 'taken'"
        document.body.append(script)
        const image = document.createElement("img")
        image.src = "http://127.0.0.1:1/"
        document.body.append(image)
        document.body.insertAdjacentHTML("beforeend", "<b style='color: red' onclick='document.title = 1'>x</b>")`
      yield* awaits(() => page.evaluate(attempt))
      yield* Effect.repeat(Effect.sleep("50 millis"), { until: () => troubles.length >= 3 })
      expect(yield* awaits(() => page.title())).toBe("0 here · partyline")
      for (const trouble of troubles)
        expect(trouble).toMatch(/Content Security Policy|failed: http:\/\/127\.0\.0\.1:1\//)
    }))

  test("shows that the server drains, and that it does not answer", () =>
    Effect.gen(function* () {
      const { joins, opsPort, program } = yield* servesWatched(["--drain-timeout", "1m", "--outbox", "10000000"])
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      bob.socket.pause()
      // More than the kernel buffers: the program waits for bob.
      yield* ann.sends(`MESG bob ${"x".repeat(4000)}\n`.repeat(2000))
      yield* ann.types("PING")
      yield* ann.hears
      const { page } = yield* opens(`http://127.0.0.1:${opsPort}/`)
      yield* awaits(() => page.getByText("accepting connections", { exact: true }).waitFor())
      yield* program.signals("SIGTERM")
      yield* awaits(() => page.getByText("not accepting connections").waitFor())
      bob.socket.destroy()
      expect(yield* program.ended).toMatchObject({ code: 0 })
      yield* awaits(() => page.getByText("no answer from the server").waitFor())
    }))
})
