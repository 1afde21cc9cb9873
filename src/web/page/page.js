/**
 * The page: events of the browser and of the WebSocket are folded into the model; what the fold asks for is done
 * here.
 */
import { initial } from "./model.js"
import { keepSeat, takeSeat } from "./seat.js"
import { linesOf } from "./text.js"
import { update } from "./update.js"
import { byId, createView } from "./view.js"

/** Close enough to the end of the log to follow it, in pixels. */
const END = 48
/**
 * Log changes that come within this time are drawn together. Timers also run while the tab is hidden, animation
 * frames do not.
 */
const DRAW_MS = 16

const on = (target, name, act) => target.addEventListener(name, act)
const input = byId("input")
const log = byId("log")
const view = createView()

let model = initial(Number(document.documentElement.dataset.maxLine))
let socket
let sound
const changes = []
let drawing

const draw = () => {
  clearTimeout(drawing)
  drawing = undefined
  view.draw(model, changes.splice(0))
}

const openSocket = (link) => {
  const opened = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`)
  socket = opened
  on(opened, "open", () => dispatch({ type: "Opened", link }))
  on(opened, "close", () => dispatch({ type: "Closed", link, at: Date.now(), chance: Math.random() }))
  on(opened, "message", ({ data }) => {
    const at = Date.now()
    for (const line of data.split("\n").slice(0, -1))
      dispatch({ type: "Heard", link, line: line.replace(/\r$/, ""), at })
  })
}

/** Two soft tones. Browsers allow sound after a click, which asking for it is. */
const playTones = () => {
  sound ??= new AudioContext()
  sound.resume()
  for (const [index, pitch] of [659.25, 880].entries()) {
    const start = sound.currentTime + index * 0.12
    const tone = new OscillatorNode(sound, { frequency: pitch })
    const volume = new GainNode(sound, { gain: 0 })
    volume.gain.setValueAtTime(0, start)
    volume.gain.linearRampToValueAtTime(0.08, start + 0.015)
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.45)
    tone.connect(volume).connect(sound.destination)
    tone.start(start)
    tone.stop(start + 0.5)
  }
}

const permission = () => {
  if (!window.isSecureContext) return "insecure"
  return "Notification" in window ? Notification.permission : "unsupported"
}

const notify = ({ title, text }) => {
  try {
    const notification = new Notification(title, { body: text, tag: "partyline", renotify: true })
    on(notification, "click", () => window.focus())
  } catch {
    // Chrome on Android allows notifications only to service workers.
    dispatch({ type: "NotificationsToggled", permission: "unsupported" })
  }
}

const askPermission = async () => {
  const answer = await Notification.requestPermission()
  if (answer !== "default") dispatch({ type: "NotificationsToggled", permission: answer })
}

const actions = {
  connect: ({ link }) => openSocket(link),
  disconnect: () => socket?.close(),
  send: ({ lines }) => socket?.send(`${lines.join("\n")}\n`),
  wake: ({ after, event, link, heard }) =>
    setTimeout(() => dispatch({ type: event, link, heard, at: Date.now(), chance: Math.random() }), after),
  ring: playTones,
  notify,
  askPermission,
  focus: () => {
    draw()
    view.focus(model)
  },
  edit: ({ text, caret }) => {
    input.value = text
    input.setSelectionRange(caret, caret)
  },
  remember: ({ name, key }) => keepSeat({ name, key })
}

/** Folds an event in, and does what follows. Returns the actions. */
const dispatch = (event) => {
  const [next, todo] = update(model, event)
  model = next
  for (const action of todo) {
    const act = actions[action.type]
    if (act === undefined) changes.push(action)
    else act(action)
  }
  drawing ??= setTimeout(draw, DRAW_MS)
  return todo
}

on(byId("join"), "submit", (event) => {
  event.preventDefault()
  dispatch({ type: "JoinAsked", name: byId("name").value.trim() })
})
on(byId("again"), "click", () =>
  dispatch(model.phase === "over" ? { type: "JoinAsked", name: model.name } : { type: "Awoken" })
)
on(byId("leave"), "click", () => dispatch({ type: "LeaveAsked" }))
on(byId("sound"), "click", () => dispatch({ type: "SoundToggled" }))
on(byId("notifications"), "click", () => dispatch({ type: "NotificationsToggled", permission: permission() }))

// The input.
const submit = () => dispatch({ type: "Submitted", text: input.value, at: Date.now() })
on(byId("composer"), "submit", (event) => {
  event.preventDefault()
  submit()
})
on(input, "input", () => dispatch({ type: "Typed", text: input.value }))
on(input, "beforeinput", (event) => {
  if (event.isComposing) return
  if (event.inputType === "insertLineBreak" || event.inputType === "insertParagraph") {
    // Keyboards of phones whose Enter has no key event.
    event.preventDefault()
    submit()
    return
  }
  const isInserted = event.inputType === "insertFromPaste" || event.inputType === "insertFromDrop"
  const lines = linesOf(event.data ?? "")
  if (!isInserted || lines.length < 2) return
  event.preventDefault()
  dispatch({ type: "Pasted", lines })
})

/** Whether the caret is on the first (`-1`) or last (`1`) row, so that an arrow means the history and not the text. */
const isOnEdge = (direction) => {
  const isOneRow = input.scrollHeight < 2 * Number.parseFloat(getComputedStyle(input).lineHeight)
  return isOneRow || input.selectionEnd === (direction < 0 ? 0 : input.value.length)
}

const keys = {
  Enter: ({ altKey, ctrlKey, metaKey, shiftKey }) => {
    if (altKey || ctrlKey || metaKey || shiftKey) dispatch({ type: "LineBreak" })
    else submit()
    return true
  },
  Tab: ({ shiftKey }) =>
    !shiftKey &&
    dispatch({ type: "Tabbed", text: input.value, caret: input.selectionEnd }).some(({ type }) => type === "edit"),
  ArrowUp: () => isOnEdge(-1) && dispatch({ type: "Browsed", step: 1, text: input.value }).length > 0,
  ArrowDown: () => isOnEdge(1) && dispatch({ type: "Browsed", step: -1, text: input.value }).length > 0,
  Escape: () => dispatch({ type: "Emptied", text: input.value }).length > 0
}
on(input, "keydown", (event) => {
  // An input method is composing: its Enter chooses a word.
  if (event.isComposing || event.keyCode === 229) return
  if (keys[event.key]?.(event)) event.preventDefault()
})

const answer = (answer) => () =>
  dispatch({ type: "PasteAnswered", answer, text: input.value, caret: input.selectionEnd, at: Date.now() })
on(byId("paste-send"), "click", answer("send"))
on(byId("paste-join"), "click", answer("join"))
on(byId("paste-drop"), "click", answer("drop"))
on(byId("paste"), "cancel", answer("drop"))

const pick = ({ target }) => {
  const { name } = target.closest("[data-name]")?.dataset ?? {}
  if (name !== undefined) dispatch({ type: "Picked", name, text: input.value, caret: input.selectionEnd })
}
on(byId("people"), "click", pick)
on(log, "click", pick)

// The log.
on(log, "scroll", () => {
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < END
  if (isAtEnd !== model.isFollowing) dispatch({ type: "Scrolled", isAtEnd })
})
on(byId("below"), "click", () => {
  view.toEnd()
  log.focus()
})
new ResizeObserver(() => model.isFollowing && view.toEnd()).observe(log)

// Going away and coming back.
const look = () => dispatch({ type: document.hidden || !document.hasFocus() ? "Away" : "Back" })
on(document, "visibilitychange", () => {
  look()
  if (!document.hidden) dispatch({ type: "Awoken" })
})
on(window, "focus", look)
on(window, "blur", look)
on(window, "online", () => dispatch({ type: "Awoken" }))

on(window, "pagehide", () => dispatch({ type: "Unloading" }))
on(window, "pageshow", ({ persisted }) => {
  const seat = takeSeat()
  dispatch(persisted ? { type: "Awoken" } : { type: "Started", ...seat })
})

// Safari lays the keyboard over the page; only this says how much is left.
if (window.visualViewport) {
  const setHeight = () => document.documentElement.style.setProperty("--height", `${window.visualViewport.height}px`)
  on(window.visualViewport, "resize", setHeight)
  setHeight()
}

look()
draw()
view.focus(model)
