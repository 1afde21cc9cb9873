/** A room in which everybody WATCHes: visitors join and leave at an even pace, and members send each other messages. */
import { once } from "node:events"
import { setTimeout as sleep } from "node:timers/promises"
import { Client } from "./client.mjs"
import { open, play } from "./connection.mjs"
import { reaches } from "./meter.mjs"

/** Clients that register, or start to watch, at the same time. */
const AT_ONCE = 20
/** The load gives up waiting for the last lines when none has arrived for so long. */
const SILENCE_MS = 2000

const [JOINED, LEFT] = [1, 2]

/** A member that watches. It expects one JOINED and then one LEFT of each visitor. */
class Watcher extends Client {
  notices = 0
  duplicated = 0
  reordered = 0
  /** JOINED or LEFT, by the visitor's number; undefined while it has heard neither. */
  heard = []

  /** Resolves to the answer to WATCH. */
  async watch() {
    const answer = await play(this.socket, this.load.dialect.watch)
    this.socket.receiver = (chunk) => this.receive(chunk)
    return answer
  }

  note(line) {
    const [, word, digits] = /^(JOINED|LEFT) v(\d+)\r\n$/.exec(line) ?? []
    if (word === undefined) return super.note(line)
    const number = Number(digits)
    const before = this.heard[number]
    const now = word === "JOINED" ? JOINED : LEFT
    if (before === now || before === LEFT) {
      this.duplicated++
      return
    }
    if (now === LEFT && before !== JOINED) this.reordered++
    this.heard[number] = now
    this.notices++
    this.load.noticed(now, number)
  }
}

export const watch = async ({ port, dialect, workload, meter, fail }) => {
  const { clients: count, size = 64, visits, pace } = workload
  if (dialect.watch === undefined) return { missing: "its protocol has no WATCH" }
  let isOver = false
  let arrived = 0
  /** When each visitor sent its JOIN, by its number. */
  const joinedAt = []
  const load = { open, dialect: { ...dialect, received: dialect.watched }, size, batch: 1, turn: () => {} }
  load.received = () => {
    arrived++
  }
  load.noticed = (notice, number) => {
    arrived++
    meter.count++
    if (notice === JOINED) meter.record(performance.now() - joinedAt[number])
  }
  const watchers = Array.from({ length: count }, (_, id) => new Watcher(id, load))
  const inGroups = async (f) => {
    const all = []
    for (let at = 0; at < count; at += AT_ONCE)
      all.push(...(await Promise.all(watchers.slice(at, at + AT_ONCE).map(f))))
    return all
  }
  // Nobody watches before all have registered: the answer to WATCH comes alone.
  await inGroups((watcher) => watcher.enter(port, fail))
  const answers = await inGroups((watcher) => watcher.watch())
  if (answers.some((answer) => !answer.startsWith("WATCH "))) return { missing: "it does not know WATCH" }
  for (const watcher of watchers) {
    watcher.aim(watcher.id ^ 1)
    watcher.expect(watcher.id ^ 1, true)
  }

  /** Joins, and leaves as soon as that is accepted. */
  const visit = async (number) => {
    const socket = open(port, fail)
    const closed = once(socket, "close")
    await once(socket, "connect")
    joinedAt[number] = performance.now()
    await play(socket, dialect.visit(`v${number}`))
    socket.end()
    await closed
  }
  /** Visits that have not ended. */
  const visiting = new Set()
  const began = performance.now()
  let sent = 0
  const keepPace = async () => {
    while (!isOver) {
      const seconds = (performance.now() - began) / 1000
      for (; sent < seconds * pace; sent++) watchers[sent % count].send(1, performance.now())
      while (joinedAt.length < seconds * visits) {
        const number = joinedAt.length
        joinedAt[number] = performance.now()
        const one = visit(number)
        visiting.add(one)
        one.then(() => visiting.delete(one), fail)
      }
      await sleep(1)
    }
  }
  const paced = keepPace()

  return {
    stop: async () => {
      isOver = true
      await paced
      await Promise.all(visiting)
      const wanted = sent + joinedAt.length * 2 * count
      await reaches(() => arrived, wanted, SILENCE_MS)
      // Duplicates need time to arrive.
      await sleep(30)
      const streams = watchers.flatMap(({ from }) => from.filter((stream) => stream !== undefined))
      const sum = (all, field) => all.reduce((total, each) => total + each[field], 0)
      return {
        sent,
        wanted,
        lost: wanted - sum(streams, "received") - sum(watchers, "notices"),
        duplicated: sum(streams, "duplicated") + sum(watchers, "duplicated"),
        reordered: sum(streams, "reordered") + sum(watchers, "reordered"),
        other: watchers.flatMap(({ other }) => other).slice(0, 3)
      }
    }
  }
}
