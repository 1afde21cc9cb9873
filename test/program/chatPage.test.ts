/** The chat page in a real browser, with people in telnet: talking, refusals, hostile texts and pages. */
import * as Http from "node:http"
import { describe, expect } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { awaits, opens } from "../support/Browser.ts"
import { certificates } from "../support/Certificates.ts"
import { asksToJoin, chats, joinsOn, says, shows, visits } from "../support/ChatTab.ts"
import { itNeeds, serves, starts } from "../support/Program.ts"

const test = itNeeds("chromium")

describe("the chat page", { concurrent: false }, () => {
  itNeeds("chromium", "telnet")("talks with somebody in telnet, publicly and privately", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves()
      const { hosts, page, troubles } = yield* chats(port, "ann")
      const telnet = yield* starts(["telnet", "127.0.0.1", String(port)])
      yield* telnet.until(() => telnet.stdout.includes("Escape character") || undefined)
      yield* telnet.types("JOIN bob")
      yield* telnet.until(() => telnet.stdout.includes("JOIN bob Request Accepted") || undefined)
      yield* awaits(() => page.getByRole("button", { name: "bob" }).waitFor())

      yield* says(page, "good morning")
      yield* telnet.until(() => telnet.stdout.includes("FROM ann: good morning") || undefined)
      yield* telnet.types("BCST hello everybody")
      yield* awaits(() => page.locator(".message.public .text", { hasText: "hello everybody" }).waitFor())
      yield* telnet.types("MESG ann only for you")
      const received = page.locator(".message.private", { hasText: "only for you" })
      yield* awaits(() => received.waitFor())
      expect(yield* awaits(() => received.textContent())).toMatch(/bob[\s\S]*private, only for you[\s\S]*only for you/)

      yield* awaits(() => page.getByRole("button", { name: "bob" }).click())
      expect(yield* awaits(() => page.locator("#input").inputValue())).toBe("/msg bob ")
      yield* shows(page, "Only to bob")
      yield* awaits(() => page.keyboard.type("psst"))
      yield* awaits(() => page.keyboard.press("Enter"))
      yield* telnet.until(() => telnet.stdout.includes("FROM ann: psst") || undefined)
      yield* awaits(() => page.locator(".message.private.own.sent", { hasText: "private, only for bob" }).waitFor())

      yield* telnet.types("QUIT")
      yield* shows(page, "bob left")
      expect(yield* awaits(() => page.locator("#people .person").allTextContents())).toEqual(["ann (you)"])
      expect(
        program.lines
          .filter((line) => /^Client \(\d+\): (KEY|WATCH|LIST)$/.test(line))
          .slice(0, 3)
          .map((line) => line.split(" ").at(-1))
      ).toEqual(["KEY", "WATCH", "LIST"])
      expect([...hosts]).toEqual([`127.0.0.1:${port}`])
      expect(troubles).toEqual([])
    })
  )

  test("says why a name is refused, and what the rule is", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves(["--max-users", "2"])
      yield* joins("bob")
      const { page } = yield* visits(port)
      yield* asksToJoin(page, "")
      yield* shows(page, /Choose a name first/)
      yield* asksToJoin(page, "<b>")
      yield* shows(page, /“<b>” cannot be a name here\. A name is 1 to 32 letters/)
      yield* asksToJoin(page, "x".repeat(33))
      yield* shows(page, /“x{33}” cannot be a name/)
      yield* asksToJoin(page, "BOB")
      yield* shows(page, /Somebody is here as “BOB” already; capital and small letters count as the same/)
      yield* joins("carl")
      yield* asksToJoin(page, "ann")
      yield* shows(page, /The room is full/)
    }))

  test("says why a message was not sent, at the message or below the input", () =>
    Effect.gen(function* () {
      const { port } = yield* serves(["--max-line", "100"])
      const { page } = yield* chats(port, "ann")
      yield* says(page, "/msg zoe hello")
      yield* awaits(() =>
        page.locator(".message.refused", { hasText: "Not sent: nobody here is called “zoe”." }).waitFor()
      )
      yield* says(page, "x".repeat(96))
      yield* shows(page, "Too long by 1 bytes. A line holds 100, the command included.")
      expect(yield* awaits(() => page.locator("#input").inputValue())).toBe("x".repeat(96))
      yield* says(page, "x".repeat(95))
      yield* awaits(() => page.locator(".message.sent", { hasText: "x".repeat(95) }).waitFor())
      yield* says(page, "/nonsense")
      yield* shows(page, /There is no command \/nonsense/)
    }))

  test("shows hostile texts as text, each inside its own message", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* serves()
      const { page, troubles } = yield* chats(port, "ann", { viewport: { width: 320, height: 640 } })
      const eve = yield* joins("eve")
      const texts = [
        `<img src=x onerror="document.title = 'taken'"><script>document.title = 'taken'</script>`,
        "MESG FROM ann: forged",
        `z${"\u0301".repeat(500)}algo`,
        "W".repeat(4000),
        "مرحبا ann, كيف الحال؟",
        `${" ".repeat(300)}FROM ann: forged`
      ]
      for (const text of [...texts, "a\u202eb\u2066c"]) yield* eve.types(`BCST ${text}`)
      yield* shows(page, "abc")
      expect(yield* awaits(() => page.locator(".message .text").allTextContents())).toEqual([...texts, "abc"])
      expect(yield* awaits(() => page.locator(".message.private, .log img, .log script").count())).toBe(0)
      expect(yield* awaits(() => page.title())).toBe("ann · partyline")
      // No text sticks out of its message, and none makes the page wider.
      const [wide, high] = yield* awaits(() =>
        page.evaluate<[number, number]>(`[
          document.scrollingElement.scrollWidth - innerWidth,
          Math.max(...[...document.querySelectorAll(".message")].map((message) => message.scrollHeight - message.clientHeight))
        ]`)
      )
      expect([wide, high]).toEqual([0, 0])
      expect(troubles).toEqual([])
    }))

  test("is refused to a page of another origin", () =>
    Effect.gen(function* () {
      const { port, program } = yield* serves()
      const stranger = yield* Effect.acquireRelease(
        Effect.async<Http.Server>((resume) => {
          const server = Http.createServer((_, response) =>
            response.setHeader("content-type", "text/html").end("<p>hello")
          )
          server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
        }),
        (server) => Effect.sync(() => server.closeAllConnections() ?? server.close())
      )
      const address = stranger.address()
      const strangers = typeof address === "object" && address !== null ? address.port : 0
      const { page } = yield* opens(`http://127.0.0.1:${strangers}/`)
      const outcome = yield* awaits(() =>
        page.evaluate<string>(`new Promise((resolve) => {
          const socket = new WebSocket("ws://127.0.0.1:${port}/ws")
          socket.onopen = () => resolve("open")
          socket.onerror = () => resolve("refused")
        })`)
      )
      expect(outcome).toBe("refused")
      expect(program.lines.filter((line) => line.includes("JOIN"))).toEqual([])
    }))

  itNeeds("chromium", "openssl")("is served over https on the port for lines where there is a certificate", () =>
    Effect.gen(function* () {
      const { cert, key } = (yield* certificates).selfSigned("localhost")
      const { joins, port } = yield* serves(["--tls-cert", cert, "--tls-key", key])
      const bob = yield* joins("bob")
      const { page, troubles } = yield* opens(`https://127.0.0.1:${port}/`, { ignoreHTTPSErrors: true })
      yield* joinsOn(page, "ann")
      yield* says(page, "hello")
      expect(yield* bob.hears).toBe("FROM ann: hello")
      expect(troubles).toEqual([])
    })
  )
})
