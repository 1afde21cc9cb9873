/** A real Chromium, for pages that people look at. */
import * as Effect from "effect/Effect"
import { type BrowserContextOptions, chromium, type Page } from "playwright-core"

const args = [
  ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"]
]

/** A tab, and what went wrong or out in it. */
export interface Tab {
  readonly page: Page
  /** Complaints on its console, scripts that failed, requests that were refused. */
  readonly troubles: ReadonlyArray<string>
  /** Hosts that it asked for anything. */
  readonly hosts: ReadonlySet<string>
}

/** Whatever a page does, waited for. */
export const awaits = <A>(evaluate: () => PromiseLike<A>) => Effect.promise(evaluate)

/** Opens an address in a browser of its own, which is closed when the test is over. */
export const opens = (url: string, options: BrowserContextOptions = {}) =>
  Effect.gen(function* () {
    const browser = yield* Effect.acquireRelease(
      awaits(() => chromium.launch({ executablePath: "/usr/bin/chromium", args })),
      (browser) => awaits(() => browser.close())
    )
    const page = yield* awaits(() => browser.newPage(options))
    page.setDefaultTimeout(10_000)
    const troubles: Array<string> = []
    const hosts = new Set<string>()
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") troubles.push(message.text())
    })
    page.on("pageerror", (error) => troubles.push(String(error)))
    page.on("requestfailed", (request) => troubles.push(`failed: ${request.url()}`))
    page.on("request", (request) => {
      const { host, protocol } = new URL(request.url())
      if (protocol !== "data:") hosts.add(host)
    })
    yield* awaits(() => page.goto(url))
    const tab: Tab = { page, troubles, hosts }
    return tab
  })
