/** What was sent by whom to whom, and what of it has arrived: a message is the number of its kind and when it was sent. */
export class Ledger {
  sent = new Map()
  heard = new Map()
  delivered = 0
  /** Of them, those of talkers: what the flooder says has waited in its own socket. */
  talked = 0
  delayed = 0
  /** Left out before a later message of the same stream. */
  skipped = 0
  /** What went otherwise than it must. */
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

  /** A message has come to somebody. */
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

  /** How many messages of that stream have not come to that recipient. */
  missing(stream, recipient) {
    return (this.sent.get(stream) ?? 0) - (this.heard.get(`${stream} at ${recipient}`) ?? 0)
  }
}
