/** One client of the soak. It joins, sends text and reads lines. */
import { connect } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { HOST } from "../support/server.mjs"

export class Caller {
  /** Gets each message. */
  onLine = () => {}
  /** Gets each other line that `hears` does not wait for. */
  onAnswer = () => {}
  rest = ""
  isOpen = false
  /** Whether it has joined, and not lost its connection since. */
  isIn = false
  expected = []

  constructor(name) {
    this.name = name
  }

  /** Connects and joins. Rejects if the join is not accepted. */
  async enters(port) {
    this.socket = connect({ host: HOST, port, noDelay: true })
    this.rest = ""
    this.closed = new Promise((resolve) => this.socket.once("close", resolve))
    this.socket.on("error", () => {})
    this.socket.on("close", () => {
      this.isOpen = false
      this.isIn = false
      for (const { resolve } of this.expected.splice(0)) resolve(undefined)
    })
    this.socket.setEncoding("latin1").on("data", (text) => this.reads(text))
    this.isOpen = true
    const answer = this.hears((line) => !line.startsWith("FROM ") && !line.startsWith("Room Available"))
    this.socket.write(`JOIN ${this.name}\n`)
    const line = await answer
    if (line !== `JOIN ${this.name} Request Accepted`) throw new Error(`${this.name} could not join: ${line}`)
    this.isIn = true
  }

  /** The next line that matches; undefined if the connection closes first. */
  hears(isIt) {
    return this.isOpen ? new Promise((resolve) => this.expected.push({ isIt, resolve })) : Promise.resolve(undefined)
  }

  /** Sends the text. Resolves when the socket has room for more. */
  async says(text) {
    if (!this.isOpen || this.socket.write(text, "latin1")) return
    const room = new Promise((resolve) => this.socket.once("drain", resolve))
    await Promise.race([room, this.closed])
  }

  /**
   * Goes in again after its connection was lost, as soon as its name is free and the room available. `port` gives the port
   * of each attempt.
   */
  async returns(port) {
    for (;;) {
      await this.enters(port()).catch(() => this.socket.destroy())
      if (this.isIn) return
      await this.closed
      await sleep(100)
    }
  }

  /**
   * Sends the text, and waits until it has been dealt with. Resolves to the lines that answer it; undefined if the
   * connection closes first.
   */
  async asks(text) {
    const answers = []
    this.onAnswer = (line) => answers.push(line)
    await this.says(text)
    return (await this.pings()) === undefined ? undefined : answers
  }

  /** Milliseconds until the PONG, which proves that earlier commands were processed; undefined if the connection closed. */
  async pings() {
    const since = performance.now()
    const pong = this.hears((line) => line === "PONG")
    this.socket.write("PING\n")
    return (await pong) === undefined ? undefined : performance.now() - since
  }

  reads(text) {
    const lines = (this.rest + text).split("\r\n")
    this.rest = lines.pop()
    for (const line of lines) {
      const at = this.expected.findIndex(({ isIt }) => isIt(line))
      if (at >= 0) this.expected.splice(at, 1)[0].resolve(line)
      else if (line.startsWith("FROM ")) this.onLine(line)
      else this.onAnswer(line)
    }
  }
}
