/** An HTML document with its style and script inline, and the policy under which a browser runs these and nothing else. */
import { createHash } from "node:crypto"
import * as Fs from "node:fs/promises"
import * as Effect from "effect/Effect"

export interface HtmlDocument {
  readonly html: string
  /** Directives of a Content-Security-Policy that allow this style and this script, by hash, and data as images. */
  readonly policy: ReadonlyArray<string>
}

const hashOf = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/** Puts `page.css` and `page.js` of a folder into its `page.html`, where a comment of each language ends with their names. */
export const load = (folder: URL): Effect.Effect<HtmlDocument> => {
  const read = (name: string) => Effect.promise(() => Fs.readFile(new URL(name, folder), "utf8"))
  return Effect.map(Effect.all([read("page.html"), read("page.css"), read("page.js")]), ([frame, style, script]) => ({
    html: frame.replace(/\/\*[^*]*page\.css \*\//, () => style).replace(/\/\*[^*]*page\.js \*\//, () => script),
    policy: [
      "default-src 'none'",
      "img-src data:",
      `style-src ${hashOf(style)}`,
      `script-src ${hashOf(script)}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'"
    ]
  }))
}
