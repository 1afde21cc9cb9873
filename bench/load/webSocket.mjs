/** A WebSocket of the load, with the shape of a connection. Its mask is zero, which is valid and costs the load nothing. */
import { open as openTcp } from "./connection.mjs"

const HEAD_END = "\r\n\r\n"
const REQUEST = [
  ...["GET /ws HTTP/1.1", "Host: localhost", "Connection: Upgrade", "Upgrade: websocket"],
  ...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "", ""]
].join("\r\n")

/** A text message of at most 65,535 bytes. */
export const frame = (bytes) => {
  const { length } = bytes
  const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([0x81, ...size, 0, 0, 0, 0]), bytes])
}

/** Where the payload of the frame at `start` begins and ends; undefined when the frame is not whole. */
const payloadAt = (bytes, start) => {
  if (bytes.length < start + 2) return undefined
  const short = bytes[start + 1] & 0x7f
  const from = start + (short < 126 ? 2 : short === 126 ? 4 : 10)
  if (bytes.length < from) return undefined
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(start + 2) : bytes.readUInt32BE(start + 6)
  return bytes.length < from + length ? undefined : [from, from + length]
}

/** Connects. `receiver` gets the payload of each frame; `write` sends a text as a message, or bytes that are framed already. */
export const open = (port, onError) => {
  const socket = openTcp(port, onError)
  let rest = Buffer.alloc(0)
  let isUpgraded = false
  const self = {
    receiver: undefined,
    write: (data) => socket.write(typeof data === "string" ? frame(Buffer.from(data, "latin1")) : data),
    once: (...listener) => socket.once(...listener),
    off: (...listener) => socket.off(...listener),
    end: () => socket.end()
  }
  socket.receiver = (chunk) => {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    if (!isUpgraded) {
      const end = bytes.indexOf(HEAD_END)
      if (end >= 0 && !bytes.latin1Slice(0, end).startsWith("HTTP/1.1 101 ")) {
        onError(new Error(bytes.latin1Slice(0, end)))
      }
      isUpgraded = end >= 0
      bytes = end >= 0 ? bytes.subarray(end + HEAD_END.length) : bytes
    }
    let start = 0
    for (let at = payloadAt(bytes, 0); isUpgraded && at !== undefined; at = payloadAt(bytes, start)) {
      self.receiver?.(bytes.subarray(...at))
      start = at[1]
    }
    rest = Buffer.from(bytes.subarray(start))
  }
  socket.write(REQUEST)
  return self
}
