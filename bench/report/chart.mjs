/** Server CPU for each delivery as an SVG bar chart, log scale, one group of bars for each workload. */
const COLORS = ["#d1495b", "#e8a0aa", "#2e86ab", "#7fb3c8", "#66a182", "#edae49", "#8d6a9f"]
const [LEFT, WIDTH, BAR, GAP, TOP] = [110, 640, 14, 16, 60]
const text = (x, y, words, more = "") => `<text x="${x}" y="${y}" ${more}>${words}</text>`

/** @param groups [{ name, bars: [{ peer, value }] }] in the order in which they are drawn */
export const chart = (groups, peers) => {
  const values = groups.flatMap(({ bars }) => bars.map(({ value }) => value))
  const low = 10 ** Math.floor(Math.log10(Math.min(...values)))
  const high = 10 ** Math.ceil(Math.log10(Math.max(...values)))
  const x = (value) => LEFT + (Math.log(value / low) / Math.log(high / low)) * WIDTH
  const parts = []
  let y = TOP
  for (const { name, bars } of groups) {
    parts.push(text(LEFT - 8, y + (bars.length * BAR) / 2 + 4, name, 'text-anchor="end" font-weight="bold"'))
    for (const { peer, value } of bars) {
      const color = COLORS[peers.indexOf(peer) % COLORS.length]
      const width = Math.max(1, x(value) - LEFT).toFixed(1)
      parts.push(`<rect x="${LEFT}" y="${y}" width="${width}" height="${BAR - 2}" fill="${color}"/>`)
      parts.push(text((x(value) + 5).toFixed(1), y + 10, `${peer} ${value.toPrecision(3)}`))
      y += BAR
    }
    y += GAP
  }
  const grid = []
  for (let at = low; at <= high * 1.001; at *= 10) {
    const line = x(at).toFixed(1)
    grid.push(`<line x1="${line}" x2="${line}" y1="${TOP - 10}" y2="${y}" stroke="#ddd"/>`)
    grid.push(text(line, TOP - 14, `${Number(at.toPrecision(1))} us`, 'text-anchor="middle"'))
  }
  const what = "Server CPU for each delivery (churn: each cycle; watch: each notice), less is better"
  const open = `<svg xmlns="http://www.w3.org/2000/svg" role="img" width="900" height="${y + 10}" font-family="sans-serif" font-size="11">`
  const title = text(LEFT, 20, what, 'font-size="15"')
  return [
    open,
    `<title>${what}</title>`,
    '<rect width="100%" height="100%" fill="white"/>',
    title,
    ...grid,
    ...parts,
    "</svg>\n"
  ].join("\n")
}
