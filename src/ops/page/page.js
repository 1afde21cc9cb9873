/** The status page: fetches /status.json every two seconds and shows it. */
import { chart } from "./chart.js"
import { byId, make } from "./dom.js"
import { bytes, duration, number } from "./format.js"
import { end } from "./operator.js"
import { showRoom } from "./room.js"
import { rows } from "./table.js"

const POLL_MS = 2000

const charts = [
  chart({
    title: "Messages",
    unit: "/s",
    least: 10,
    series: [
      { label: "in", tone: "blue", value: ({ messages }) => messages },
      { label: "delivered", tone: "cyan", value: ({ deliveries }) => deliveries }
    ]
  }),
  chart({
    title: "Connections",
    unit: "",
    least: 10,
    series: [{ label: "open", tone: "violet", value: ({ connections }) => connections }]
  }),
  chart({
    title: "Event loop delay",
    unit: " ms",
    least: 10,
    series: [{ label: "longest", tone: "green", value: ({ delay }) => delay }]
  })
]

const removing = async (connection) => {
  await end(connection)
  await poll()
}
const showPeople = rows(byId("people"), removing)
const showUnregistered = rows(byId("unregistered"), removing)

const setState = (kind, text) => {
  byId("state").className = `state ${kind}`
  byId("state").textContent = text
}

const note = (id, text) => {
  byId(id).hidden = text === ""
  byId(id).textContent = text
}

const showConnections = ({ connections, now, people, registered, seats, unregistered }) => {
  byId("seats").textContent = `${number(registered)} of ${number(seats)} seats`
  showPeople(people, now)
  const hidden = registered - people.length
  note("people-more", registered === 0 ? "Nobody has joined yet." : hidden > 0 ? `and ${number(hidden)} more` : "")
  const strangers = connections - registered
  byId("unregistered-heading").hidden = unregistered.length === 0
  byId("unregistered-count").textContent = number(strangers)
  showUnregistered(unregistered, now)
  const others = strangers - unregistered.length
  note("unregistered-more", others > 0 ? `and ${number(others)} that are leaving or not shown` : "")
}

const show = (status) => {
  if (status.isOpen) setState("open", "accepting connections")
  else setState("draining", "not accepting connections")
  document.title = `${status.registered} here · partyline`
  byId("about").textContent = `version ${status.version}, up ${duration(status.now - status.started)}`
  for (const update of charts) update(status.history)
  byId("operator").hidden = !status.isOperable
  document.body.classList.toggle("operable", status.isOperable)
  showConnections(status)
  showRoom(status.room)
  const totals = [
    ["Messages in", number(status.messages)],
    ["Messages delivered", number(status.deliveries)],
    ["Received from clients", bytes(status.bytesIn)],
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
