/** What came of the bad hour, in words and bars. */
import { row } from "../soak/chart.mjs"
import { growing } from "../soak/memory.mjs"
import { mib } from "../support/table.mjs"
import { figuresOf } from "./pinger.mjs"
import { canVanish } from "./vanishing.mjs"

/** Milliseconds after which a message is called delayed. */
export const LATE = 100
/** Milliseconds by which the 99th percentile of the server's round trips may be above the echo server's. */
const ABOVE_ECHO = 50

const ms = (value) => `${value.toFixed(1)} ms`
const told = (figures) => `${ms(figures.median)} median, ${ms(figures.p99)} p99, ${ms(figures.worst)} worst`

const charted = [
  ["heap after collection", ({ heap }) => heap, mib],
  ["resident memory", ({ rss }) => rss, mib],
  ["PING, median", ({ polite }) => polite.median, ms],
  ["PING, p99", ({ polite }) => polite.p99, ms],
  ["echo server, p99", ({ echo }) => echo.p99, ms]
]

/** Prints it. Returns whether the server passed. */
export const report = ({ seconds, looks, busy, found, pinger, ledger, renewals, crowd, log }) => {
  const { counts } = crowd
  const count = (what) => counts[what] ?? 0
  const [polite, echo] = [figuresOf(pinger.polite.whole), figuresOf(pinger.echo.whole)]
  const logged = (text) => log.split(text).length - 1
  const above = polite.p99 - echo.p99
  const percent = (share) => `${Math.round(share * 100)} %`
  const lines = {
    delivered: `${ledger.delivered} (${Math.round(ledger.delivered / seconds)} a second), ${ledger.talked} of them from talkers`,
    delayed: `${ledger.delayed} of the talkers' (over ${LATE} ms: up to 5 s behind a client that reads nothing)`,
    lost: `${ledger.lost}; doubled or out of order: ${ledger.repeated}`,
    "lost with a reset": `${ledger.excused}, of clients that reset their connections`,
    sessions: `${count("sessions")} came and left, ${count("resets")} reset theirs while they sent, ${count("halfCloses")} half-closed`,
    reclaimed: `${count("reclaims")} names (${count("moved")} with messages that moved; ${count("tooLate")} refused after a reset)`,
    "read nothing": `${count("stalls")}, ${logged("Slow Consumer")} of them cut`,
    "cut off": canVanish
      ? `${found.length} peers, found after ${found.map((time) => Math.round(time / 1000)).join(", ") || "-"} s`
      : "skipped: needs python3",
    reloads: `${renewals.count} SIGHUPs; newcomers saw ${renewals.seen.greeting} greetings and ${renewals.seen.certificate} certificates`,
    notices: `${count("notices")} of JOINED and LEFT`,
    busy: `server ${percent(busy.server)} of a core, all clients ${percent(busy.load)}`,
    PING: told(polite),
    "echo server": `${told(echo)}; PING's p99 is ${ms(Math.abs(above))} ${above < 0 ? "below" : "above"}`
  }
  console.log(`\n${(seconds / 60).toFixed(1)} minutes, ${looks.length} looks`)
  for (const [name, text] of Object.entries(lines)) console.log(`${name.padEnd(18)} ${text}`)
  console.log("")
  for (const [name, figure, show] of charted) console.log(row(name, looks.map(figure), show))

  const faults = ledger.wrong.slice(0, 10).map((what) => `wrong: ${what}`)
  // A run that has ended early is too short for these two.
  const isWhole = faults.length === 0
  if (isWhole) faults.push(...growing(looks).map((what) => `${what} grows`))
  if (isWhole && above > ABOVE_ECHO) faults.push(`PING's p99 is more than ${ABOVE_ECHO} ms above the echo server's`)
  if (logged("Slow Consumer") > count("stalls")) faults.push("a client that reads was cut")
  for (const [what, seen] of Object.entries(renewals.seen)) {
    if (seen < renewals.count / 2) faults.push(`newcomers did not see each new ${what}`)
  }
  for (const what of faults) console.log(what)
  return faults.length === 0
}
