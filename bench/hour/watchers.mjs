/** Clients that WATCH. They know who is in the room, and that nobody is heard before JOINED or after LEFT. */

class Watcher {
  /** Whether each name is in the room, as far as it was told. */
  isIn = new Map()
  waiting = []

  constructor(crowd, client) {
    this.crowd = crowd
    this.client = client
    const hears = client.onMessage
    client.onMessage = (line) => {
      const name = /FROM (\w+):/.exec(line)?.[1]
      if (this.isIn.get(name) === false) crowd.faults(`${client.name} heard ${name} after LEFT`)
      hears(line)
    }
    client.onOther = (line) => {
      const [, word, name] = /^(JOINED|LEFT) (\w+)$/.exec(line) ?? []
      if (word !== undefined) this.notes(name, word === "JOINED")
    }
  }

  /** Resolves when that name has left. */
  leaves(name) {
    return new Promise((resolve) => this.waiting.push({ name, resolve }))
  }

  notes(name, isIn) {
    this.crowd.counted("notices")
    if (this.isIn.get(name) === isIn) {
      this.crowd.faults(`${this.client.name} was told twice that ${name} ${isIn ? "joined" : "left"}`)
    }
    this.isIn.set(name, isIn)
    if (isIn) return
    for (const { resolve } of this.waiting.filter((one) => one.name === name)) resolve(true)
    this.waiting = this.waiting.filter((one) => one.name !== name)
  }
}

/** Lets a client WATCH. Resolves to the watcher. */
export const watches = async (crowd, client) => {
  const watcher = new Watcher(crowd, client)
  await client.asks("WATCH\n", /^WATCH /)
  return watcher
}

/** Lets two watch that read all the time. Resolves to the first. */
export const watchers = async (crowd) => {
  const first = await watches(crowd, await crowd.stays("watcher0"))
  await watches(crowd, await crowd.stays("watcher1", "page"))
  return first
}
