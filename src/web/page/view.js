/** Draws the model. Text is set as text, never as markup; what has not changed is not touched. */
import { addressee } from "./compose.js"
import { createLog, element } from "./log.js"
import { isSameName } from "./text.js"

/** How many messages of one batch are read aloud; of more, only their number and the last. */
const SPOKEN = 3

export const byId = (id) => document.getElementById(id)

const setText = (node, text) => {
  if (node.textContent !== text) node.textContent = text
}

const icon = (dot) =>
  `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect y="1" width="16" height="11" rx="4" fill="#245c86"/><path d="M4 15v-4h5z" fill="#245c86"/>${dot}</svg>`
  )}`
const quietIcon = icon("")
const newsIcon = icon('<circle cx="12" cy="4" r="4" fill="#c2410c"/>')

const count = (number, one, more) => `${number} ${number === 1 ? one : more}`

const states = {
  out: () => "",
  joining: () => "connecting",
  in: ({ name }) => `here as ${name}`,
  lost: () => "not connected",
  returning: () => "connecting again",
  over: () => "not connected"
}

/** The text above the input while there is no connection, and that of its button. */
const bannerOf = ({ ending, phase }) => {
  if (phase === "over") return [ending, "Join again"]
  if (phase === "lost") return ["The connection broke. Trying again …", "Try now"]
  return phase === "returning" ? ["Connecting again …", ""] : ["", ""]
}

const personOf = (name, self) => {
  const isSelf = isSameName(name, self)
  const item = element("li")
  item.dataset.person = name
  item.dataset.self = self
  const label = element(isSelf ? "span" : "button", "person")
  label.append(element("bdi", "", name), ...(isSelf ? [element("span", "you", " (you)")] : []))
  if (!isSelf) {
    label.type = "button"
    label.title = `Write to ${name} alone`
    label.dataset.name = name
  }
  item.append(label)
  return item
}

export const createView = () => {
  const log = createLog(byId("log"))
  const input = byId("input")
  const people = byId("people")
  let shown = { people: undefined, phase: undefined, pasted: undefined }
  let spoken = []

  const showPeople = (model) => {
    const names = new Set(model.people)
    for (const item of [...people.children])
      if (!names.has(item.dataset.person) || item.dataset.self !== model.name) item.remove()
    const known = new Map([...people.children].map((item) => [item.dataset.person, item]))
    let place = people.firstElementChild
    for (const name of model.people) {
      const item = known.get(name) ?? personOf(name, model.name)
      // A person who stays is not moved: the person may have the focus.
      if (item === place) place = place.nextElementSibling
      else people.insertBefore(item, place)
    }
    setText(byId("count"), String(model.people.length))
  }

  const showPhase = ({ name, phase }) => {
    const isAtDoor = phase === "out" || phase === "joining"
    document.body.dataset.phase = phase
    byId("door").hidden = !isAtDoor
    byId("room").hidden = isAtDoor
    byId("tools").hidden = isAtDoor
    if (isAtDoor && byId("name").value === "") byId("name").value = name
  }

  const showPaste = ({ draft, pasted }) => {
    const dialog = byId("paste")
    if (pasted.length === 0) return dialog.close()
    const to = addressee(draft)
    byId("paste-title").textContent =
      `${count(pasted.length, "line", "lines")} to ${to === "" ? "everybody" : `${to} alone`}?`
    byId("paste-send").textContent = `Send ${count(pasted.length, "message", "messages")}`
    byId("paste-lines").value = pasted.join("\n")
    if (!dialog.open) dialog.showModal()
  }

  const showToggle = (id, name, isOn) => {
    byId(id).setAttribute("aria-pressed", String(isOn))
    setText(byId(id), `${name} ${isOn ? "on" : "off"}`)
  }

  const showTitle = ({ name, phase, unread }) => {
    const place = phase === "out" || phase === "joining" ? "partyline" : `${name} · partyline`
    document.title = unread === 0 ? place : `(${unread}) ${place}`
    const link = byId("icon")
    const href = unread === 0 ? quietIcon : newsIcon
    if (link.href !== href) link.href = href
  }

  const render = (model) => {
    if (shown.phase !== model.phase) showPhase(model)
    if (shown.people !== model.people) showPeople(model)
    if (shown.pasted !== model.pasted) showPaste(model)
    shown = model
    setText(byId("state"), states[model.phase](model))
    setText(byId("refusal"), model.refusal)
    byId("name").setAttribute("aria-invalid", String(model.refusal !== ""))
    setText(byId("hint"), model.hint)
    const to = addressee(model.draft)
    setText(byId("to"), to === "" ? "To everybody" : `Only to ${to}`)
    byId("composer").classList.toggle("private", to !== "")
    const [text, button] = bannerOf(model)
    byId("banner").hidden = text === ""
    setText(byId("banner-text"), text)
    byId("again").hidden = button === ""
    setText(byId("again"), button)
    byId("below").hidden = model.below === 0
    setText(byId("below"), `${model.below} new ↓`)
    showToggle("sound", "Sound", model.hasSound)
    showToggle("notifications", "Notify", model.hasNotifications)
    showTitle(model)
  }

  const speak = () => {
    if (spoken.length === 0) return
    const texts = spoken.length <= SPOKEN ? spoken : [`${spoken.length} new messages. The last: ${spoken.at(-1)}`]
    byId("announcer").replaceChildren(...texts.map((text) => element("p", "", text)))
    spoken = []
  }

  /** Draws what a batch of events has changed. `changes` are actions on the log, in order. */
  const draw = (model, changes) => {
    render(model)
    for (const change of changes) {
      if (change.type === "append") log.append(change.entry)
      else if (change.type === "settle") log.settle(change)
      else if (change.type === "mark") log.mark()
      else if (change.type === "clear") log.clear()
      else if (change.type === "announce") spoken.push(change.text)
    }
    if (changes.length > 0) log.settleLayout(model.isFollowing)
    speak()
  }

  const focus = ({ phase }) => {
    const field = phase === "out" || phase === "joining" ? byId("name") : input
    field.focus()
    // When a dialog closes, Chromium gives the focus back without the caret, and keys go nowhere.
    field.setSelectionRange(field.selectionStart, field.selectionEnd)
  }

  return { draw, focus, toEnd: log.toEnd }
}
