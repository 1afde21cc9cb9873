/** Clients that send as much as they are read, and clients that read too little. */
import { setTimeout as sleep } from "node:timers/promises"
import { Client } from "./client.mjs"
import { watches } from "./watchers.mjs"

/** Messages a millisecond from the flooder. It makes up for the time in which it was held back, at most half as fast again. */
const PACE = 100
const CATCHING_UP = 1.5
const LARGEST_BATCH = 1000
/** One message in a batch goes to the client that reads nothing. */
const TO_STALLED = `MESG stalled ${"x".repeat(4000)}\n`

/** Sends at an even pace, in large writes. */
const floods = async (crowd, flooder) => {
  const began = performance.now()
  for (let [sent, last] = [0, began]; !crowd.isOver; ) {
    const now = performance.now()
    const [due, allowed] = [(now - began) * PACE - sent, (now - last) * PACE * CATCHING_UP]
    const count = Math.floor(Math.min(due, allowed, LARGEST_BATCH))
    let text = TO_STALLED
    for (let line = 0; line < count; line++) text += `MESG sink ${crowd.ledger.next("flooder-sink")}\n`
    sent += count
    last = now
    await flooder.says(text)
    await sleep(2)
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

/** A client that reads nothing until it is disconnected. It comes again after a while. */
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
    await Promise.race([sleep(20_000), crowd.over])
  }
}

/** Lets them join. Returns what starts them. `room` tells who leaves. */
export const floodsAndStalls = async (crowd, room) => {
  await crowd.stays("sink")
  const flooder = await crowd.stays("flooder")
  const dripper = await crowd.stays("dripper", "tls")
  const slow = await crowd.stays("slow")
  await watches(crowd, slow)
  readsSlowly(slow)
  return () => {
    crowd.goesOn(floods(crowd, flooder))
    crowd.goesOn(drips(crowd, dripper))
    crowd.goesOn(stalls(crowd, room))
  }
}
