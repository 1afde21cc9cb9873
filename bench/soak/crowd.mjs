/** The clients of the soak. Each client's loop runs until `isOver`. */
import { setTimeout as sleep } from "node:timers/promises"
import { Caller } from "./caller.mjs"

const TALKERS = 10
const FLOOD_LINES = 200
/** Seconds for which messages between nodes are waited for at the end. */
const PATIENCE = 60

/** Milliseconds before the end of a connection in which what was sent may not have reached it. */
const UNREAD = 1000

/** Whether a line says that a message was not delivered; the one that stalls comes and goes. */
const isRefusal = (line) => /^Room Unavailable\. |^Unknown Recipient \((?!stalled)/.test(line)

const below = (end) => Math.floor(Math.random() * end)

export class Crowd {
  isOver = false
  counts = { joins: 0, stalls: 0, losses: 0 }
  ended = []
  /** Talkers and the sink: they read all the time and check each message. */
  listeners = []

  constructor(ports, ledger) {
    this.ports = ports
    this.ledger = ledger
  }

  /** The port of the next client: each node in turn. */
  get port() {
    const [port] = this.ports
    this.ports = [...this.ports.slice(1), port]
    return port
  }

  async starts() {
    for (let id = 0; id < TALKERS; id++) this.listeners.push(await this.listener(`talker${id}`))
    const talkers = this.listeners.slice()
    const sink = await this.listener("sink")
    this.listeners.push(sink)
    this.flooder = await this.listener("flooder")
    this.quiet = new Caller("quiet")
    await this.quiet.enters(this.port)
    for (const talker of talkers) this.goesOn(this.talks(talker, talkers))
    this.goesOn(this.floods(this.flooder))
    this.goesOn(this.stalls())
    this.goesOn(this.reconnects())
    for (const caller of [this.flooder, ...this.listeners]) this.staysIn(caller)
    for (let id = 0; id < 5; id++) this.goesOn(this.visits(`visitor${id}`))
  }

  /**
   * Stops all clients. A PONG proves that a sender's messages were accepted, and that a listener's have arrived. Resolves to
   * what is missing.
   */
  async ends() {
    this.isOver = true
    await Promise.all(this.ended)
    for (const caller of [this.flooder, ...this.listeners]) {
      if ((await caller.pings()) === undefined) this.ledger.wrong.push(`${caller.name} was disconnected`)
    }
    for (const caller of this.listeners) await caller.pings()
    // Another node has yet to read what one has accepted, which takes a while on a busy machine.
    const most = this.ports.length > 1 ? PATIENCE : 0
    for (let waited = 0; waited < most && this.missing().lost.length > 0; waited++) await sleep(1000)
    return this.missing()
  }

  missing() {
    const names = this.listeners.slice(0, TALKERS).map(({ name }) => name)
    const pairs = names.flatMap((name) => names.map((other) => [name, other]))
    const missing = [this.ledger.missing("flooder-sink", "sink")]
    for (const [name, other] of pairs) {
      missing.push(this.ledger.missing(`${name}-${other}`, other))
      if (other !== name) missing.push(this.ledger.missing(`${name}-all`, other))
    }
    return { lost: missing.flatMap(({ lost }) => lost), said: missing.reduce((sum, { said }) => sum + said, 0) }
  }

  goesOn(doing) {
    this.ended.push(doing)
  }

  async listener(name) {
    const caller = new Caller(name)
    caller.onLine = (line) => {
      const text = /^FROM \w+: (.*)$/.exec(line)?.[1]
      if (text?.includes("-")) this.ledger.arrives(name, text)
    }
    await caller.enters(this.port)
    return caller
  }

  /** Whoever loses its connection comes back, as soon as it can. */
  async staysIn(caller) {
    while (!this.isOver) {
      await caller.closed
      if (this.isOver) return
      const since = performance.now() - UNREAD
      this.counts.losses++
      await caller.returns(() => this.port)
      this.ledger.wasAway(caller.name, since)
    }
  }

  /** Sends `count` messages of a stream, and waits until they have been dealt with. */
  async tells(caller, stream, count, text) {
    while (!caller.isIn && !this.isOver) await sleep(50)
    if (!caller.isIn) return
    const answers = await caller.asks(text())
    if (answers === undefined || answers.some(isRefusal)) this.ledger.refused(stream, count)
  }

  /** About 20 messages a second to another talker, and one to all. */
  async talks(talker, talkers) {
    for (let turn = 0; !this.isOver; turn++) {
      const { name } = talkers[below(TALKERS)]
      const stream = `${talker.name}-${name}`
      await this.tells(talker, stream, 1, () => `MESG ${name} ${this.ledger.next(stream)}\n`)
      const all = `${talker.name}-all`
      if (turn % 20 === 0) await this.tells(talker, all, 1, () => `BCST ${this.ledger.next(all)}\n`)
      await sleep(30 + below(40))
    }
  }

  /** Messages as fast as the server reads them. */
  async floods(flooder) {
    const stream = "flooder-sink"
    const block = () => {
      const lines = Array.from({ length: FLOOD_LINES }, () => `MESG sink ${this.ledger.next(stream)}\n`)
      return `${lines.join("")}MESG stalled ${"x".repeat(4000)}\n`
    }
    while (!this.isOver) {
      await this.tells(flooder, stream, FLOOD_LINES, block)
      await sleep(1)
    }
  }

  /** A client that reads nothing until it is disconnected, then reconnects. */
  async stalls() {
    while (!this.isOver) {
      const caller = new Caller("stalled")
      await caller.enters(this.port).catch(() => sleep(100))
      if (!caller.isOpen) continue
      this.counts.stalls++
      caller.socket.pause()
      // A paused socket reports its disconnection only when it is read again.
      for (let waited = 0; waited < 100 && !this.isOver; waited++) await sleep(50)
      caller.socket.resume()
      caller.socket.end()
      await caller.closed
    }
  }

  /** Connects and leaves without pause. */
  async reconnects() {
    while (!this.isOver) {
      await this.comes("comet", () => undefined)
      await sleep(5)
    }
  }

  /** Stays up to a second, lists the users and broadcasts a greeting. */
  async visits(name) {
    while (!this.isOver) {
      await this.comes(name, async (caller) => {
        await caller.says("LIST\nBCST hello\n")
        await sleep(100 + below(900))
      })
      await sleep(below(200))
    }
  }

  async comes(name, stay) {
    const caller = new Caller(name)
    await caller.enters(this.port).catch(() => undefined)
    if (!caller.isOpen) return
    this.counts.joins++
    await stay(caller)
    const way = below(3)
    if (way === 0) caller.socket.resetAndDestroy()
    else if (way === 1) caller.socket.end()
    else await caller.says("QUIT\n")
    await caller.closed
  }
}
