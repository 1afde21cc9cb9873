/** Which requests to the operations port are answered: none that a web page of somebody else can make a browser send. */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Ref from "effect/Ref"
import * as Authority from "../net/Authority.ts"
import { isLoopback } from "../net/IpAddress.ts"
import { OperatorToken } from "./OperatorToken.ts"

export const headers = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin"
}

/** A plain answer of one line. */
export const text = (body: string, status = 200, more: { readonly [header: string]: string } = {}) =>
  HttpServerResponse.text(`${body}\n`, { status, headers: { ...headers, ...more } })

/**
 * Whether a Host header names another machine. This stops DNS rebinding: a web page can point its own domain at a loopback
 * address, and a browser on this machine would then let the page read the status.
 */
export const isForeign = (host: string): boolean => {
  const authority = Authority.parse(host)
  return host !== "" && (authority === undefined || !Authority.isAllowedHost(authority, []))
}

/** Whether an Origin header names the host of the Host header. */
export const isOwnOrigin = (origin: string, host: string): boolean => {
  const authority = Authority.parse(host)
  return authority !== undefined && Authority.isAllowedOrigin(origin, authority, [])
}

export interface Guarded {
  /** The address that the port is bound to, in canonical text. */
  readonly host: string
  /** Paths that change something. They are posted to; all others are read. */
  readonly operations: ReadonlyArray<string>
}

/** The answer to a request that is refused. */
const refusal = (
  request: HttpServerRequest.HttpServerRequest,
  { host, operations }: Guarded
): HttpServerResponse.HttpServerResponse | undefined => {
  const { headers, method, url } = request
  const isOperation = operations.includes(url.replace(/\?.*$/, ""))
  const allowed = isOperation ? ["POST"] : ["GET", "HEAD"]
  if (!allowed.includes(method)) return text(`Only ${allowed.join(" and ")}.`, 405, { allow: allowed.join(", ") })
  const { host: asked = "", origin } = headers
  if (isLoopback(host) && isForeign(asked)) return text("This is not the host that you asked for.", 421)
  // A browser sends it with whatever a page posts, and a page cannot change it.
  return origin === undefined || isOwnOrigin(origin, asked) ? undefined : text("Not for pages of other origins.", 403)
}

/** Without a token there are no operations: their paths are read like any other, and there is nothing. */
export const guard =
  ({ host, operations }: Guarded) =>
  <E, R>(app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
    Effect.gen(function* () {
      const request = yield* HttpServerRequest.HttpServerRequest
      const token = yield* Effect.flatMap(OperatorToken, Ref.get)
      const refused = refusal(request, { host, operations: token === undefined ? [] : operations })
      return refused ?? (yield* app)
    })
