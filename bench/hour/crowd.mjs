/** All clients of the bad hour. Each client's loop runs until `isOver`. */
import { setTimeout as sleep } from "node:timers/promises"
import { Client } from "./client.mjs"

/** How long a connection may take to close. */
const CLOSING = 20_000

export const below = (end) => Math.floor(Math.random() * end)

export class Crowd {
  isOver = false
  /** What has happened how often. */
  counts = {}
  loops = []
  /** The clients that stay for the whole time, by name: each message to them is checked. */
  steady = new Map()

  constructor(ports, ledger) {
    this.ports = ports
    this.ledger = ledger
    this.over = new Promise((resolve) => {
      this.finish = resolve
    })
  }

  /** Joins somebody who stays for the whole time. */
  async stays(name, way) {
    const client = new Client(name, way)
    client.onMessage = this.ledger.listener(name)
    if (!(await client.enters(this.ports))) throw new Error(`${name} could not join`)
    this.steady.set(name, client)
    return client
  }

  goesOn(loop) {
    this.loops.push(loop)
  }

  counted(what) {
    this.counts[what] = (this.counts[what] ?? 0) + 1
  }

  faults(what) {
    this.ledger.wrong.push(what)
  }

  /** Waits until the connection has closed. */
  async closes(client) {
    const late = new AbortController()
    const limit = sleep(CLOSING, true, { signal: late.signal }).catch(() => false)
    if (await Promise.race([client.closed, limit])) {
      this.faults(`${client.name} was not disconnected within ${CLOSING / 1000} s`)
      client.wire.destroy()
    }
    late.abort()
  }

  /** Ends all loops, and waits until everything has been accepted, and then until everything has arrived. */
  async ends() {
    this.isOver = true
    this.finish()
    await Promise.all(this.loops)
    for (let round = 0; round < 2; round++) {
      for (const client of this.steady.values()) {
        if (!(await client.pings())) this.faults(`${client.name} was disconnected`)
      }
    }
    this.ledger.ends()
  }
}
