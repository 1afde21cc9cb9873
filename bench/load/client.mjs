/** One client of the load: sends numbered messages, recognizes arriving ones, and counts them by sender. */
import { play } from "./connection.mjs"

/** A message's text: `{`, four digits of its sender, eight of its number, filler, `}`. No other text has a bracket. */
const SENDER_DIGITS = 4
const NUMBER_DIGITS = 8
const OPEN = 123
const CLOSE = 125

const payload = (sender, size) => {
  const head = `{${String(sender).padStart(SENDER_DIGITS, "0")}${"0".repeat(NUMBER_DIGITS)} `
  return `${head.padEnd(size - 1, "the quick brown fox jumps over the lazy dog, ")}}`
}

export const nameOf = (id) => `u${String(id).padStart(SENDER_DIGITS, "0")}`

const putNumber = (bytes, at, number) => {
  for (let digit = at + NUMBER_DIGITS - 1, left = number; digit >= at; digit--, left = (left / 10) | 0) {
    bytes[digit] = 48 + (left % 10)
  }
}

const digits = (bytes, from, to) => {
  let number = 0
  for (let at = from; at < to; at++) number = number * 10 + bytes[at] - 48
  return number
}

/** Exact count of the messages from one sender to one recipient. It needs no memory while they arrive in order. */
class Stream {
  received = 0
  duplicated = 0
  reordered = 0
  /** All numbers below it have arrived. */
  next = 0
  highest = -1
  /** Numbers above `next` that have arrived; undefined while there is none. */
  early

  take(number) {
    if (number < this.next || this.early?.has(number)) {
      this.duplicated++
      return false
    }
    this.received++
    if (number < this.highest) this.reordered++
    else this.highest = number
    if (number === this.next) this.next++
    else {
      this.early ??= new Set()
      this.early.add(number)
    }
    while (this.early?.delete(this.next)) this.next++
    if (this.early?.size === 0) this.early = undefined
    return true
  }
}

/** Send times that a client keeps: a power of two, more than its messages under way. */
const TIMES = 16_384
const LF = 10

/** Whether the bytes at `start` are the frame with this number. */
const isFrame = (frame, openAt, number, bytes, start) => {
  putNumber(frame, openAt + 1 + SENDER_DIGITS, number)
  return frame.compare(bytes, start, start + frame.length) === 0
}

export class Client {
  sent = 0
  /** Messages of this client that arrived, at all recipients together. */
  arrived = 0
  /** Checked streams, by sender. */
  from = []
  times = new Float64Array(TIMES)
  rest = Buffer.alloc(0)
  /** The first lines that are not messages. */
  other = []

  /**
   * @param load state of all clients: dialect, size, batch, isFanout, isExact, `received(sender, time)` and `turn(client)`;
   * how they connect (`open`), and how a line is wrapped (`frame`) if it is
   */
  constructor(id, load) {
    this.id = id
    this.load = load
    this.name = nameOf(id)
  }

  async enter(port, onError) {
    const { dialect, isFanout, open } = this.load
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

  /** Prepares the lines to the client `to`, or, if it is undefined, to everybody. */
  aim(to) {
    const { dialect, size, batch, frame } = this.load
    const text = payload(this.id, size)
    const bytes = Buffer.from(to === undefined ? dialect.broadcast(text) : dialect.direct(nameOf(to), text), "latin1")
    const line = frame === undefined ? bytes : frame(bytes)
    this.numberAt = line.indexOf("{") + 1 + SENDER_DIGITS
    this.lineLength = line.length
    this.lines = Buffer.concat(Array(batch).fill(line))
  }

  /** Prepares to recognize messages from the client `from`. All messages have the same length. */
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
    if (this.load.isExact) this.from[from].frame = Buffer.from(frame, "latin1")
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
        this.take(bytes, start)
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

  take(bytes, start) {
    const at = start + this.openAt + 1
    const sender = digits(bytes, at, at + SENDER_DIGITS)
    const number = digits(bytes, at + SENDER_DIGITS, at + SENDER_DIGITS + NUMBER_DIGITS)
    const stream = this.from[sender]
    if (stream === undefined) this.note(`from nobody: ${sender}`)
    else if (stream.frame !== undefined && !isFrame(stream.frame, this.openAt, number, bytes, start)) {
      this.note(`spoilt: ${bytes.latin1Slice(start, start + this.frameLength)}`)
    } else if (stream.take(number)) this.load.received(sender, number)
  }

  note(line) {
    const { keepAlive } = this.load.dialect
    if (keepAlive !== undefined && line.startsWith(keepAlive.asked)) this.socket.write(keepAlive.answer)
    else if (!/ JOIN :| MODE /.test(line) && this.other.length < 3) this.other.push(line.trim())
  }
}

export const timeOf = (client, number) => client.times[number & (TIMES - 1)]
