// @ts-check
/** The state of the page as data, and what can change it. */

/**
 * Phases of a connection:
 *
 *     out ── a name is given ──> joining ── accepted ──> in ── the connection breaks ──> lost
 *      ^ <────── refused ───────────┘          ^                                          │ a pause
 *      │                                       └────────── accepted ── returning <────────┘
 *      └── the user leaves            over: the server said not to come back; only the user can
 *
 * @typedef {"out" | "joining" | "in" | "lost" | "returning" | "over"} Phase
 *
 * @typedef {object} Entry one entry of the log
 * @property {number} id
 * @property {"message" | "note" | "trouble" | "motd"} kind
 * @property {number} at when it came, in milliseconds since 1970
 * @property {string} text
 * @property {string} from who wrote it; "*" is the operator; empty for what the page says
 * @property {string} to who alone gets it; empty for everybody
 * @property {boolean} isOwn
 * @property {boolean} isPrivate
 *
 * @typedef {object} Model
 * @property {Phase} phase
 * @property {string} name
 * @property {string} key for RECLAIM; empty while there is none
 * @property {number} link the number of the connection; events of older ones are ignored
 * @property {boolean} isOpen
 * @property {number} attempt how often in a row connecting failed
 * @property {number} heard lines received on this connection: whether it is alive
 * @property {number} askedAt how many had been heard when the user asked to join: which deadline counts
 * @property {ReadonlyArray<{ readonly id: number, readonly isRefused: boolean }>} pings sent and not answered; id is that of the
 *   message before it, or 0
 * @property {import("./lines.js").Table} table
 * @property {ReadonlyArray<string>} motd lines of the server before its first reply
 * @property {string} shownMotd
 * @property {ReadonlyArray<string>} people in the order of registration
 * @property {boolean} isListAsked whether the user asked for the next list
 * @property {string} refusal why joining failed, in plain words
 * @property {string} ending why the session is over, in plain words
 * @property {number} nextId
 * @property {boolean} isAway
 * @property {number} unread messages since the user went away
 * @property {boolean} isFollowing whether the end of the log is in view
 * @property {number} below messages below what is in view
 * @property {boolean} hasSound
 * @property {boolean} hasNotifications
 * @property {number} rangAt
 * @property {string} draft the text in the input
 * @property {string} hint one line below the input
 * @property {ReadonlyArray<string>} history what was sent, oldest first; never stored
 * @property {number} past how far back the history is shown; 0 is the draft
 * @property {string} unsent the draft while the history is shown
 * @property {import("./compose.js").Completion | undefined} completion
 * @property {ReadonlyArray<string>} pasted lines to ask about
 * @property {number} maxLine bytes of a line
 *
 * @typedef {{ readonly type: "connect", readonly link: number }
 *   | { readonly type: "disconnect" }
 *   | { readonly type: "send", readonly lines: ReadonlyArray<string> }
 *   | { readonly type: "wake", readonly after: number, readonly event: "PauseOver" | "Stuck" | "Silent", readonly link: number, readonly heard: number }
 *   | { readonly type: "append", readonly entry: Entry }
 *   | { readonly type: "settle", readonly id: number, readonly state: "sent" | "refused" | "unknown", readonly why: string }
 *   | { readonly type: "mark" | "clear" | "ring" | "askPermission" | "focus" }
 *   | { readonly type: "announce", readonly text: string }
 *   | { readonly type: "notify", readonly title: string, readonly text: string }
 *   | { readonly type: "edit", readonly text: string, readonly caret: number }
 *   | { readonly type: "remember", readonly name: string, readonly key: string }} Action
 *
 * `at` is the time; `chance` is a random number from 0 to 1.
 * @typedef {{ type: "Started", name: string, key: string }
 *   | { type: "JoinAsked", name: string }
 *   | { type: "LeaveAsked" }
 *   | { type: "Opened", link: number }
 *   | { type: "Heard", link: number, line: string, at: number }
 *   | { type: "Closed", link: number, at: number, chance: number }
 *   | { type: "Stuck", link: number, heard: number, at: number, chance: number }
 *   | { type: "Silent", link: number, heard: number, at: number, chance: number }
 *   | { type: "PauseOver", link: number }
 *   | { type: "Awoken" }
 *   | { type: "Unloading" }
 *   | { type: "Away" } | { type: "Back" }
 *   | { type: "Scrolled", isAtEnd: boolean }
 *   | { type: "SoundToggled" }
 *   | { type: "NotificationsToggled", permission: string }
 *   | { type: "Typed", text: string }
 *   | { type: "Submitted", text: string, at: number }
 *   | { type: "LineBreak" }
 *   | { type: "Emptied", text: string }
 *   | { type: "Tabbed", text: string, caret: number }
 *   | { type: "Browsed", step: number, text: string }
 *   | { type: "Picked", name: string, text: string, caret: number }
 *   | { type: "Pasted", lines: ReadonlyArray<string> }
 *   | { type: "PasteAnswered", answer: "send" | "join" | "drop", text: string, caret: number, at: number }} Event
 * @typedef {[Model, ReadonlyArray<Action>]} Step
 */

/** @param {number} maxLine @returns {Model} */
export const initial = (maxLine) => ({
  phase: "out",
  name: "",
  key: "",
  link: 0,
  isOpen: false,
  attempt: 0,
  heard: 0,
  askedAt: 0,
  pings: [],
  table: undefined,
  motd: [],
  shownMotd: "",
  people: [],
  isListAsked: false,
  refusal: "",
  ending: "",
  nextId: 1,
  isAway: false,
  unread: 0,
  isFollowing: true,
  below: 0,
  hasSound: false,
  hasNotifications: false,
  rangAt: 0,
  draft: "",
  hint: "",
  history: [],
  past: 0,
  unsent: "",
  completion: undefined,
  pasted: [],
  maxLine
})

/** The second step after the first. @param {Step} step @param {(model: Model) => Step} next @returns {Step} */
export const andThen = ([model, actions], next) => {
  const [after, more] = next(model)
  return [after, [...actions, ...more]]
}

/**
 * The step for each item, from the model that the one before it left. (With `andThen`, many items cost the square of their number.)
 * @template A @param {Model} model @param {ReadonlyArray<A>} all @param {(model: Model, one: A) => Step} step @returns {Step}
 */
export const inTurn = (model, all, step) => {
  /** @type {Array<Action>} */
  const actions = []
  let next = model
  for (const one of all) {
    const [after, more] = step(next, one)
    next = after
    actions.push(...more)
  }
  return [next, actions]
}

/**
 * Adds an entry to the log.
 * @param {Model} model @param {Partial<Entry> & { kind: Entry["kind"], at: number, text: string }} entry
 * @returns {Step}
 */
export const append = (model, entry) => [
  { ...model, nextId: model.nextId + 1 },
  [{ type: "append", entry: { from: "", to: "", isOwn: false, isPrivate: false, ...entry, id: model.nextId } }]
]

/**
 * A line of the page itself, read aloud too.
 * @param {Model} model @param {string} text @param {number} at @param {"note" | "trouble"} kind @returns {Step}
 */
export const say = (model, text, at, kind = "note") =>
  andThen(append(model, { kind, at, text }), (model) => [model, [{ type: "announce", text }]])
