/** Two clients that take their names back again and again, and one who writes to them meanwhile. */
import { setTimeout as sleep } from "node:timers/promises"
import { Client } from "./client.mjs"
import { WAYS } from "./connection.mjs"
import { below } from "./crowd.mjs"

/** More than the kernel and the outbox hold for a client that does not read. */
const BURST = 2000
const padding = "x".repeat(4000)

const writes = async (crowd, writer) => {
  while (!crowd.isOver) {
    for (const name of ["mover", "phoenix"]) {
      for (let line = 0; line < 5; line++) await writer.says(`MESG ${name} ${crowd.ledger.next(`writer-${name}`)}\n`)
    }
    await sleep(10)
  }
}

const keyOf = async (client) => (await client.asks("KEY\n", /^KEY /))?.slice(4)

/** A connection over any way that has the name's messages, and no name yet. */
const another = async (crowd, name, onMessage) => {
  const client = new Client(name, WAYS[below(WAYS.length)])
  client.onMessage = onMessage
  client.opens(crowd.ports)
  await client.asks("HELP\n", /^QUIT /)
  return client
}

const reclaims = async (client, key) =>
  (await client.asks(`RECLAIM ${client.name} ${key}\n`, /RECLAIM/)) === `RECLAIM ${client.name} Request Accepted`

/**
 * Takes its name back while the old connection lives, and reads that to its end: no message may be missing. Every other time
 * the old one has read nothing for a while, so that messages move.
 */
const moves = async (crowd, writer, first) => {
  const hears = first.onMessage
  for (let [old, turn] = [first, 0]; !crowd.isOver; turn++) {
    const key = await keyOf(old)
    if (turn % 2 === 1) {
      old.stream.pause()
      let burst = ""
      for (let line = 0; line < BURST; line++) burst += `MESG mover ${crowd.ledger.next("writer-mover", padding)}\n`
      writer.says(burst)
    }
    await sleep(50 + below(300))
    const held = []
    const client = await another(crowd, "mover", (line) => held.push(line))
    if (!(await reclaims(client, key))) return crowd.faults("mover could not take its name back")
    crowd.counted("reclaims")
    old.stream.resume()
    await crowd.closes(old)
    // Only messages of the burst, sent before the RECLAIM, are that long.
    if (held[0]?.length > padding.length) crowd.counted("moved")
    for (const line of held) hears(line)
    client.onMessage = hears
    crowd.steady.set("mover", client)
    old = client
    await sleep(below(1000))
  }
}

/** Resets its connection and takes its name back at the same moment, or joins again if the server saw the reset first. */
const rises = async (crowd, first) => {
  for (let old = first; !crowd.isOver; ) {
    const key = await keyOf(old)
    await sleep(below(300))
    const client = await another(crowd, "phoenix", old.onMessage)
    const isBefore = below(2) === 0
    if (isBefore) old.resets()
    const accepted = reclaims(client, key)
    if (!isBefore) old.resets()
    const isBack = await accepted
    crowd.counted(isBack ? "reclaims" : "tooLate")
    for (let tries = 0; !isBack && !(await client.joins()); tries++) {
      if (tries === 100) return crowd.faults("phoenix could not join again")
      await sleep(20)
    }
    crowd.steady.set("phoenix", client)
    old = client
  }
}

/** Lets them join. Returns what starts them. */
export const reclaimers = async (crowd) => {
  crowd.ledger.fragile.add("phoenix")
  const writer = await crowd.stays("writer")
  const mover = await crowd.stays("mover")
  const phoenix = await crowd.stays("phoenix")
  return () => {
    crowd.goesOn(writes(crowd, writer))
    crowd.goesOn(moves(crowd, writer, mover))
    crowd.goesOn(rises(crowd, phoenix))
  }
}
