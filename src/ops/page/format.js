/** Numbers, sizes, durations and times as people read them. */

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 })

export const number = (value) =>
  value < 10_000 ? value.toLocaleString("en", { maximumFractionDigits: 1 }) : compact.format(value)

export const bytes = (count) => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"]
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10))
  return `${(count / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

/** A duration in its largest unit and the next smaller one, if that is not zero: "2 h 5 min". */
export const duration = (milliseconds) => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"]
  ]
  const first = parts.findIndex(([count]) => count > 0)
  if (first < 0) return "0 s"
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0)
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ")
}

/** The time of day, where the reader is, with or without seconds. */
export const timeOfDay = (time, hasSeconds) => {
  const date = new Date(time)
  const parts = [date.getHours(), date.getMinutes(), ...(hasSeconds ? [date.getSeconds()] : [])]
  return parts.map((part) => String(part).padStart(2, "0")).join(":")
}
