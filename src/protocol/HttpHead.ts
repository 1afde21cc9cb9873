/** The head of an HTTP request: its first line and its fields. */
import { joined } from "../net/Bytes.ts"

/** Bytes that a head may have, with the empty line that ends it. */
export const HEAD_BYTES = 16 * 1024

export interface HttpHead {
  readonly method: string
  /** The path without its query; of an absolute address, too. Empty where the line has none. */
  readonly path: string
  /** Fields by their names in small letters. One that was sent more than once has all its values, with commas between. */
  readonly fields: ReadonlyMap<string, string>
}

const LF = 10
const CR = 13

const requestLine = /^([A-Za-z-]+) (?:(.*) )?HTTP\/\d+(?:\.\d+)?$/
/**
 * Blanks around the value are not part of it. No blank can be matched in two ways: a run of them before a byte that is not
 * allowed would otherwise be tried in each, for hours.
 */
const field =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(?:([\x21-\x7e\x80-\xff]+(?:[ \t]+[\x21-\x7e\x80-\xff]+)*)[ \t]*)?$/

/** Reads a whole head; undefined when it is malformed. Bytes past ASCII stay as they are, as Latin-1. */
export const parse = (bytes: Uint8Array): HttpHead | undefined => {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")
  const [first = "", ...rest] = text.replace(/\r?\n\r?\n$/, "").split(/\r?\n/)
  const [, method, target = ""] = requestLine.exec(first) ?? []
  if (method === undefined) return undefined
  const fields = new Map<string, string>()
  for (const line of rest) {
    const [, name, value = ""] = field.exec(line) ?? []
    if (name === undefined) return undefined
    const key = name.toLowerCase()
    const before = fields.get(key)
    fields.set(key, before === undefined ? value : `${before}, ${value}`)
  }
  const path = target.replace(/^https?:\/\/[^/?#]*/i, "").replace(/[?#].*$/, "")
  return { method, path, fields }
}

/** Gathers the bytes of a head, and finds its end: the first empty line. */
export class HeadReader {
  private bytes = new Uint8Array(0)
  /** The end does not begin before this index. */
  private from = 0

  /** The head and what came behind it; undefined while it has not ended. It must not be called again after that. */
  push(chunk: Uint8Array): { readonly head: Uint8Array; readonly rest: Uint8Array } | undefined {
    const bytes = joined(this.bytes, chunk)
    this.bytes = bytes
    for (let at = bytes.indexOf(LF, this.from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
      const next = bytes[at + 1] === CR ? at + 2 : at + 1
      if (bytes[next] === LF) return { head: bytes.subarray(0, next + 1), rest: bytes.subarray(next + 1) }
    }
    this.from = Math.max(0, bytes.length - 2)
    return undefined
  }

  /** How many bytes have been gathered. */
  get size(): number {
    return this.bytes.length
  }
}
