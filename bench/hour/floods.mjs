/** Clients that send as much as they are read, and clients that read too little. */
import { setTimeout as sleep } from "node:timers/promises"
import { Client } from "./client.mjs"

/** Messages a second from the flooder; it makes up for the time in which it was held back. */
const PACE = 100_000
const BATCH = 400
/** One message in a batch goes to the client that reads nothing. */
const TO_STALLED = `MESG stalled ${"x".repeat(4000)}\n`

/** Sends at an even pace, in large writes. */
const floods = async (crowd, flooder) => {
  const began = performance.now()
  for (let sent = 0; !crowd.isOver; ) {
    const due = Math.min(BATCH, Math.floor(((performance.now() - began) * PACE) / 1000) - sent)
    let text = ""
    for (let line = 0; line < due; line++) text += `MESG sink ${crowd.ledger.next("flooder-sink")}\n`
    sent += Math.max(0, due)
    await flooder.says(text + TO_STALLED)
    await sleep(due < BATCH ? 2 : 1)
  }
}

/** Sends each line in a write of its own, as fast as its slow reader allows. */
const drips = async (crowd, dripper) => {
  const padding = "x".repeat(2000)
  while (!crowd.isOver) {
    for (let line = 0; line < 8; line++) await dripper.says(`MESG slow ${crowd.ledger.next("dripper-slow", padding)}\n`)
    await sleep(1)
  }
}

/** Reads one chunk, and the next 20 ms later. */
const readsSlowly = ({ stream }) => {
  stream.on("data", () => {
    stream.pause()
    setTimeout(() => stream.resume(), 20)
  })
}

/** A client that reads nothing until it is disconnected. It comes again after some seconds. */
const stalls = async (crowd, room) => {
  while (!crowd.isOver) {
    const client = new Client("stalled")
    if (await client.enters(crowd.ports)) {
      crowd.counted("stalls")
      client.stream.pause()
      await Promise.race([room.leaves("stalled"), crowd.over])
    }
    // A paused socket reports its disconnection only when it is read again.
    client.stream.resume()
    client.stream.end()
    await crowd.closes(client)
    await Promise.race([sleep(10_000), crowd.over])
  }
}

/** Lets them join. Returns what starts them. `room` tells who leaves. */
export const floodsAndStalls = async (crowd, room) => {
  await crowd.stays("sink")
  const flooder = await crowd.stays("flooder")
  const dripper = await crowd.stays("dripper", "tls")
  readsSlowly(await crowd.stays("slow"))
  return () => {
    crowd.goesOn(floods(crowd, flooder))
    crowd.goesOn(drips(crowd, dripper))
    crowd.goesOn(stalls(crowd, room))
  }
}
