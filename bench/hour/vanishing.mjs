/** A peer that is cut off: its kernel drops whatever arrives, as if the cable were cut. The server has to find it. */
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"

const SCRIPT = fileURLToPath(new URL("../../test/support/vanishing.py", import.meta.url))
/** Milliseconds after which it must have been found; the server promises about a minute. */
const LIMIT = 100_000

export const canVanish = spawnSync("python3", ["--version"]).status === 0

/** Again and again: joins, is cut off, and has to be disconnected. `found` gets the milliseconds that each took. */
const vanishes = async (crowd, room, teller, found) => {
  while (!crowd.isOver) {
    const peer = spawn("python3", [SCRIPT, String(crowd.ports.lines), "vanished"], {
      stdio: ["pipe", "pipe", "ignore"]
    })
    const end = () => peer.kill("SIGKILL")
    process.once("exit", end)
    await once(peer.stdout, "data")
    peer.stdin.write("vanish\n")
    await once(peer.stdout, "data")
    const began = performance.now()
    const left = room.leaves("vanished")
    await teller.says("MESG vanished hello\n")
    const late = setTimeout(() => crowd.faults("the peer that was cut off is still registered"), LIMIT)
    if (await Promise.race([left, crowd.over])) found.push(performance.now() - began)
    clearTimeout(late)
    end()
    process.off("exit", end)
    await once(peer, "close")
  }
}

/** Lets somebody join who writes to it. Returns what starts it. */
export const vanishing = async (crowd, room, found) => {
  const teller = await crowd.stays("teller")
  return () => {
    if (canVanish) crowd.goesOn(vanishes(crowd, room, teller, found))
  }
}
