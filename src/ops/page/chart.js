/** A chart of one or more series over the last minutes, with units and times on its axes. */
import { byId, draw, make } from "./dom.js"
import { number, timeOfDay } from "./format.js"

const HEIGHT = 140
/** Room for the label of the highest line, and for the times. */
const TOP = 16
const BOTTOM = 20
const FLOOR = HEIGHT - BOTTOM

/** The chart is at least so long, in milliseconds. */
const LEAST_SPAN = 60_000
/** Pixels that a time takes, without and with seconds. */
const TIME = 48
const LONG_TIME = 64

/** The smallest of 1, 2, 5, 10, 20, 50 … that is at least `value`. */
const ceiling = (value) => {
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value)
}

/** Times at whole steps of the clock, as many as there is room for. */
const ticks = ({ from, to, width, x }) => {
  const roomFor = (step) => (step < 60_000 ? LONG_TIME : TIME) < (width * step) / (to - from)
  const step = [15_000, 30_000, 60_000].find(roomFor) ?? 120_000
  const first = Math.ceil(from / step) * step
  const count = Math.max(0, Math.floor((to - first) / step) + 1)
  return Array.from({ length: count }, (_, index) => first + index * step)
    .map((time) => ({ x: x(time), text: timeOfDay(time, step < 60_000) }))
    .filter(({ x }) => x > TIME / 2 && x < width - TIME / 2)
}

/** Makes a chart of these series, and returns a function that shows a history in it. `unit` comes after each number. */
export const chart = ({ title, unit, least, series }) => {
  const when = make("span", { kind: "when" })
  const figures = series.map(({ label, tone }) => ({
    value: make("span"),
    note: make("small", { text: label }),
    tone
  }))
  const svg = draw("svg", { role: "img", height: HEIGHT })
  const grid = draw("path", { class: "grid" })
  const labels = draw("g", {})
  const hair = draw("path", { class: "hair" })
  const lines = series.map(({ tone }) => ({
    area: draw("path", { class: `area ${tone}` }),
    line: draw("path", { class: `line ${tone}` })
  }))
  // The first series is on top.
  svg.append(grid, ...lines.toReversed().flatMap(({ area, line }) => [area, line]), hair, labels)
  byId("charts").append(
    make("article", { kind: "card chart" }, [
      make("h2", { text: title }, [when]),
      make(
        "p",
        { kind: "figures" },
        figures.map(({ note, tone, value }) => make("span", { kind: `figure ${tone}` }, [value, note]))
      ),
      svg
    ])
  )
  let history = []
  /** Index of the point under the pointer; undefined while the pointer is elsewhere. */
  let pointed

  const scale = () => {
    const width = svg.clientWidth
    const to = history.at(-1)?.time ?? 0
    const from = Math.min(history[0]?.time ?? 0, to - LEAST_SPAN)
    const most = ceiling(Math.max(least, ...series.flatMap(({ value }) => history.map(value))))
    return {
      from,
      most,
      to,
      width,
      x: (time) => ((time - from) / (to - from)) * width,
      y: (value) => FLOOR - (value / most) * (FLOOR - TOP)
    }
  }

  const showFigures = () => {
    const point = history[pointed ?? history.length - 1]
    if (point === undefined) return
    for (const [index, { value }] of series.entries()) {
      figures[index].value.textContent = `${number(value(point))}${unit}`
    }
    when.textContent = pointed === undefined ? "" : timeOfDay(point.time, true)
    hair.setAttribute("d", pointed === undefined ? "" : `M${scale().x(point.time)} ${TOP}V${FLOOR}`)
  }

  const show = () => {
    const drawn = scale()
    const { most, width, x, y } = drawn
    svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`)
    const times = ticks(drawn)
    const levels = [most, most / 2, 0].map((level) => `M0 ${y(level)}H${width}`)
    grid.setAttribute("d", [...levels, ...times.map(({ x }) => `M${x} ${FLOOR}v4`)].join(""))
    labels.replaceChildren(
      ...[most, most / 2].map((level) => draw("text", { x: 0, y: y(level) - 4 }, `${number(level)}${unit}`)),
      ...times.map(({ text, x }) => draw("text", { x, y: HEIGHT - 2, "text-anchor": "middle" }, text))
    )
    for (const [index, { value }] of series.entries()) {
      const { area, line } = lines[index]
      const points = history.map((point) => `${x(point.time).toFixed(1)} ${y(value(point)).toFixed(1)}`)
      const path = points.length === 0 ? "" : `M${points.join("L")}`
      line.setAttribute("d", path)
      area.setAttribute("d", path === "" ? "" : `${path}V${FLOOR}H${x(history[0].time).toFixed(1)}Z`)
    }
    const texts = series.map(({ label, value }) => {
      const values = history.map(value)
      return `${label} ${number(values.at(-1) ?? 0)}${unit}, at most ${number(Math.max(0, ...values))}${unit}`
    })
    svg.setAttribute("aria-label", `${title}: ${texts.join("; ")}`)
    showFigures()
  }

  svg.addEventListener("pointermove", ({ clientX }) => {
    const { left } = svg.getBoundingClientRect()
    const { x } = scale()
    const distances = history.map(({ time }) => Math.abs(x(time) - (clientX - left)))
    pointed = history.length === 0 ? undefined : distances.indexOf(Math.min(...distances))
    showFigures()
  })
  svg.addEventListener("pointerleave", () => {
    pointed = undefined
    showFigures()
  })
  new ResizeObserver(show).observe(svg)
  return (points) => {
    // The points move on under a pointer that rests.
    if (pointed !== undefined) pointed = Math.min(pointed, points.length - 1)
    history = points
    show()
  }
}
