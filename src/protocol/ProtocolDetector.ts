/** Recognizes, by the beginning of a connection, a client that does not speak lines. */
import { joined } from "../net/Bytes.ts"
import { HEAD_BYTES } from "./HttpHead.ts"
import { Telnet } from "./Telnet.ts"

/** The protocol of a client. */
export type Protocol =
  | { readonly _tag: "Lines" }
  | Http
  /** `begun`: what has come of the hello. */
  | { readonly _tag: "Tls"; readonly begun: Uint8Array }
  /** A PROXY header, of which there may be none here. */
  | { readonly _tag: "Proxy" }

/** The request line of HTTP. */
export interface Http {
  readonly _tag: "Http"
  /** The major version. */
  readonly version: number
  /** Whether the line was longer than a line may be. */
  readonly isTooLong: boolean
  /** Whether the method is HEAD. */
  readonly isHead: boolean
  /** The request so far, from its first byte; of a request line longer than `HEAD_BYTES`, the beginning. */
  readonly begun: Uint8Array
}

const LF = 10
const CR = 13
const SPACE = 32
const HYPHEN = 45
const SLASH = 47
const HELLO = 0x16

const proxy2 = [CR, LF, CR, LF, 0, CR, LF, 81, 85, 73, 84, LF]
const mark = [0xef, 0xbb, 0xbf]
const proxy1 = /^PROXY (?:TCP4|TCP6|UNKNOWN)\b/
const HEAD = 14
const TAIL = 16

const PROXY = 80
const version = / HTTP\/(\d+)(?:\.\d+)?$/

const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a

/**
 * Whether a first chunk is plainly lines: its first line is printable ASCII that ends in this chunk, begins no PROXY header and
 * has no slash, which every request line of HTTP has. Nearly every client begins so, and needs no detector: that is 5 % of a
 * short connection.
 */
export const beginsWithLines = (chunk: Uint8Array): boolean => {
  if (chunk[0] === PROXY) return false
  for (let index = 0; index < chunk.length; index++) {
    const byte = chunk[index] as number
    if (byte === LF || byte === CR) return index > 0
    if (byte < 0x20 || byte > 0x7e || byte === SLASH) return false
  }
  return false
}

/**
 * Looks at the first line that is not empty, however it is cut and however long it is; telnet, a byte order mark and empty
 * lines are passed over, editing keys are not applied. It keeps the beginning and the end of that line and no more, of a
 * line that can be a request line `HEAD_BYTES` and a chunk. A web page can make a browser send an HTTP request here with
 * lines of its choice behind it: they must never be executed.
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
  /** The first bytes of the line, and the last ones: the byte at `index` is `tail[index % TAIL]`. */
  private head = ""
  private readonly tail = new Uint8Array(TAIL)
  /** Bytes of the line. */
  private length = 0
  private last = 0
  private ended = false
  /** The line as it came, as long as it can be a request line. */
  private requestLine = new Uint8Array(0)

  constructor(maxLine: number) {
    this.maxLine = maxLine
  }

  /** Whether a line that is not empty has begun. */
  get isMidLine(): boolean {
    return this.length > 0
  }

  /** Returns the protocol once it is known. It must not be called again after that. */
  push(chunk: Uint8Array): Protocol | undefined {
    /** Where the line begins in this chunk; -1 while it has not begun. */
    let from = this.length > 0 ? 0 : -1
    for (let index = 0; index < chunk.length; index++) {
      const protocol = this.step(chunk[index] as number)
      if (from < 0 && this.length > 0) from = index
      if (protocol === "Tls") return { _tag: protocol, begun: joined(Uint8Array.of(HELLO).subarray(index), chunk) }
      if (protocol === "Http") return this.http(joined(this.requestLine, chunk.subarray(from)))
      if (protocol !== undefined) return { _tag: protocol }
    }
    if (this.hasMethod === false) this.requestLine = new Uint8Array(0)
    else if (from >= 0 && this.requestLine.length <= HEAD_BYTES)
      this.requestLine = joined(this.requestLine, chunk.subarray(from))
    return undefined
  }

  private step(byte: number): Protocol["_tag"] | undefined {
    if (this.count === 1 && this.last === HELLO && byte === 0x03) return "Tls"
    if (this.signature >= 0) this.signature = byte === proxy2[this.signature] ? this.signature + 1 : -1
    if (this.signature === proxy2.length) return "Proxy"
    this.count++
    const data = this.telnet.step(byte)
    if (data >= 0 && !this.ended) this.data(data)
    return this.ended && this.signature < 0 ? this.verdict() : undefined
  }

  /** A byte of a line. */
  private data(byte: number): void {
    const isLineEnd = byte === LF || byte === CR || (byte === 0 && this.last === CR && this.length === 0)
    if (this.marked >= 0) {
      if (byte === mark[this.marked]) {
        this.marked = this.marked === mark.length - 1 ? -1 : this.marked + 1
        this.last = byte
        return
      }
      if (this.marked > 0) {
        this.hasMethod = false
        this.head = String.fromCharCode(...mark.slice(0, this.marked))
        this.length += this.marked
      }
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
    if (this.length < HEAD) this.head += String.fromCharCode(byte)
    this.tail[this.length % TAIL] = byte
    this.length++
  }

  private verdict(): Protocol["_tag"] {
    if (proxy1.test(this.head)) return "Proxy"
    return this.hasMethod === true && this.version !== undefined ? "Http" : "Lines"
  }

  /** The major version that the line ends with, if it ends as a request line does. */
  private get version(): string | undefined {
    const from = Math.max(0, this.length - TAIL)
    const bytes = Array.from({ length: this.length - from }, (_, index) => this.tail[(from + index) % TAIL] ?? 0)
    return version.exec(String.fromCharCode(...bytes))?.[1]
  }

  private http(begun: Uint8Array): Http {
    const isTooLong = this.length > this.maxLine
    return { _tag: "Http", version: Number(this.version), isTooLong, isHead: this.head.startsWith("HEAD "), begun }
  }
}
