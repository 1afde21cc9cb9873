/** The header of the PROXY protocol, versions 1 and 2: the client's address, sent by a proxy before the client's bytes. */
import { joined } from "./Bytes.ts"
import { format, parse } from "./IpAddress.ts"
import type { Peer } from "./Peer.ts"

/** Longest header of version 1, in bytes, CR LF included. */
const LONGEST_1 = 107
/** Fixed part of a version 2 header, in bytes. Its last two bytes are the length of the rest. */
const FIXED_2 = 16
/** Longest accepted header of version 2, in bytes. The format allows 65551; real proxies send a few hundred. */
const LONGEST_2 = FIXED_2 + 2048

const signature1 = Uint8Array.from("PROXY ", (letter) => letter.charCodeAt(0))
const signature2 = Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10)
const LF = 0x0a

export type Header =
  /** `rest` follows the header. Without a peer (UNKNOWN, LOCAL, no IP address) the proxy itself is the client. */
  | { readonly _tag: "Complete"; readonly peer: Peer | undefined; readonly rest: Uint8Array }
  | { readonly _tag: "Incomplete" }
  | { readonly _tag: "Bad" }

const bad: Header = { _tag: "Bad" }
const incomplete: Header = { _tag: "Incomplete" }

/** Whether they are the same as far as both go. */
const agree = (bytes: Uint8Array, signature: Uint8Array): boolean =>
  bytes.subarray(0, signature.length).every((byte, index) => byte === signature[index])

const portOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined

const addressOf = (text: string | undefined): Uint8Array | undefined => (text === undefined ? undefined : parse(text))

const version1 = (bytes: Uint8Array): Header => {
  const end = bytes.indexOf(LF)
  if (end < 0) return bytes.length < LONGEST_1 ? incomplete : bad
  const text = String.fromCharCode(...bytes.subarray(0, Math.min(end + 1, LONGEST_1)))
  if (!text.endsWith("\r\n")) return bad
  const [, family, from, to, fromPort, toPort, ...more] = text.slice(0, -2).split(" ")
  const rest = bytes.subarray(end + 1)
  if (family === "UNKNOWN") return { _tag: "Complete", peer: undefined, rest }
  const length = family === "TCP4" ? 4 : family === "TCP6" ? 16 : undefined
  const [source, destination] = [addressOf(from), addressOf(to)]
  const port = portOf(fromPort)
  const isSound = source?.length === length && destination?.length === length && portOf(toPort) !== undefined
  if (!isSound || source === undefined || port === undefined || more.length > 0) return bad
  return { _tag: "Complete", peer: { address: format(source), port }, rest }
}

const LOCAL = 0x20
const PROXY = 0x21
const UNSPEC = 0
const INET = 1
const INET6 = 2
const UNIX = 3

const version2 = (bytes: Uint8Array): Header => {
  if (bytes.length < FIXED_2) return incomplete
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const command = view.getUint8(12)
  // With LOCAL the rest is to be skipped, whatever its family says.
  const family = command === LOCAL ? UNSPEC : view.getUint8(13) >> 4
  const end = FIXED_2 + view.getUint16(14)
  if ((command !== LOCAL && command !== PROXY) || family > UNIX || end > LONGEST_2) return bad
  const length = family === INET ? 4 : family === INET6 ? 16 : 0
  // Two addresses and two ports; TLVs after them are skipped.
  if (end < FIXED_2 + (length === 0 ? 0 : 2 * length + 4)) return bad
  if (bytes.length < end) return incomplete
  const rest = bytes.subarray(end)
  if (length === 0) return { _tag: "Complete", peer: undefined, rest }
  const address = format(bytes.subarray(FIXED_2, FIXED_2 + length))
  return { _tag: "Complete", peer: { address, port: view.getUint16(FIXED_2 + 2 * length) }, rest }
}

/** Parses a header from chunks. Holds at most the longest header and the chunk that completes it. */
export class ProxyHeader {
  private held = new Uint8Array(0)

  /** The state of the header after this chunk. Must not be called again after Complete or Bad. */
  push(chunk: Uint8Array): Header {
    const bytes = joined(this.held, chunk)
    this.held = bytes
    if (bytes.length === 0) return incomplete
    const read = agree(bytes, signature1) ? version1 : agree(bytes, signature2) ? version2 : undefined
    if (read === undefined) return bad
    const signature = read === version1 ? signature1 : signature2
    return bytes.length < signature.length ? incomplete : read(bytes)
  }
}
