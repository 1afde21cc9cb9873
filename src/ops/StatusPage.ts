/** The status page: one HTML document. It fetches only from its own server. */
import * as Effect from "effect/Effect"
import * as HtmlDocument from "../HtmlDocument.ts"

export interface Page {
  readonly html: string
  /** Content-Security-Policy: allows only this style and script, by hash, and requests to the same server. */
  readonly contentSecurityPolicy: string
}

/** The build copies the folder `page` beside the bundle, so that the same relative path holds there. */
export const load: Effect.Effect<Page> = Effect.map(
  HtmlDocument.load(new URL("./page/", import.meta.url)),
  ({ html, policy }) => ({ html, contentSecurityPolicy: ["connect-src 'self'", ...policy].join("; ") })
)
