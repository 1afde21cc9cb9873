/** The answer to an HTTP request, where there is no page. */
import type { Protocol } from "./ProtocolDetector.ts"

const statuses = {
  404: "Not Found",
  414: "URI Too Long",
  505: "HTTP Version Not Supported"
}

/** The whole response, in ASCII. */
export const response = ({ isTooLong, version }: Extract<Protocol, { readonly _tag: "Http" }>): string => {
  const status = version >= 2 ? 505 : isTooLong ? 414 : 404
  const body = "This is a chat relay for telnet and nc, and has no page.\n"
  return [
    `HTTP/1.1 ${status} ${statuses[status]}`,
    "Connection: close",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${body.length}`,
    "X-Content-Type-Options: nosniff",
    "",
    body
  ].join("\r\n")
}
