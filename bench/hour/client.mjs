/** One client of the bad hour. It joins, sends text and reads lines, over any way into the server. */
import { open } from "./connection.mjs"

export class Client {
  /** Gets each message. */
  onMessage = () => {}
  /** Gets each other line that `asks` does not wait for. */
  onOther = () => {}
  isOpen = false
  rest = ""
  /** Questions without an answer, and senders that wait for room. */
  asked = []
  held = []

  constructor(name, way = "lines") {
    this.name = name
    this.way = way
  }

  opens(ports) {
    const { stream, wire, secure } = open(this.way, ports)
    Object.assign(this, { stream, wire, secure, isOpen: true })
    this.closed = new Promise((resolve) => stream.once("close", resolve))
    stream.on("error", () => {})
    stream.on("drain", () => this.goesOn())
    stream.on("close", () => {
      this.isOpen = false
      for (const { resolve } of this.asked.splice(0)) resolve(undefined)
      this.goesOn()
    })
    stream.setEncoding("latin1").on("data", (text) => this.reads(text))
  }

  /** Connects and joins. Resolves to whether it was accepted. */
  async enters(ports) {
    this.opens(ports)
    return this.joins()
  }

  async joins() {
    const answer = await this.asks(`JOIN ${this.name}\n`, /^(JOIN|Username|Too Many) /)
    return answer === `JOIN ${this.name} Request Accepted`
  }

  /** Sends the text. Resolves to the next line that matches; undefined if the connection closes first. */
  asks(text, answer) {
    if (!this.isOpen) return Promise.resolve(undefined)
    const answered = new Promise((resolve) => this.asked.push({ answer, resolve }))
    this.stream.write(text, "latin1")
    return answered
  }

  /** Whether it is answered. The PONG proves that what it sent before was accepted, and that what was sent to it has arrived. */
  async pings() {
    return (await this.asks("PING\n", /^PONG$/)) !== undefined
  }

  /** Sends the text. Resolves when the socket has room for more. */
  says(text) {
    if (!this.isOpen || this.stream.write(text, "latin1")) return Promise.resolve()
    return new Promise((resolve) => this.held.push(resolve))
  }

  /** Breaks the connection: the server gets a TCP reset. */
  resets() {
    this.wire.resetAndDestroy()
  }

  goesOn() {
    for (const resolve of this.held.splice(0)) resolve()
  }

  reads(text) {
    const lines = (this.rest + text).split("\r\n")
    this.rest = lines.pop()
    for (const line of lines) {
      if (line.startsWith("FROM ") || line.startsWith("MESG FROM ")) this.onMessage(line)
      else this.answers(line)
    }
  }

  answers(line) {
    const at = this.asked.findIndex(({ answer }) => answer.test(line))
    if (at >= 0) this.asked.splice(at, 1)[0].resolve(line)
    else this.onOther(line)
  }
}
