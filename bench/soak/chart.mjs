/** A row of bars in a terminal. */
import { median } from "../support/table.mjs"

const BARS = "▁▂▃▄▅▆▇█"
const COLUMNS = 60

/** At most `COLUMNS` values, each the median of its part. */
const condensed = (values) => {
  if (values.length <= COLUMNS) return values
  return Array.from({ length: COLUMNS }, (_, column) => {
    const from = Math.floor((column * values.length) / COLUMNS)
    return median(values.slice(from, Math.max(from + 1, Math.floor(((column + 1) * values.length) / COLUMNS))))
  })
}

/** One line: the name, a bar for each value (0 to the highest), the least and the most. */
export const row = (name, values, show) => {
  const most = Math.max(...values)
  const bars = condensed(values).map((value) => BARS[Math.min(7, Math.floor((8 * value) / (most || 1)))])
  return `${name.padEnd(22)} ${bars.join("").padEnd(COLUMNS)} ${show(Math.min(...values))} to ${show(most)}`
}
