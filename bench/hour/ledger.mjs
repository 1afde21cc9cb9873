/**
 * Messages sent and received. A stream is what one sender sends to one recipient, or to all: `ann-bob`, `ann-all`. A message's
 * text is its stream, its number, the time it was sent, padding, and a full stop that shows that it is whole.
 */
export class Ledger {
  /** Number of messages of each stream. */
  sent = new Map()
  /** For each recipient, the next number of each stream. */
  heard = new Map()
  /** Streams and recipients whose connection is reset: their messages can be lost on the way. Order and number still count. */
  fragile = new Set()
  delivered = 0
  /** Deliveries from talkers. Other senders' messages wait in their own sockets, so their delay means nothing. */
  talked = 0
  delayed = 0
  lost = 0
  /** Messages that came again, or after a later one. */
  repeated = 0
  /** Messages that were lost with a connection. */
  excused = 0
  /** Faults, as text. */
  wrong = []

  /** @param late milliseconds after which a message counts as delayed */
  constructor(late) {
    this.late = late
  }

  /** The text of the next message of this stream. */
  next(stream, padding = "") {
    const number = this.sent.get(stream) ?? 0
    this.sent.set(stream, number + 1)
    return `${stream} ${number} ${performance.now().toFixed(1)} ${padding}.`
  }

  /** A function that counts and checks each message that reaches the recipient. */
  listener(recipient) {
    const expected = new Map()
    this.heard.set(recipient, expected)
    return (line) => {
      const [sender, stream, number, time] = line.slice(line.indexOf("FROM ") + 5).split(" ", 4)
      if (!line.endsWith(".") || !stream?.startsWith(sender.slice(0, -1))) {
        this.wrong.push(`${recipient} got ${line.slice(0, 200)}`)
        return
      }
      const [now, due] = [Number(number), expected.get(stream) ?? 0]
      this.delivered++
      if (now < due) {
        this.repeated++
        this.wrong.push(`${stream} at ${recipient}: ${now} after ${due - 1}`)
      } else {
        if (now > due) this.misses(stream, recipient, now - due)
        expected.set(stream, now + 1)
      }
      if (!stream.startsWith("talker")) return
      this.talked++
      if (performance.now() - Number(time) > this.late) this.delayed++
    }
  }

  misses(stream, recipient, count) {
    if (this.fragile.has(stream) || this.fragile.has(recipient)) this.excused += count
    else {
      this.lost += count
      this.wrong.push(`${stream} at ${recipient}: ${count} lost`)
    }
  }

  /** Counts what never arrived. What was sent to all was for every recipient but the sender. */
  ends() {
    for (const [stream, count] of this.sent) {
      const [sender, to] = stream.split("-")
      for (const recipient of to === "all" ? this.heard.keys() : [to]) {
        const missing = recipient === sender ? 0 : count - (this.heard.get(recipient)?.get(stream) ?? 0)
        if (missing > 0) this.misses(stream, recipient, missing)
      }
    }
  }
}
