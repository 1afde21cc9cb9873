/** The status page: fetches /status.json every two seconds and shows it. Text from the server is never parsed as markup. */
const POLL_MS = 2000
const WIDTH = 300
const HEIGHT = 80

const byId = (id) => document.getElementById(id)

const make = (name, { text, kind } = {}, children = []) => {
  const element = document.createElement(name)
  if (text !== undefined) element.textContent = text
  if (kind !== undefined) element.className = kind
  element.append(...children)
  return element
}

const draw = (name, attributes) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  return element
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 })
const number = (value) =>
  value < 10_000 ? value.toLocaleString("en", { maximumFractionDigits: 1 }) : compact.format(value)

const bytes = (count) => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"]
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10))
  return `${(count / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`
}

/** A duration in its largest unit and the next smaller one, if that is not zero: "2 h 5 min". */
const duration = (milliseconds) => {
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

/** The smallest of 1, 2, 5, 10, 20, 50 … that is at least `value`. */
const ceiling = (value) => {
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value)
}

const chart = ({ title, unit, tone, least, value }) => {
  const figure = make("span")
  const note = make("small", { text: unit })
  const top = make("span")
  const from = make("span")
  const svg = draw("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" })
  const grid = draw("path", { class: "grid", d: `M0 0H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT}H${WIDTH}` })
  const [area, line, hair] = ["area", "line", "hair"].map((kind) => draw("path", { class: kind }))
  svg.append(grid, area, line, hair)
  const plot = make("div", { kind: "plot" }, [svg])
  byId("charts").append(
    make("article", { kind: `chart ${tone}` }, [
      make("h2", { text: title }),
      make("p", { kind: "figure" }, [figure, note]),
      plot,
      make("p", { kind: "scale" }, [from, top])
    ])
  )
  let values = []
  /** Index of the value under the pointer; undefined while the pointer is outside the chart. */
  let pointed

  const x = (index) => WIDTH - (values.length - 1 - index) * (WIDTH / Math.max(values.length - 1, 59))
  const show = () => {
    const index = pointed ?? values.length - 1
    figure.textContent = number(values[index] ?? 0)
    const ago = values.length - 1 - index
    note.textContent = pointed === undefined ? unit : `${unit}, ${duration(ago * 1000)} ago`
    hair.setAttribute("d", pointed === undefined ? "" : `M${x(index)} 0V${HEIGHT}`)
  }
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect()
    const at = ((event.clientX - box.left) / box.width) * WIDTH
    const step = WIDTH / Math.max(values.length - 1, 59)
    pointed = Math.min(values.length - 1, Math.max(0, Math.round(values.length - 1 - (WIDTH - at) / step)))
    show()
  })
  svg.addEventListener("pointerleave", () => {
    pointed = undefined
    show()
  })
  return (history) => {
    values = history.map(value)
    const most = ceiling(Math.max(least, ...values))
    const points = values.map((each, index) => `${x(index).toFixed(1)} ${(HEIGHT - (each / most) * HEIGHT).toFixed(1)}`)
    const path = points.length === 0 ? "" : `M${points.join("L")}`
    line.setAttribute("d", path)
    area.setAttribute("d", path === "" ? "" : `${path}V${HEIGHT}H${x(0).toFixed(1)}Z`)
    svg.setAttribute(
      "aria-label",
      `${title}: ${number(values.at(-1) ?? 0)} ${unit}, at most ${number(Math.max(0, ...values))}`
    )
    top.textContent = `0 to ${number(most)}`
    from.textContent = `the last ${duration(Math.max(values.length, 60) * 1000)}`
    show()
  }
}

const charts = [
  chart({ title: "Messages", unit: "a second", tone: "blue", least: 10, value: ({ messages }) => messages }),
  chart({ title: "Connections", unit: "open", tone: "violet", least: 10, value: ({ connections }) => connections }),
  chart({ title: "Event loop delay", unit: "ms", tone: "green", least: 10, value: ({ delay }) => delay })
]

const row = (now) => (person) =>
  make("tr", {}, [
    Object.assign(make("th", { text: person.name }), { scope: "row" }),
    Object.assign(make("td", { text: duration(now - person.since) }), {
      title: new Date(person.since).toLocaleString()
    }),
    make("td", { text: person.peer, kind: "peer" }),
    make("td", { text: String(person.fd), kind: "number" }),
    make("td", { text: bytes(person.queued), kind: person.queued > 0 ? "number queued" : "number" })
  ])

const setState = (kind, text) => {
  byId("state").className = `state ${kind}`
  byId("state").textContent = text
}

const show = (status) => {
  const { now, people, registered, seats } = status
  if (status.isOpen) setState("open", "accepting connections")
  else setState("draining", "not accepting connections")
  document.title = `${registered} here · partyline`
  byId("about").textContent = `version ${status.version}, up ${duration(now - status.started)}`
  for (const update of charts) update(status.history)
  byId("seats").textContent = `${number(registered)} of ${number(seats)} seats`
  byId("people").replaceChildren(...people.map(row(now)))
  byId("nobody").hidden = registered > 0
  byId("more").hidden = registered <= people.length
  byId("more").textContent = `and ${number(registered - people.length)} more`
  const totals = [
    ["Messages delivered", number(status.deliveries)],
    ["Sent to clients", bytes(status.bytesOut)],
    ["Waiting in outboxes", bytes(status.queued)]
  ]
  byId("totals").replaceChildren(
    ...totals.map(([term, text]) => make("div", {}, [make("dt", { text: term }), make("dd", { text })]))
  )
}

const poll = async () => {
  if (document.hidden) return
  try {
    const response = await fetch("status.json", { signal: AbortSignal.timeout(POLL_MS) })
    if (!response.ok) throw new Error(String(response.status))
    show(await response.json())
  } catch {
    setState("lost", "no answer from the server")
  }
}

document.addEventListener("visibilitychange", poll)
setInterval(poll, POLL_MS)
poll()
