/** The status page in a real browser. */

import * as Tls from "node:tls"
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { awaits, opens } from "../support/Browser.ts"
import { certificates } from "../support/Certificates.ts"
import { servesOperator, servesWatched, TOKEN } from "../support/Operator.ts"
import { calling, itNeeds } from "../support/Program.ts"

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
      expect(yield* awaits(() => page.getByLabel("Operator's token").isVisible())).toBe(false)
      expect([...hosts]).toEqual([`127.0.0.1:${opsPort}`])
      expect(troubles).toEqual([])
    }))

  test("updates by itself: members who join and leave, and queued bytes", () =>
    Effect.gen(function* () {
      const { joins, opsPort, program } = yield* servesWatched(["--max-users", "14"])
      const names = Array.from({ length: 12 }, (_, index) => `user${index}`)
      const people = yield* Effect.forEach(names, (name) => joins(name))
      const { page, troubles } = yield* opens(`http://127.0.0.1:${opsPort}/`)
      const rows = page.locator("#people tr")
      yield* awaits(() => rows.nth(11).waitFor())
      expect(yield* awaits(() => page.locator("#people th").allTextContents())).toEqual(names)
      const [fd = ""] = yield* program.captures(/^Client \((\d+)\): JOIN user3$/, 1)
      const socket = people[3]?.socket
      const port = typeof socket?.localPort === "number" ? socket.localPort : 0
      const cells = yield* awaits(() => rows.nth(3).locator("td").allTextContents())
      expect(cells.slice(1, 6)).toEqual([`127.0.0.1:${port}`, "no", "4", fd, "0 B"])
      expect(yield* awaits(() => page.getByRole("button").count())).toBe(0)

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

  test("has units and times on the axes of its charts, and shows the time under the pointer", () =>
    Effect.gen(function* () {
      const { joins, opsPort } = yield* servesWatched()
      const ann = yield* joins("ann")
      const { page } = yield* opens(`http://127.0.0.1:${opsPort}/`)
      yield* ann.types("MESG ann hi\nBCST to nobody\nMESG bob unknown")
      const charts = page.locator(".chart")
      const pattern = [/^10\/s5\/s[\d:]+$/, /^105[\d:]+$/, /^[\d,]+ ms[\d,.]+ ms[\d:]+$/]
      for (const [index, axes] of pattern.entries()) {
        yield* awaits(() =>
          charts
            .nth(index)
            .getByText(/^\d\d:\d\d:(00|15|30|45)$/)
            .first()
            .waitFor()
        )
        expect(
          yield* awaits(() =>
            charts
              .nth(index)
              .locator("text")
              .allTextContents()
              .then((all) => all.join(""))
          )
        ).toMatch(axes)
      }
      const first = charts.first()
      // Messages in and their deliveries are two figures, and two totals.
      expect(yield* awaits(() => first.locator("small").allTextContents())).toEqual(["in", "delivered"])
      yield* awaits(() => page.getByText("Messages in3").waitFor())
      yield* awaits(() => page.getByText("Messages delivered1").waitFor())
      yield* awaits(() => first.locator("svg").hover())
      yield* awaits(() =>
        first
          .locator(".when")
          .getByText(/^\d\d:\d\d:\d\d$/)
          .waitFor()
      )
    }))

  test("shows who is on TLS, and connections that are not registered", () =>
    Effect.gen(function* () {
      const { selfSigned } = yield* certificates
      const { cert, key } = selfSigned("localhost")
      const { connects, joins, opsPort, port, program } = yield* servesWatched([
        ...["--tls-port", "0", "--tls-cert", cert, "--tls-key", key]
      ])
      const [tlsPort] = yield* program.captures(/^Waiting for Incoming Connections on \S+:(\d+) \(TLS\)$/, 1)
      const secure = (port: number) =>
        Effect.orDie(calling((ready) => Tls.connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, ready)))
      yield* joins("ann")
      const bob = yield* secure(Number(tlsPort))
      yield* bob.types("JOIN bob")
      yield* bob.hears
      const { page } = yield* opens(`http://127.0.0.1:${opsPort}/`)
      const secrecy = (body: string) => awaits(() => page.locator(`${body} td:nth-child(4)`).allTextContents())
      yield* awaits(() => page.getByText("2 of 10 seats").waitFor())
      expect(yield* secrecy("#people")).toEqual(["no", "yes"])
      expect(yield* awaits(() => page.getByText("Not registered").isVisible())).toBe(false)
      yield* secure(port)
      const stranger = yield* connects
      yield* awaits(() => page.getByText("Not registered 2").waitFor())
      expect(yield* secrecy("#unregistered")).toEqual(["yes", "no"])
      yield* stranger.types("JOIN eve")
      yield* awaits(() => page.getByText("Not registered 1").waitFor())
      expect(yield* awaits(() => page.locator("#people th").allTextContents())).toEqual(["ann", "bob", "eve"])
    }))

  test("lets the operator say something and end a connection, with the token and when that is confirmed", () =>
    Effect.gen(function* () {
      const { at, idOf, joins, program } = yield* servesOperator()
      const ann = yield* joins("ann")
      const bob = yield* joins("bob")
      const id = yield* idOf("bob")
      const { page, troubles } = yield* opens(at("/"))
      const outcome = (text: string) => awaits(() => page.getByRole("status").getByText(text).waitFor())
      const clicks = (name: string) => awaits(() => page.getByRole("button", { name, exact: true }).click())
      const types = (label: string, text: string) => awaits(() => page.getByLabel(label).fill(text))

      yield* types("Say to everybody", "restart at noon – grüße")
      yield* clicks("Say")
      yield* outcome("Type the token first: it is in the file of --ops-token.")
      yield* types("Operator's token", "wrong-horse-battery")
      yield* clicks("Say")
      yield* outcome("The token is wrong.")
      yield* types("Operator's token", TOKEN)
      yield* clicks("Say")
      yield* outcome("Said to everybody registered.")
      for (const person of [ann, bob]) expect(yield* person.hears).toBe("FROM *: restart at noon – grüße")
      expect(yield* awaits(() => page.getByLabel("Say to everybody").inputValue())).toBe("")
      yield* clicks("Say")
      yield* outcome("There is no text to say.")

      yield* clicks(`End connection ${id}`)
      yield* awaits(() => page.getByRole("heading", { name: "End the connection of bob?" }).waitFor())
      yield* clicks("Keep")
      yield* bob.types("PING")
      expect(yield* bob.hears).toBe("PONG")
      yield* clicks(`End connection ${id}`)
      yield* clicks("End it")
      yield* outcome(`Connection ${id} has been ended.`)
      expect(yield* bob.isLeft).toEqual(["Removed by Operator. Disconnecting User."])
      yield* awaits(() => page.getByText("1 of 10 seats").waitFor())

      // Nothing of the token is kept.
      expect(program.stdout).not.toMatch(/horse/)
      const kept = "JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href])"
      expect(yield* awaits(() => page.evaluate<string>(kept))).not.toContain("horse")
      // Before the page is loaded again: that gives up a request that is under way.
      expect(troubles.filter((trouble) => !/status of 40[01]/.test(trouble))).toEqual([])
      yield* awaits(() => page.reload())
      expect(yield* awaits(() => page.getByLabel("Operator's token").inputValue())).toBe("")
    }))

  test("fits a phone in dark mode with a name of 32 characters", () =>
    Effect.gen(function* () {
      const { at, joins } = yield* servesOperator()
      const name = "W".repeat(32)
      yield* joins(name)
      const { page } = yield* opens(at("/"), {
        viewport: { width: 360, height: 740 },
        colorScheme: "dark"
      })
      yield* awaits(() => page.getByRole("rowheader", { name }).waitFor())
      // As wide as it can be while somebody does not read.
      const measure = `
        document.querySelector("#people td:nth-child(7)").textContent = "1023.6 KiB";
        [innerWidth, document.scrollingElement.scrollWidth]`
      const [inner, scroll] = yield* awaits(() => page.evaluate<[number, number]>(measure))
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
      const { joins, opsPort, program } = yield* servesWatched(["--drain-timeout", "1m", "--patience", "1m"])
      const ann = yield* joins("ann")
      ann.socket.pause()
      // More than the kernel takes for a client that does not read.
      yield* ann.sends("LIST\n".repeat(200_000))
      yield* program.says(`Client (${(yield* program.captures(/^Client \((\d+)\): JOIN ann$/, 1))[0]}): LIST`)
      const { page } = yield* opens(`http://127.0.0.1:${opsPort}/`)
      yield* awaits(() => page.getByText("accepting connections", { exact: true }).waitFor())
      yield* program.signals("SIGTERM")
      yield* awaits(() => page.getByText("not accepting connections").waitFor())
      ann.socket.destroy()
      expect(yield* program.ended).toMatchObject({ code: 0 })
      yield* awaits(() => page.getByText("no answer from the server").waitFor())
    }))
})
