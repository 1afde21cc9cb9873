/** A real Chromium, for tests of web pages. */
import * as Effect from "effect/Effect"
import { type BrowserContextOptions, chromium, type Page } from "playwright-core"

const args = [
  ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"]
]

/** A tab, with its errors and its requests. */
export interface Tab {
  readonly page: Page
  /** Errors and warnings of the console, uncaught exceptions, and failed requests. */
  readonly troubles: ReadonlyArray<string>
  /** Hosts that the page sent requests to. */
  readonly hosts: ReadonlySet<string>
}

/** A promise of Playwright as an effect; a rejection is a defect. */
export const awaits = <A>(evaluate: () => PromiseLike<A>) => Effect.promise(evaluate)

/** Opens an address in a new browser, which closes with the scope. */
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
