/** The protocol that the first bytes of a connection show: the whole stream at once, nothing shared with src. */
import { withoutTelnet } from "./Bytes.ts"

export type Beginning =
  /** It cannot be known yet. */
  | "open"
  | "lines"
  | "TLS Hello"
  | "Bad Proxy Header"
  /** An HTTP request, and the status of its answer, which waits for the rest of the head while that can still come. */
  | { readonly status: number; readonly isAwaited: boolean }

const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1")
const MARK = "\xef\xbb\xbf"

/** The bytes without telnet's, one character each. What telnet forgets is not forgotten here. */
const dataOf = (bytes: Uint8Array): string =>
  withoutTelnet(bytes)
    .map((token) => (typeof token === "number" ? String.fromCharCode(token) : ""))
    .join("")

/** The NUL of a CR NUL belongs to the line end: a pattern that goes on behind these must not give it back. */
const behindEmptyLines = (data: string): string => data.replace(/^(?:\r\0|[\r\n])*/, "")

/** Input behind empty lines and a byte order mark among them; the beginning of a mark may become one. */
const behindMark = (data: string): string => {
  const marked = behindEmptyLines(data)
  return marked.startsWith(MARK) ? behindEmptyLines(marked.slice(MARK.length)) : marked
}

/** The first line that is not empty, once it has ended. */
const firstLine = (data: string): string | undefined => /^([^\r\n]+)[\r\n]/.exec(behindMark(data))?.[1]

/** Whether the first line that is not empty has begun. */
export const hasBegun = (bytes: Uint8Array): boolean => /^[^\xef]/.test(behindMark(dataOf(bytes)))

const HEAD_BYTES = 16 * 1024

/** The answer to a request whose first line has ended, where there is no page. */
const answerTo = (bytes: Buffer, length: number): Beginning => {
  // The fewest bytes with which the line has ended.
  let [few, enough] = [0, bytes.length]
  while (few < enough) {
    const middle = (few + enough) >> 1
    if (firstLine(dataOf(bytes.subarray(0, middle))) === undefined) few = middle + 1
    else enough = middle
  }
  const [, rest = ""] = /^(.*?\n\r?\n)/s.exec(bytes.toString("latin1", enough - 1)) ?? []
  const isTooLong = length + (rest.length || bytes.length - enough + 1) > HEAD_BYTES
  return { status: isTooLong ? 431 : 404, isAwaited: !isTooLong && rest === "" }
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
  if (Number(version) >= 2) return { status: 505, isAwaited: false }
  return line.length > maxLine ? { status: 414, isAwaited: false } : answerTo(bytes, line.length)
}
