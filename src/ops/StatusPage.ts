/** The status page: one HTML document with its style and script inline. It fetches only from its own server. */
import { createHash } from "node:crypto"
import * as Fs from "node:fs/promises"
import * as Effect from "effect/Effect"

export interface Page {
  readonly html: string
  /** Content-Security-Policy: allows only this style and script, by hash, and requests to the same server. */
  readonly contentSecurityPolicy: string
}

/** The build copies the folder `page` beside the bundle, so that the same relative path holds there. */
const read = (name: string) => Effect.promise(() => Fs.readFile(new URL(`./page/${name}`, import.meta.url), "utf8"))

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

export const load: Effect.Effect<Page> = Effect.gen(function* () {
  const [frame, style, script] = yield* Effect.all([read("page.html"), read("page.css"), read("page.js")])
  const contentSecurityPolicy = [
    "default-src 'none'",
    "connect-src 'self'",
    "img-src data:",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'"
  ].join("; ")
  const html = frame.replace("/* page.css */", () => style).replace("/* page.js */", () => script)
  return { html, contentSecurityPolicy }
})
