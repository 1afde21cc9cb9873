/** Whether a server's memory grows while a soak goes on. */
import { median, mib } from "../support/table.mjs"

/** Growth allowed from the middle to the last third, in the median: 5 % and the content of a few busy outboxes. */
const growth = { heap: 2 * 1024 * 1024, rss: 16 * 1024 * 1024, share: 1.05 }

/** Prints the medians, and returns which figures of the looks (`heap`, `rss`) grow. The first third is warm-up. */
export const growing = (looks) => {
  const third = Math.floor(looks.length / 3)
  return ["heap", "rss"].filter((what) => {
    const part = (from, to) => median(looks.slice(from, to).map((look) => look[what]))
    const [middle, last] = [part(third, 2 * third), part(2 * third)]
    console.log(`${what}: median of the middle third ${mib(middle)}, of the last ${mib(last)}`)
    return last > middle * growth.share + growth[what]
  })
}
