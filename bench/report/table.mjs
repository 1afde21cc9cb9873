/** Results of a run as tables for a terminal: one for each workload, one row for each peer. */
import { median, printTable } from "../support/table.mjs"

const show = (all, digits = 2) => (all.length === 0 ? "" : median(all).toFixed(digits))
const spread = (all, digits = 2) =>
  all.length === 0
    ? ""
    : `${show(all, digits)} (${Math.min(...all).toFixed(digits)}..${Math.max(...all).toFixed(digits)})`

/** What the results say of a peer under a workload: all values of a field, and CPU as a multiple of another peer's. */
export const reader = (results) => {
  const of = (name, peer, field) =>
    results.filter((r) => r.workload === name && r.peer === peer && r[field] != null).map((r) => r[field])
  const ratio = (name, peer, base) => {
    const bases = of(name, base, "cpu")
    return show(
      of(name, peer, "cpu")
        .map((cpu, round) => cpu / bases[round])
        .filter(Number.isFinite)
    )
  }
  return { of, ratio }
}

const IDLE = ["KiB each", "KiB left 1 s after", "seconds"]
const TRAFFIC = ["per second", "busy", "p50", "p99", "p99.9 us", "RSS MiB", "load us", "lost/dup/reord"]

/** Prints the table of one workload. */
export const printWorkload = (name, { text, unit, connections, atOnce }, peers, results) => {
  const { of, ratio } = reader(results)
  console.log(`\n${name}: ${text}`)
  const rows = peers.map((peer) => {
    const get = (field) => of(name, peer, field)
    const first = [peer, ratio(name, peer, "coalescing"), ratio(name, peer, "plain"), spread(get("cpu"))]
    if (connections !== undefined) return [...first, show(get("kib")), show(get("left")), show(get("seconds"))]
    const counted = ["lost", "duplicated", "reordered"].map((field) => get(field).reduce((a, b) => a + b, 0))
    return [
      ...first,
      spread(get("perSecond"), 0),
      show(get("busy")),
      ...["p50", "p99", "p999"].map((field) => show(get(field), 1)),
      show(
        get("rss").map((bytes) => bytes / 1024 / 1024),
        0
      ),
      show(get("loadCpu")),
      atOnce === undefined ? counted.join("/") : ""
    ]
  })
  const columns = connections === undefined ? TRAFFIC : IDLE
  printTable([["", "x coalescing", "x plain", `CPU us/${unit}`, ...columns], ...rows])
}
