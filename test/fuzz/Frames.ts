/**
 * The meaning of a client's WebSocket frames (RFC 6455), told a second time and slowly: all bytes at once, nothing shared
 * with src.
 */

/** How a connection ends that nothing else ends: by itself never, by a close frame, or by a breach and its status. */
export type End = "open" | "closed" | 1002 | 1003 | 1007 | 1008 | 1009

export interface Meaning {
  /** The text messages, each with a line end. */
  readonly lines: Buffer
  /** Payloads of the pings, in hexadecimal. */
  readonly pings: ReadonlyArray<string>
  readonly end: End
}

const MOST_BYTES = 65536
const MOST_FRAGMENTS = 1024

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const isText = (bytes: Uint8Array): boolean => {
  try {
    strict.decode(bytes)
    return true
  } catch {
    return false
  }
}

/** Statuses that may be sent: those of the RFC and of IANA's registry, and those of libraries and programs. */
const isStatus = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)

interface Frame {
  readonly isLast: boolean
  readonly opcode: number
  readonly payload: Buffer
  readonly next: number
}

/** The frame at this place; undefined if it has not come whole. `begun` is the message that it can go on with. */
const frameAt = (
  bytes: Buffer,
  at: number,
  begun: { readonly size: number } | undefined
): Frame | 1002 | 1009 | undefined => {
  const [first, second] = bytes.subarray(at)
  if (first === undefined || second === undefined) return undefined
  const [isLast, opcode, short] = [(first & 0x80) !== 0, first & 0x0f, second & 0x7f]
  const isControl = opcode >= 8
  const isKnown = [0, 1, 2, 8, 9, 10].includes(opcode)
  const isInPlace = isControl || (opcode === 0) === (begun !== undefined)
  const isMasked = (second & 0x80) !== 0
  const isControlRight = !isControl || (isLast && short <= 125 && !(opcode === 8 && short === 1))
  if ((first & 0x70) !== 0 || !isKnown || !isInPlace || !isMasked || !isControlRight) return 1002
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0
  const mask = at + 2 + extended
  if (bytes.length < mask) return undefined
  const length = extended === 0 ? BigInt(short) : BigInt(`0x${bytes.toString("hex", at + 2, mask)}`)
  if (!isControl && BigInt(begun?.size ?? 0) + length > MOST_BYTES) return 1009
  const next = mask + 4 + Number(length)
  if (bytes.length < next) return undefined
  const payload = bytes.subarray(mask + 4, next).map((byte, index) => byte ^ (bytes[mask + (index % 4)] ?? 0))
  return { isLast, opcode, payload: Buffer.from(payload), next }
}

/** The meaning of a control frame: its ping, or the end. */
const closing = (payload: Buffer): End => {
  if (payload.length === 0) return "closed"
  if (!isStatus(payload.readUInt16BE(0))) return 1002
  return isText(payload.subarray(2)) ? "closed" : 1007
}

export const meaningOf = (bytes: Buffer): Meaning => {
  const lines: Array<Buffer> = []
  const pings: Array<string> = []
  let message: { opcode: number; parts: Array<Buffer>; size: number } | undefined
  const until = (end: End): Meaning => ({ lines: Buffer.concat(lines), pings, end })
  for (let at = 0; ; ) {
    const frame = frameAt(bytes, at, message)
    if (frame === undefined) return until("open")
    if (typeof frame === "number") return until(frame)
    const { isLast, next, opcode, payload } = frame
    at = next
    if (opcode === 8) return until(closing(payload))
    if (opcode === 9) pings.push(payload.toString("hex"))
    if (opcode >= 8) continue
    message ??= { opcode, parts: [], size: 0 }
    message.parts.push(payload)
    message.size += payload.length
    if (message.parts.length > MOST_FRAGMENTS) return until(1008)
    if (!isLast) continue
    const whole = Buffer.concat(message.parts)
    if (message.opcode === 2) return until(1003)
    if (!isText(whole)) return until(1007)
    lines.push(whole)
    if (whole.at(-1) !== 10) lines.push(Buffer.from("\n"))
    message = undefined
  }
}

/** The output of a server behind its handshake: whole lines in text messages, pongs, and one close frame at the end. */
export interface Heard {
  readonly text: string
  readonly pongs: ReadonlyArray<string>
  /** The status of the close frame; undefined while there is none. */
  readonly status: number | undefined
  /** Breaches of the RFC or the contract. */
  readonly faults: ReadonlyArray<string>
}

export const heardIn = (bytes: Buffer): Heard => {
  const faults: Array<string> = []
  const texts: Array<string> = []
  const pongs: Array<string> = []
  let status: number | undefined
  let at = 0
  while (at + 2 <= bytes.length) {
    const [first = 0, second = 0] = bytes.subarray(at)
    const extended = second === 126 ? 2 : second === 127 ? 8 : 0
    const start = at + 2 + extended
    const length =
      extended === 2 ? bytes.readUInt16BE(at + 2) : extended === 8 ? Number(bytes.readBigUInt64BE(at + 2)) : second
    if (bytes.length < start + length) break
    const payload = bytes.subarray(start, start + length)
    at = start + length
    if (status !== undefined) faults.push("a frame behind the close frame")
    if (first === 0x81) {
      if (!isText(payload) || !/\r\n$/.test(payload.toString()))
        faults.push(`no whole lines: ${JSON.stringify(payload.toString())}`)
      texts.push(payload.toString())
    } else if (first === 0x8a) pongs.push(payload.toString("hex"))
    else if (first === 0x88) status = payload.length >= 2 ? payload.readUInt16BE(0) : 1005
    else if (first !== 0x89) faults.push(`a frame that begins with 0x${first.toString(16)}`)
  }
  if (at !== bytes.length) faults.push(`half a frame: ${bytes.toString("hex", at, at + 20)}`)
  return { text: texts.join(""), pongs, status, faults }
}
