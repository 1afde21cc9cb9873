/** Results of a run as tables for a terminal. */
import { median, printTable } from "../support/table.mjs"

const show = (all, digits = 2) => (all.length === 0 ? "" : median(all).toFixed(digits))
const spread = (all, digits = 2) =>
  all.length === 0
    ? ""
    : `${show(all, digits)} (${Math.min(...all).toFixed(digits)}..${Math.max(...all).toFixed(digits)})`

/** Reads results: all values of a figure of a peer under a workload, and its ratios to another peer's, round by round. */
export const reader = (results) => {
  const found = (workload, peer, figure) =>
    results.filter((r) => r.workload === workload && r.peer === peer && Number.isFinite(r[figure]))
  const of = (...which) => found(...which).map((r) => r[which[2]])
  const ratios = (workload, peer, base, figure) =>
    found(workload, peer, figure).flatMap((own) => {
      const other = found(workload, base, figure).find(({ round }) => round === own.round)
      const ratio = other === undefined ? Number.NaN : own[figure] / other[figure]
      return Number.isFinite(ratio) ? [ratio] : []
    })
  return { of, ratios }
}

const IDLE = ["KiB each", "KiB left 1 s after", "seconds"]
const TRAFFIC = ["per second", "busy", "p50", "p99", "p99.9 us", "RSS MiB", "load us", "lost/dup/reord"]

/** Prints all figures of one workload, a row for each peer; CPU also as a multiple of the bench's own peers. */
export const printWorkload = (name, { text, unit, connections, atOnce }, peers, results) => {
  const { of, ratios } = reader(results)
  const bases = ["coalescing", "plain"].filter((base) => peers.includes(base))
  console.log(`\n${name}: ${text}`)
  const rows = peers.map((peer) => {
    const get = (figure) => of(name, peer, figure)
    const first = [peer, ...bases.map((base) => show(ratios(name, peer, base, "cpu"))), spread(get("cpu"))]
    if (connections !== undefined) return [...first, show(get("kib")), show(get("left")), show(get("seconds"))]
    const counted = ["lost", "duplicated", "reordered"].map((figure) => get(figure).reduce((a, b) => a + b, 0))
    return [
      ...first,
      spread(get("perSecond"), 0),
      show(get("busy")),
      ...["p50", "p99", "p999"].map((figure) => show(get(figure), 1)),
      show(get("rss"), 0),
      show(get("loadCpu")),
      atOnce === undefined ? counted.join("/") : ""
    ]
  })
  const columns = connections === undefined ? TRAFFIC : IDLE
  printTable([["", ...bases.map((base) => `x ${base}`), `CPU us/${unit}`, ...columns], ...rows])
}

/** Names of figures in a comparison. */
const FIGURES = {
  cpu: "CPU us",
  p50: "p50 us",
  p99: "p99 us",
  most: "most us",
  perSecond: "per second",
  busy: "share of a core",
  rss: "RSS MiB",
  base: "base RSS MiB",
  baseCollected: "base RSS MiB, collected",
  full: "RSS MiB",
  fullCollected: "RSS MiB, collected",
  kib: "KiB of RSS each",
  kibCollected: "KiB of RSS each, collected",
  anon: "KiB of RssAnon each, collected",
  heap: "KiB of heap each",
  closed: "RSS MiB, all closed",
  closedCollected: "RSS MiB, all closed, collected",
  leftHeap: "KiB of heap left by each",
  leftOpen: "descriptors left open",
  bare: "node -e 0, ms",
  version: "--version, ms",
  versionRatio: "--version / node -e 0",
  listens: "until it listens, ms",
  listensRatio: "until it listens / node -e 0"
}

const number = (value) => value.toFixed(Number.isInteger(value) || value >= 1000 ? 0 : value >= 100 ? 1 : 3)
const withRange = (all) => `${number(median(all))} (${number(Math.min(...all))}..${number(Math.max(...all))})`

/**
 * Prints the first peer beside the second, a row for each figure of each workload: the ratio of their medians, and the
 * median, least and most of the ratios in each round. A third peer is the second one again: its ratios are the spread of
 * that server against itself, and the verdict says whether the first peer's median ratio is beyond it.
 */
export const printComparison = (workloads, [own, base, again], results) => {
  const { of, ratios } = reader(results)
  const columns = [own, base, again].filter((peer) => peer !== undefined)
  const others = base === undefined ? [] : again === undefined ? [own] : [own, again]
  const rows = workloads.flatMap(([name, { figures = ["cpu"] }]) =>
    figures.flatMap((figure) => {
      const values = columns.map((peer) => of(name, peer, figure))
      if (values.every((all) => all.length === 0)) return []
      const byRound = others.map((peer) => ratios(name, peer, base, figure))
      const cells = others.flatMap((peer, at) => {
        const ratio = median(of(name, peer, figure)) / median(of(name, base, figure))
        return [Number.isFinite(ratio) ? ratio.toFixed(3) : "", spread(byRound[at], 3)]
      })
      const verdict = () => {
        if (byRound.some((all) => all.length === 0)) return ""
        const middle = median(byRound[0])
        return middle > Math.max(...byRound[1]) ? "above" : middle < Math.min(...byRound[1]) ? "below" : "within"
      }
      const last = again === undefined ? [] : [verdict()]
      const shown = values.map((all) =>
        all.length === 0 ? "" : base === undefined ? withRange(all) : number(median(all))
      )
      return [[`${name}: ${FIGURES[figure] ?? figure}`, ...shown, ...cells, ...last]]
    })
  )
  const titles = others.flatMap((peer) => [`${peer}/${base}`, "by round"])
  printTable([["", ...columns, ...titles, ...(again === undefined ? [] : ["spread"])], ...rows])
}
