/** The measurement: it begins after the warm-up and ends before the load waits for the last messages. */
import { setTimeout as sleep } from "node:timers/promises"
import { build } from "hdr-histogram-js"
import { cpu, memory } from "../support/process.mjs"

/** The histogram's unit is 0.1 us, its highest value a minute. */
const PER_MS = 10_000

/** Waits until `count()` is at the goal, or has not changed for `silence` milliseconds. */
export const reaches = async (count, goal, silence) => {
  for (let quiet = 0, last = count(); last < goal && quiet < silence; ) {
    await sleep(10)
    quiet = count() === last ? quiet + 10 : 0
    last = count()
  }
}

export class Meter {
  count = 0
  isOn = false
  histogram = build({ lowestDiscernibleValue: 1, highestTrackableValue: 6e8, numberOfSignificantValueDigits: 3 })

  constructor(pids) {
    this.pids = pids
  }

  look() {
    return { at: performance.now(), server: cpu(this.pids), load: cpu([process.pid]), count: this.count }
  }

  begin() {
    this.isOn = true
    this.from = this.look()
  }

  end() {
    this.isOn = false
    this.to = this.look()
    this.rss = memory(this.pids.at(-1)).rss / 1024 / 1024
  }

  record(milliseconds) {
    if (this.isOn) this.histogram.recordValue(Math.max(1, Math.round(milliseconds * PER_MS)))
  }

  result() {
    const { from, to, histogram, rss } = this
    const count = to.count - from.count
    const at = (percent) => (histogram.totalCount === 0 ? null : histogram.getValueAtPercentile(percent) / 10)
    return {
      count,
      perSecond: (count / (to.at - from.at)) * 1000,
      cpu: (to.server - from.server) / count,
      loadCpu: (to.load - from.load) / count,
      busy: (to.server - from.server) / (to.at - from.at) / 1000,
      p50: at(50),
      p99: at(99),
      p999: at(99.9),
      most: at(100),
      rss
    }
  }
}
