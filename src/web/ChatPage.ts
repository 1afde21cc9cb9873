/** The chat page: one HTML document, which connects to nothing but its own server. */
import * as Effect from "effect/Effect"
import * as HtmlDocument from "../HtmlDocument.ts"
import { type Headers, response } from "../protocol/HttpResponse.ts"

/** The response with the page: to a client that named this host, in a room with lines of so many bytes. */
export type Page = (host: string, maxLine: number, isHead: boolean) => string

const headers: Headers = {
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin"
}

/** The build has the folder in this place beside the folder of the bundle too. */
const folder = new URL("../web/page/", import.meta.url)

export const load: Effect.Effect<Page> = Effect.map(HtmlDocument.load(folder), ({ html, policy }) => {
  return (host, maxLine, isHead) => {
    const directives = [
      ...policy,
      // Older versions of Safari do not count WebSocket among 'self'.
      `connect-src 'self' ws://${host} wss://${host}`,
      "require-trusted-types-for 'script'"
    ]
    // An attribute, because in the script it would change the hash.
    const filled = html.replace(/data-max-line="\d*"/, `data-max-line="${maxLine}"`)
    return response(200, filled, isHead, { ...headers, "Content-Security-Policy": directives.join("; ") })
  }
})
