/** One client of the load: sends numbered messages, recognizes those that arrive, and counts them by their sender. */
import { open, play } from "./connection.mjs"
import { CLOSE, digits, NUMBER_DIGITS, nameOf, OPEN, payload, putNumber, SENDER_DIGITS } from "./payload.mjs"
import { Stream } from "./stream.mjs"

/** When a sender's last messages were sent; a power of two, more than are ever under way. */
const TIMES = 16_384
const LF = 10

export class Client {
  sent = 0
  /** What arrived from this client, at all recipients together. */
  arrived = 0
  /** Checked streams, by sender. */
  from = []
  times = new Float64Array(TIMES)
  rest = Buffer.alloc(0)
  /** Lines that are no messages, the first few of them. */
  other = []

  /** @param load what all clients share: dialect, size, batch, isFanout, and `received(sender, time)` */
  constructor(id, load) {
    this.id = id
    this.load = load
    this.name = nameOf(id)
  }

  async enter(port, onError) {
    const { dialect, isFanout } = this.load
    this.socket = open(port, onError)
    await play(this.socket, dialect.register(this.name, isFanout))
    this.sending = this.socket
    if (dialect.publishesApart) {
      this.sending = open(port, onError)
      this.sending.receiver = (chunk) => {
        if (chunk[0] === 45) onError(new Error(chunk.latin1Slice()))
      }
    }
    this.socket.receiver = (chunk) => this.receive(chunk)
  }

  /** Prepares what this one sends to the client `to`, or, if that is undefined, to everybody. */
  aim(to) {
    const { dialect, size, batch } = this.load
    const text = payload(this.id, size)
    const line = to === undefined ? dialect.broadcast(text) : dialect.direct(nameOf(to), text)
    this.numberAt = line.indexOf("{") + 1 + SENDER_DIGITS
    this.lineLength = line.length
    this.lines = Buffer.from(line.repeat(batch), "latin1")
  }

  /** Prepares to recognize messages from the client `from`; all have the same length. */
  expect(from, isDirect) {
    const frame = this.load.dialect.received(
      nameOf(from),
      isDirect ? this.name : undefined,
      payload(from, this.load.size)
    )
    this.frameLength = frame.length
    this.first = frame.charCodeAt(0)
    this.openAt = frame.indexOf("{")
    this.closeAt = frame.indexOf("}")
    this.from[from] = new Stream()
  }

  send(count, time) {
    const bytes = Buffer.allocUnsafe(count * this.lineLength)
    this.lines.copy(bytes, 0, 0, bytes.length)
    for (let at = this.numberAt; at < bytes.length; at += this.lineLength) {
      this.times[this.sent & (TIMES - 1)] = time
      putNumber(bytes, at, this.sent++)
    }
    this.sending.write(bytes)
  }

  receive(chunk) {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    const { frameLength, first, openAt, closeAt } = this
    let start = 0
    while (start < bytes.length) {
      if (start + frameLength <= bytes.length && bytes[start + openAt] === OPEN && bytes[start + closeAt] === CLOSE) {
        this.take(bytes, start + openAt + 1)
        start += frameLength
        continue
      }
      if (start + frameLength > bytes.length && bytes[start] === first) break
      const end = bytes.indexOf(LF, start)
      if (end < 0) break
      this.note(bytes.latin1Slice(start, end + 1))
      start = end + 1
    }
    this.rest = start === bytes.length ? bytes.subarray(0, 0) : Buffer.from(bytes.subarray(start))
    this.load.turn(this)
  }

  take(bytes, at) {
    const sender = digits(bytes, at, at + SENDER_DIGITS)
    const number = digits(bytes, at + SENDER_DIGITS, at + SENDER_DIGITS + NUMBER_DIGITS)
    const stream = this.from[sender]
    if (stream === undefined) this.note(`from nobody: ${sender}`)
    else if (stream.take(number)) this.load.received(sender, number)
  }

  note(line) {
    const { keepAlive } = this.load.dialect
    if (keepAlive !== undefined && line.startsWith(keepAlive.asked)) this.socket.write(keepAlive.answer)
    else if (!/ JOIN :| MODE /.test(line) && this.other.length < 3) this.other.push(line.trim())
  }
}
export const timeOf = (client, number) => client.times[number & (TIMES - 1)]
