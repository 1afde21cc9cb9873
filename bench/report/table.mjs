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

const IDLE = ["KiB of RSS each", "KiB of RSS left by each", "seconds"]
const TRAFFIC = ["per second", "busy", "p50", "p99", "p99.9 us", "RSS MiB", "load us", "lost/dup/reord"]

/** Prints all figures of one workload, a row for each peer; CPU also as a multiple of the bench's own peers. */
export const printWorkload = (name, { text, unit, connections, atOnce }, peers, results) => {
  const { of, ratios } = reader(results)
  const bases = ["coalescing", "plain", "websocket"].filter((base) => peers.includes(base))
  console.log(`\n${name}: ${text}`)
  const rows = peers.map((peer) => {
    const get = (figure) => of(name, peer, figure)
    const first = [peer, ...bases.map((base) => show(ratios(name, peer, base, "cpu"))), spread(get("cpu"))]
    if (connections !== undefined) return [...first, ...IDLE.map((figure) => show(get(figure)))]
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

/** Names of figures of traffic; other figures have names for people. */
const NAMES = {
  ...{ cpu: "CPU us", p50: "p50 us", p99: "p99 us", most: "most us" },
  ...{ perSecond: "per second", busy: "share of a core", rss: "RSS MiB" }
}

const number = (value) => value.toFixed(Number.isInteger(value) || value >= 1000 ? 0 : value >= 100 ? 1 : 3)
const withRange = (all) => `${number(median(all))} (${number(Math.min(...all))}..${number(Math.max(...all))})`

/**
 * Prints the first peer beside the second, a row for each of the workload's `figures` (or all): the ratio of their medians,
 * and the median, least and most of the ratios in each round. A third peer is the second one again: its ratios are the
 * spread of that server against itself, and the verdict says whether the first peer's median ratio is beyond it.
 */
export const printComparison = (workloads, [own, base, again], results) => {
  const { of, ratios } = reader(results)
  const all = (name) => {
    const { round, workload, peer, ...figures } =
      results.find((r) => r.workload === name && r.failed === undefined) ?? {}
    return Object.keys(figures)
  }
  const columns = [own, base, again].filter((peer) => peer !== undefined)
  const others = base === undefined ? [] : again === undefined ? [own] : [own, again]
  const rows = workloads.flatMap(([name, { figures = all(name) }]) =>
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
      return [[`${name}: ${NAMES[figure] ?? figure}`, ...shown, ...cells, ...last]]
    })
  )
  const titles = others.flatMap((peer) => [`${peer}/${base}`, "by round"])
  printTable([["", ...columns, ...titles, ...(again === undefined ? [] : ["spread"])], ...rows])
}
