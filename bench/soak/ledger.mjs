/** Messages sent and received, by stream (sender and recipients). A message's text is its stream, number and send time. */
export class Ledger {
  /** The send times of each stream's messages. The flooder's are too many: of them there is the number only. */
  sent = new Map()
  heard = new Map()
  /** Numbers that did not reach a recipient, as ranges; and those that need not, because that was said. */
  gaps = new Map()
  excused = new Map()
  delivered = 0
  /** Deliveries from talkers. The flooder's messages wait in its own socket, so their delay means nothing. */
  talked = 0
  delayed = 0
  /** Errors, as text. */
  wrong = []

  /** @param late milliseconds after which a message counts as delayed */
  constructor(late) {
    this.late = late
  }

  /** The text of the next message of this stream. */
  next(stream) {
    const now = performance.now()
    const { count = 0, times = [] } = this.sent.get(stream) ?? {}
    if (!stream.startsWith("flooder")) times.push(now)
    this.sent.set(stream, { count: count + 1, times })
    return `${stream} ${count} ${now.toFixed(1)}`
  }

  /** The number of messages of this stream so far. */
  count(stream) {
    return this.sent.get(stream)?.count ?? 0
  }

  /** Counts and checks a message that arrived. */
  arrives(recipient, text) {
    const [stream, number, time] = text.split(" ")
    const key = `${stream} at ${recipient}`
    const expected = this.heard.get(key) ?? 0
    if (Number(number) < expected) this.wrong.push(`${key}: ${number} after ${expected - 1}`)
    if (Number(number) > expected) this.misses(key, expected, Number(number))
    this.heard.set(key, Math.max(expected, Number(number) + 1))
    this.delivered++
    if (stream.startsWith("flooder")) return
    this.talked++
    if (performance.now() - Number(time) > this.late) this.delayed++
  }

  misses(key, from, end) {
    this.gaps.set(key, [...(this.gaps.get(key) ?? []), { from, end }])
  }

  /** The last `count` messages of the stream may be lost: their sender was told so, or lost its connection. */
  refused(stream, count) {
    this.excuses(stream, this.count(stream) - count)
  }

  /** Everything that was sent to this recipient since then may be lost: it had lost its connection. */
  wasAway(recipient, since) {
    for (const [stream, { times }] of this.sent) {
      if (!stream.endsWith(`-${recipient}`) && !stream.endsWith("-all")) continue
      const from = times.findIndex((time) => time >= since)
      if (from >= 0) this.excuses(`${stream} at ${recipient}`, from, times.length)
    }
  }

  excuses(key, from, end = this.count(key)) {
    this.excused.set(key, [...(this.excused.get(key) ?? []), { from, end }])
  }

  /** The stream's messages that did not reach the recipient: those of which nobody was told, and the number of the others. */
  missing(stream, recipient) {
    const key = `${stream} at ${recipient}`
    const excuses = [...(this.excused.get(stream) ?? []), ...(this.excused.get(key) ?? [])]
    const last = { from: this.heard.get(key) ?? 0, end: this.count(stream) }
    const lost = []
    let said = 0
    for (const { end, from } of [...(this.gaps.get(key) ?? []), last]) {
      for (let number = from; number < end; number++) {
        if (excuses.some((excuse) => excuse.from <= number && number < excuse.end)) said++
        else lost.push(`${key}: ${number} is missing`)
      }
    }
    return { lost, said }
  }
}
