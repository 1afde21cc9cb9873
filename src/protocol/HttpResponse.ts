/** Responses of HTTP, each whole: the connection is closed behind it. */
import { byteLength } from "./Text.ts"

const reasons = {
  200: "OK",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  414: "URI Too Long",
  421: "Misdirected Request",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
  505: "HTTP Version Not Supported"
}

export type Status = keyof typeof reasons

export type Headers = { readonly [name: string]: string }

const plain: Headers = { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff" }

/** A response as text. To a HEAD request the body is measured and not sent. */
export const response = (status: Status, body: string, isHead: boolean, headers: Headers = plain): string =>
  [
    `HTTP/1.1 ${status} ${reasons[status]}`,
    "Connection: close",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${byteLength(body)}`,
    "",
    isHead ? "" : body
  ].join("\r\n")

/** A response of one line of plain text. */
export const refusal = (status: Status, line: string, isHead: boolean, headers: Headers = {}): string =>
  response(status, `${line}\n`, isHead, { ...plain, ...headers })
