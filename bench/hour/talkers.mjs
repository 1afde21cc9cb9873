/** Clients that write to each other, and to all, over every way into the server. */
import { setTimeout as sleep } from "node:timers/promises"
import { below } from "./crowd.mjs"

const COUNTS = { lines: 10, tls: 3, page: 3, securePage: 2 }

/** About 20 messages a second to another talker, and one to all. */
const talks = async (crowd, talker, talkers) => {
  const { ledger } = crowd
  for (let turn = 0; !crowd.isOver; turn++) {
    const { name } = talkers[below(talkers.length)]
    await talker.says(`MESG ${name} ${ledger.next(`${talker.name}-${name}`)}\n`)
    if (turn % 20 === 0) await talker.says(`BCST ${ledger.next(`${talker.name}-all`)}\n`)
    await sleep(30 + below(40))
  }
}

/** Lets them join. Returns what starts them. */
export const talkers = async (crowd) => {
  const all = []
  for (const [way, count] of Object.entries(COUNTS)) {
    for (let each = 0; each < count; each++) all.push(await crowd.stays(`talker${all.length}`, way))
  }
  return () => {
    for (const talker of all) crowd.goesOn(talks(crowd, talker, all))
  }
}
