/** The answer to a request, as a pure function: its checks are in the order of the contract. */

import * as Authority from "../net/Authority.ts"
import type { HttpHead } from "../protocol/HttpHead.ts"
import type { Headers, Status } from "../protocol/HttpResponse.ts"

export interface Policy {
  /** Names of this server, beside `localhost` and addresses. */
  readonly hosts: ReadonlyArray<string>
  /** Origins whose pages may connect, beside the server's own. */
  readonly origins: ReadonlyArray<string>
}

export type Answer =
  /** The chat page, for a client that named this host. */
  | { readonly _tag: "Page"; readonly host: string }
  | { readonly _tag: "WebSocket"; readonly key: string }
  | { readonly _tag: "Refusal"; readonly status: Status; readonly line: string; readonly headers: Headers }

const refused = (status: Status, line: string, headers: Headers = {}): Answer => ({
  _tag: "Refusal",
  status,
  line,
  headers
})

const badRequest = refused(400, "This is not a request of HTTP/1.1.")
const noHost = refused(400, "The request names no host.")
const notFound = refused(404, "There is nothing here. The chat is at /.")
const notAllowed = refused(405, "Only GET and HEAD.", { Allow: "GET, HEAD" })
const noUpgrade = refused(426, "This is for WebSocket.", { Upgrade: "websocket", "Sec-WebSocket-Version": "13" })
const otherOrigin = refused(403, "Not for pages of other origins; the operator can allow them with --web-origin.")
const notThisHost = (host: string, name: string | undefined) =>
  refused(
    421,
    name === undefined
      ? "This is not the name of a host."
      : `This server does not know itself as ${host}. Its operator can allow that with --web-host ${name}`
  )

const hasToken = (token: string, list = ""): boolean =>
  list.split(",").some((item) => item.trim().toLowerCase() === token)

/** Whether the request asks for WebSocket, in a version that is spoken. */
const isUpgrade = ({ fields, method }: HttpHead): boolean =>
  method === "GET" &&
  hasToken("upgrade", fields.get("connection")) &&
  hasToken("websocket", fields.get("upgrade")) &&
  fields.get("sec-websocket-version") === "13"

/** The key of a handshake: 16 bytes in base64. */
const key = /^[+/0-9A-Za-z]{22}==$/

/** `head` is undefined when it was malformed. */
export const answer = (head: HttpHead | undefined, { hosts, origins }: Policy): Answer => {
  if (head === undefined) return badRequest
  const { fields, method, path } = head
  const host = fields.get("host") ?? ""
  if (host === "" || host.includes(",")) return noHost
  const authority = Authority.parse(host)
  if (authority === undefined || !Authority.isAllowedHost(authority, hosts)) return notThisHost(host, authority?.name)
  if (path !== "/" && path !== "/ws") return notFound
  if (method !== "GET" && method !== "HEAD") return notAllowed
  if (path === "/ws" && !isUpgrade(head)) return noUpgrade
  const origin = fields.get("origin")
  if (origin !== undefined && !Authority.isAllowedOrigin(origin, authority, origins)) return otherOrigin
  if (path === "/") return { _tag: "Page", host }
  const [found] = key.exec(fields.get("sec-websocket-key") ?? "") ?? []
  return found === undefined ? badRequest : { _tag: "WebSocket", key: found }
}
