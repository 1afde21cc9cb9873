/** What the first bytes of a connection say that its client speaks: the whole stream at once, nothing shared with src. */
import { withoutTelnet } from "./Bytes.ts"

export type Beginning =
  /** It cannot be known yet. */
  | "open"
  | "lines"
  | "TLS Hello"
  | "Bad Proxy Header"
  /** An HTTP request, and the status of its answer. */
  | { readonly status: number }

const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1")
const MARK = "\xef\xbb\xbf"

/** The bytes without telnet's, one character each. What telnet forgets is not forgotten here. */
const dataOf = (bytes: Uint8Array): string =>
  withoutTelnet(bytes)
    .map((token) => (typeof token === "number" ? String.fromCharCode(token) : ""))
    .join("")

/** The first line that is not empty, once it has ended. */
const firstLine = (data: string): string | undefined => {
  const [, empty = "", marked = ""] = /^((?:\r\0|[\r\n])*)(.*)$/s.exec(data) ?? []
  if (MARK.startsWith(marked)) return undefined
  const rest = marked.startsWith(MARK) ? marked.slice(MARK.length) : `${empty}${marked}`
  return /^(?:\r\0|[\r\n])*([^\r\n]+)[\r\n]/.exec(rest)?.[1]
}

export const beginningOf = (bytes: Buffer, maxLine: number): Beginning => {
  if (bytes[0] === 0x16 && bytes[1] === 0x03) return "TLS Hello"
  const start = bytes.subarray(0, SIGNATURE.length)
  if (start.equals(SIGNATURE.subarray(0, start.length))) {
    return start.length === SIGNATURE.length ? "Bad Proxy Header" : "open"
  }
  const line = firstLine(dataOf(bytes))
  if (line === undefined) return "open"
  if (/^PROXY (?:TCP4|TCP6|UNKNOWN)(?!\w)/.test(line)) return "Bad Proxy Header"
  const version = /^[A-Za-z-]+ /.test(line) ? / HTTP\/(\d+)(?:\.\d+)?$/.exec(line.slice(-16))?.[1] : undefined
  if (version === undefined) return "lines"
  return { status: Number(version) >= 2 ? 505 : line.length > maxLine ? 414 : 404 }
}
