/** Round trips of two quiet clients at a fixed pace: one of the server, and one of a plain echo server. */
import { connect } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { build } from "hdr-histogram-js"
import { HOST } from "../support/server.mjs"

const PACE = 20
/** The histogram's unit is 1 us, its highest value a minute. */
const makeHistogram = () =>
  build({ lowestDiscernibleValue: 1, highestTrackableValue: 6e7, numberOfSignificantValueDigits: 3 })

/** Times in milliseconds, of the whole run and of the part since the last look. */
class RoundTrips {
  whole = makeHistogram()
  part = makeHistogram()
  /** When those without an answer were sent. */
  waiting = []

  answered() {
    const micros = Math.max(1, Math.round((performance.now() - this.waiting.shift()) * 1000))
    this.whole.recordValue(micros)
    this.part.recordValue(micros)
  }

  /** What the part was; the next part begins. */
  look() {
    const figures = figuresOf(this.part)
    this.part.reset()
    return figures
  }
}

export const figuresOf = (histogram) => ({
  median: histogram.getValueAtPercentile(50) / 1000,
  p99: histogram.getValueAtPercentile(99) / 1000,
  worst: histogram.maxValue / 1000
})

export class Pinger {
  polite = new RoundTrips()
  echo = new RoundTrips()
  isResting = false

  constructor(client, echoPort) {
    this.client = client
    this.socket = connect({ host: HOST, port: echoPort, noDelay: true })
    this.socket.setEncoding("latin1").on("data", (text) => {
      for (const end of text) if (end === "\n") this.echo.answered()
    })
    client.onOther = (line) => {
      if (line === "PONG") this.polite.answered()
    }
  }

  /** Sends both pings in the same turn, each of them first every other time, whether or not the last ones were answered. */
  async goOn(crowd) {
    const pings = [() => this.sends(this.polite, this.client.stream), () => this.sends(this.echo, this.socket)]
    while (!crowd.isOver) {
      if (!this.isResting) for (const ping of pings.reverse()) ping()
      await sleep(PACE)
    }
    await this.rests()
  }

  /** Sends no more pings, and waits for the answers to the last ones. */
  async rests() {
    this.isResting = true
    while (this.client.isOpen && this.polite.waiting.length + this.echo.waiting.length > 0) await sleep(1)
  }

  resumes() {
    this.isResting = false
  }

  sends(roundTrips, socket) {
    roundTrips.waiting.push(performance.now())
    socket.write("PING\n")
  }
}
