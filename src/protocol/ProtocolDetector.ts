/** Recognizes, by the beginning of a connection, a client that does not speak lines. */
import { Telnet } from "./Telnet.ts"

/** The protocol of a client. */
export type Protocol =
  | { readonly _tag: "Lines" }
  /** The request line of HTTP: its major version, and whether it was longer than a line may be. */
  | { readonly _tag: "Http"; readonly version: number; readonly isTooLong: boolean }
  | { readonly _tag: "Tls" }
  /** A PROXY header, of which there may be none here. */
  | { readonly _tag: "Proxy" }

const LF = 10
const CR = 13
const SPACE = 32
const HYPHEN = 45

const proxy2 = [CR, LF, CR, LF, 0, CR, LF, 81, 85, 73, 84, LF]
const mark = [0xef, 0xbb, 0xbf]
const proxy1 = /^PROXY (?:TCP4|TCP6|UNKNOWN)\b/
const HEAD = 14
const TAIL = 16

const PROXY = 80

const lines: Protocol = { _tag: "Lines" }

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39
const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a

/**
 * Whether a first chunk is plainly lines: its first line is printable ASCII that ends in this chunk, begins no PROXY header and
 * does not end with a digit, as every request line of HTTP does. Nearly every client begins so, and needs no detector: that
 * is 5 % of a short connection.
 */
export const beginsWithLines = (chunk: Uint8Array): boolean => {
  if (chunk[0] === PROXY) return false
  for (let index = 0; index < chunk.length; index++) {
    const byte = chunk[index] as number
    if (byte === LF || byte === CR) return index > 0 && !isDigit(chunk[index - 1] as number)
    if (byte < 0x20 || byte > 0x7e) return false
  }
  return false
}

/**
 * Looks at the first line that is not empty, however it is cut and however long it is; telnet, a byte order mark and empty
 * lines are passed over, editing keys are not applied. It keeps the beginning and the end of that line and no more. A
 * web page can make a browser send an HTTP request here with lines of its choice behind it: they must never be executed.
 */
export class ProtocolDetector {
  private readonly maxLine: number
  private readonly telnet = new Telnet()
  /** Bytes of the connection so far. */
  private count = 0
  /** How many of them are those of a PROXY header of version 2; -1 when they are not. */
  private signature = 0
  /** How many bytes of a byte order mark the data began with; -1 when no more can come. */
  private marked = 0
  /** Whether the line begins with a method and a space; undefined while it may. */
  private hasMethod: boolean | undefined
  private head = ""
  private tail = ""
  /** Bytes of the line. */
  private length = 0
  private last = 0
  private ended = false

  constructor(maxLine: number) {
    this.maxLine = maxLine
  }

  /** Returns the protocol once it is known. It must not be called again after that. */
  push(chunk: Uint8Array): Protocol | undefined {
    for (const byte of chunk) {
      const protocol = this.step(byte)
      if (protocol !== undefined) return protocol
    }
    return undefined
  }

  private step(byte: number): Protocol | undefined {
    if (this.count === 1 && this.last === 0x16 && byte === 0x03) return { _tag: "Tls" }
    if (this.signature >= 0) this.signature = byte === proxy2[this.signature] ? this.signature + 1 : -1
    if (this.signature === proxy2.length) return { _tag: "Proxy" }
    this.count++
    const data = this.telnet.step(byte)
    if (data >= 0 && !this.ended) this.data(data)
    if (this.count === 1) this.last = byte
    return this.ended && this.signature < 0 ? this.verdict() : undefined
  }

  /** A byte of a line. */
  private data(byte: number): void {
    const isLineEnd = byte === LF || byte === CR || (byte === 0 && this.last === CR && this.length === 0)
    if (this.marked >= 0) {
      if (byte === mark[this.marked]) {
        this.marked = this.marked === mark.length - 1 ? -1 : this.marked + 1
        return
      }
      if (this.marked > 0) this.hasMethod = false
      this.length += this.marked
      // A mark may come behind empty lines too: what browsers and proxies put first must not hide a request.
      if (this.marked > 0 || !isLineEnd) this.marked = -1
    }
    this.last = byte
    if (isLineEnd) {
      this.ended = this.length > 0
      return
    }
    if (this.hasMethod === undefined && !isLetter(byte) && byte !== HYPHEN) {
      this.hasMethod = byte === SPACE && this.length > 0
    }
    this.length++
    const letter = String.fromCharCode(byte)
    if (this.head.length < HEAD) this.head += letter
    this.tail = (this.tail + letter).slice(-TAIL)
  }

  private verdict(): Protocol {
    if (proxy1.test(this.head)) return { _tag: "Proxy" }
    const version = this.hasMethod === true ? / HTTP\/(\d+)(?:\.\d+)?$/.exec(this.tail)?.[1] : undefined
    if (version === undefined) return lines
    return { _tag: "Http", version: Number(version), isTooLong: this.length > this.maxLine }
  }
}
