/** The chat page in a browser, as a user sees it. */
import * as Net from "node:net"
import * as Effect from "effect/Effect"
import type { BrowserContextOptions, Page } from "playwright-core"
import { awaits, opens } from "./Browser.ts"

/** Types a name and presses Enter. */
export const asksToJoin = (page: Page, name: string) =>
  awaits(async () => {
    await page.getByLabel("Your name").fill(name)
    await page.keyboard.press("Enter")
  })

export const joinsOn = (page: Page, name: string) =>
  Effect.zipRight(
    asksToJoin(page, name),
    // The list comes after the key for RECLAIM.
    awaits(() => page.locator("#people .person", { hasText: `${name} (you)` }).waitFor())
  )

/** Opens the page in a new browser. */
export const visits = (port: number, options?: BrowserContextOptions) => opens(`http://127.0.0.1:${port}/`, options)

/** Opens the page in a new browser and joins. */
export const chats = (port: number, name: string, options?: BrowserContextOptions) =>
  Effect.tap(visits(port, options), ({ page }) => joinsOn(page, name))

/** Types a text into the input and presses Enter. */
export const says = (page: Page, text: string) =>
  awaits(async () => {
    await page.locator("#input").fill(text)
    await page.keyboard.press("Enter")
  })

/** Waits until a text is shown. */
export const shows = (page: Page, text: string | RegExp) =>
  awaits(() => page.getByText(text).filter({ visible: true }).first().waitFor())

/**
 * Waits until an expression is true in the page. (Playwright's own way evaluates a string in the page, which its policy
 * forbids.)
 */
export const becomes = (page: Page, expression: string) =>
  Effect.repeat(Effect.sleep("20 millis"), { until: () => awaits(() => page.evaluate<boolean>(expression)) })

/** A way to the server that can be cut on the client's side, while the server's side stays open and silent. */
export const cuttableWay = (port: number) =>
  Effect.gen(function* () {
    const clients = new Set<Net.Socket>()
    const servers = new Set<Net.Socket>()
    const listener = yield* Effect.acquireRelease(
      Effect.async<Net.Server>((resume) => {
        const server = Net.createServer((client) => {
          const upstream = Net.connect(port, "127.0.0.1")
          clients.add(client)
          servers.add(upstream)
          client.on("data", (bytes) => upstream.write(bytes)).on("error", () => {})
          client.on("end", () => upstream.end())
          upstream.on("data", (bytes) => client.write(bytes)).on("error", () => {})
          upstream.on("end", () => client.end())
        }).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) =>
        Effect.sync(() => {
          server.close()
          for (const socket of [...clients, ...servers]) socket.destroy()
        })
    )
    const address = listener.address()
    const cut = Effect.sync(() => {
      for (const client of clients) client.destroy()
      clients.clear()
    })
    return { port: typeof address === "object" && address !== null ? address.port : 0, cut }
  })

/** Makes the page believe that its tab is hidden, or in view again. */
export const hides = (page: Page, isHidden: boolean) =>
  awaits(() =>
    page.evaluate(`
      Object.defineProperty(document, "hidden", { value: ${isHidden}, configurable: true })
      document.dispatchEvent(new Event("visibilitychange"))`)
  )
