/** The status page: one document that asks nothing of anybody but its own server. */
import { createHash } from "node:crypto"
import * as Fs from "node:fs/promises"
import * as Effect from "effect/Effect"

export interface Page {
  readonly html: string
  /** Forbids everything but this very style and script, and fetching from the same server. */
  readonly policy: string
}

/** Beside this file, and beside the program that is built from it. */
const read = (name: string) => Effect.promise(() => Fs.readFile(new URL(`./page/${name}`, import.meta.url), "utf8"))

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

export const load: Effect.Effect<Page> = Effect.gen(function* () {
  const [frame, style, script] = yield* Effect.all([read("page.html"), read("page.css"), read("page.js")])
  const policy = [
    "default-src 'none'",
    "connect-src 'self'",
    "img-src data:",
    `style-src ${hashOf(style)}`,
    `script-src ${hashOf(script)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'"
  ].join("; ")
  return { html: frame.replace("/* page.css */", () => style).replace("/* page.js */", () => script), policy }
})
