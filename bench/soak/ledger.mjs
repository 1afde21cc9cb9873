/** Messages sent and received, by stream (sender and recipients). A message's text is its stream, number and send time. */
export class Ledger {
  sent = new Map()
  heard = new Map()
  delivered = 0
  /** Deliveries from talkers. The flooder's messages wait in its own socket, so their delay means nothing. */
  talked = 0
  delayed = 0
  /** Messages missing before a later one of the same stream. */
  skipped = 0
  /** Errors, as text. */
  wrong = []

  /** @param late milliseconds after which a message counts as delayed */
  constructor(late) {
    this.late = late
  }

  /** The text of the next message of this stream. */
  next(stream) {
    const number = this.sent.get(stream) ?? 0
    this.sent.set(stream, number + 1)
    return `${stream} ${number} ${performance.now().toFixed(1)}`
  }

  /** Counts and checks a message that arrived. */
  arrives(recipient, text) {
    const [stream, number, time] = text.split(" ")
    const key = `${stream} at ${recipient}`
    const expected = this.heard.get(key) ?? 0
    if (Number(number) !== expected) this.wrong.push(`${key}: ${number} instead of ${expected}`)
    if (Number(number) > expected) this.skipped += Number(number) - expected
    this.heard.set(key, Math.max(expected, Number(number) + 1))
    this.delivered++
    if (stream.startsWith("flooder")) return
    this.talked++
    if (performance.now() - Number(time) > this.late) this.delayed++
  }

  /** Number of the stream's messages after the last one that reached the recipient. */
  missing(stream, recipient) {
    return (this.sent.get(stream) ?? 0) - (this.heard.get(`${stream} at ${recipient}`) ?? 0)
  }
}
