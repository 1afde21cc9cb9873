/** Which requests to the operations port are answered: none that a web page of somebody else can make a browser send. */
import * as Net from "node:net"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Effect from "effect/Effect"
import { isLoopback } from "../net/IpAddress.ts"

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
  const name = host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "")
  return name !== "" && !/^localhost\.?$/i.test(name) && Net.isIP(name) === 0
}

/** Whether both ends of the connection are on this machine. A peer that is reset has no address, and is not let in by that. */
export const isFromHere = ({
  localAddress,
  remoteAddress
}: {
  readonly localAddress?: string | undefined
  readonly remoteAddress?: string | undefined
}): boolean =>
  remoteAddress !== undefined && (isLoopback(remoteAddress.replace(/^::ffff:/, "")) || remoteAddress === localAddress)

export interface Guarded {
  /** The address that the port is bound to. */
  readonly host: string
  /** Paths that change something. They are posted to, and only by this machine; all others are read. */
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
  if ((isOperation || isLoopback(host)) && isForeign(asked)) {
    return text("This is not the host that you asked for.", 421)
  }
  // A browser sends it with whatever a page posts, and a page cannot change it.
  if (origin !== undefined && origin.toLowerCase() !== `http://${asked.toLowerCase()}`) {
    return text("Not for pages of other origins.", 403)
  }
  const isRemote = isOperation && !isFromHere(NodeHttpServerRequest.toIncomingMessage(request).socket)
  return isRemote ? text("Only from this machine.", 403) : undefined
}

export const guard =
  (guarded: Guarded) =>
  <E, R>(app: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
      const refused = refusal(request, guarded)
      return refused === undefined ? app : Effect.succeed(refused)
    })
