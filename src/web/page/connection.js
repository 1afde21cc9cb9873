// @ts-check
/** The life of the connection: joining, losing it, coming back, leaving. */
import { andThen, append, initial, say } from "./model.js"
import { isName } from "./text.js"
import { farewell, noAnswer, refusals, stillTaken } from "./words.js"

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./model.js").Step} Step */

/** How long connecting may take. */
const CONNECT_MS = 10_000
/** How long a PING may stay unanswered when the page comes into view, with nothing else under way. */
const PROBE_MS = 3000
/** The same after a message: the server may hold a sender back while a recipient has no room. */
const MESSAGE_MS = 20_000
const LONGEST_PAUSE_MS = 30_000

/**
 * At once, then 1, 2, 4 … 30 seconds, shortened by up to a half: not everybody comes back at the same moment.
 * @param {number} attempt @param {number} chance
 */
export const pause = (attempt, chance) =>
  attempt === 0 ? 0 : Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** (attempt - 1)) * (1 - chance / 2)

/** @param {Model} model @param {"joining" | "returning"} phase @returns {Step} */
const connect = (model, phase) => {
  const link = model.link + 1
  return [
    { ...model, phase, link, isOpen: false, table: undefined, motd: [], heard: 0, askedAt: 0 },
    [
      { type: "connect", link },
      { type: "wake", after: CONNECT_MS, event: "Stuck", link, heard: 0 }
    ]
  ]
}

/** Closes the connection; a new number makes its late events old. @param {Model} model @returns {Step} */
const disconnect = (model) => [{ ...model, link: model.link + 1, isOpen: false }, [{ type: "disconnect" }]]

/** Messages without a PONG are not known to have arrived. @param {Model} model @returns {Step} */
const giveUp = (model) => [
  { ...model, pings: [] },
  model.pings
    .filter(({ id, isRefused }) => id !== 0 && !isRefused)
    .map(({ id }) => ({ type: "settle", id, state: "unknown", why: "not confirmed: the connection was lost" }))
]

/** @param {Model} model @param {string} refusal @returns {Step} */
const toForm = (model, refusal) => [{ ...model, phase: "out", refusal }, [{ type: "focus" }]]

/** @param {Model} model @param {string} name @returns {Step} */
export const joinAsked = (model, name) => {
  // Asked for twice: the first answer decides, or Stuck.
  if (model.phase === "joining") return [model, []]
  if (!isName(name)) return toForm(model, refusals.invalid(name))
  const named = { ...model, name, refusal: "", ending: "", key: "", attempt: 0 }
  if (!model.isOpen) return connect(named, "joining")
  const { heard, link } = model
  return [
    { ...named, phase: "joining", askedAt: heard },
    [
      { type: "send", lines: [`JOIN ${name}`] },
      { type: "wake", after: CONNECT_MS, event: "Stuck", link, heard }
    ]
  ]
}

/**
 * A page that was loaded again takes its seat back.
 * @param {Model} model @param {string} name @param {string} key @returns {Step}
 */
export const started = (model, name, key) => (name === "" ? [model, []] : connect({ ...model, name, key }, "returning"))

/** @param {Model} model @returns {Step} */
export const opened = (model) => {
  const canReclaim = model.phase === "returning" && model.key !== ""
  const line = canReclaim ? `RECLAIM ${model.name} ${model.key}` : `JOIN ${model.name}`
  return [{ ...model, isOpen: true }, [{ type: "send", lines: [line] }]]
}

/** @param {Model} model @param {number} at @param {number} chance @returns {Step} */
export const closed = (model, at, chance) => {
  const shut = { ...model, isOpen: false }
  if (model.phase === "out" || model.phase === "over" || model.phase === "lost") return [shut, []]
  if (model.phase === "joining") return toForm(shut, noAnswer)
  const wasIn = model.phase === "in"
  const lost = { ...shut, phase: /** @type {const} */ ("lost"), attempt: wasIn ? 0 : model.attempt + 1 }
  return andThen(giveUp(lost), (model) => {
    const told = wasIn
      ? say(model, "The connection broke. Trying to come back.", at, "trouble")
      : /** @type {Step} */ ([model, []])
    return andThen(told, (model) => [
      model,
      [{ type: "wake", after: pause(model.attempt, chance), event: "PauseOver", link: model.link, heard: 0 }]
    ])
  })
}

/**
 * A connection that does not answer is given up.
 * @param {Model} model @param {number} at @param {number} chance @returns {Step}
 */
const abandon = (model, at, chance) => andThen(disconnect(model), (model) => closed(model, at, chance))

/**
 * Joining took too long, which was asked for when `heard` lines had come. A name that was refused leaves its deadline behind.
 * @param {Model} model @param {number} heard @param {number} at @param {number} chance @returns {Step}
 */
export const stuck = (model, heard, at, chance) =>
  (model.phase === "joining" || model.phase === "returning") && heard === model.askedAt
    ? abandon(model, at, chance)
    : [model, []]

/**
 * A PING was sent when `heard` lines had come.
 * @param {Model} model @param {number} heard @param {number} at @param {number} chance @returns {Step}
 */
export const silent = (model, heard, at, chance) =>
  model.phase === "in" && model.heard === heard ? abandon(model, at, chance) : [model, []]

/** @param {Model} model @returns {Step} */
export const pauseOver = (model) => (model.phase === "lost" ? connect(model, "returning") : [model, []])

/**
 * Sends a PING. Without any line in return the connection is given up.
 * @param {Model} model @param {number} id of the message before it, or 0 @returns {Step}
 */
export const ping = (model, id) => {
  const { heard, link, pings } = model
  const after = id === 0 && pings.length === 0 ? PROBE_MS : MESSAGE_MS
  return [
    { ...model, pings: [...pings, { id, isRefused: false }] },
    [
      { type: "send", lines: ["PING"] },
      { type: "wake", after, event: "Silent", link, heard }
    ]
  ]
}

/**
 * The page came into view, or the network came back: what is lost is tried at once, what looks alive is tested.
 * @param {Model} model @returns {Step}
 */
export const awoken = (model) => {
  if (model.phase === "lost") return connect(model, "returning")
  return model.phase === "in" ? ping(model, 0) : [model, []]
}

/** @param {Model} model @returns {Step} */
export const leaveAsked = (model) => {
  const [{ draft, hasNotifications, hasSound, history, isAway, link, maxLine, name, nextId }, actions] =
    disconnect(model)
  /** @type {Step[1]} */
  const quit = model.isOpen ? [{ type: "send", lines: ["QUIT"] }] : []
  return [
    { ...initial(maxLine), draft, hasNotifications, hasSound, history, isAway, link, name, nextId },
    [...quit, ...actions, { type: "clear" }, { type: "focus" }]
  ]
}

/** @param {Model} model @param {"JOIN" | "RECLAIM"} command @param {number} at @returns {Step} */
export const accepted = (model, command, at) => {
  const isBack = model.phase === "returning"
  const motd = model.motd.join("\n").trim()
  const entered = {
    ...model,
    phase: /** @type {const} */ ("in"),
    attempt: 0,
    key: "",
    refusal: "",
    ending: "",
    shownMotd: motd
  }
  const news = motd !== "" && motd !== model.shownMotd
  const greeted = news ? append(entered, { kind: "motd", at, text: motd }) : /** @type {Step} */ ([entered, []])
  const text = !isBack
    ? `You are in the room as ${model.name}.`
    : command === "RECLAIM"
      ? `Back as ${model.name}, with your seat kept. What was sent at the moment of the break may be missing.`
      : `Back as ${model.name}. What was said in between did not reach you.`
  return andThen(
    andThen(greeted, (model) => say(model, text, at)),
    (model) => [
      model,
      [{ type: "send", lines: ["KEY", "WATCH", "LIST"] }, ...(isBack ? [] : [{ type: /** @type {const} */ ("focus") }])]
    ]
  )
}

/** @param {Model} model @param {import("./lines.js").Rule} rule @returns {Step} */
export const notAccepted = (model, rule) => {
  // The seat is gone, after a restart of the server for example. The name may be free.
  if (rule === "key") return [{ ...model, key: "" }, [{ type: "send", lines: [`JOIN ${model.name}`] }]]
  const wasIn = model.phase === "returning"
  return toForm(model, wasIn && rule === "taken" ? stillTaken(model.name) : refusals[rule](model.name))
}

/** @param {Model} model @param {string} reason @param {number} at @returns {Step} */
export const sentAway = (model, reason, at) => {
  if (model.phase === "out" || model.phase === "over") return [model, []]
  if (reason === "Server Shutting Down") return say(model, "The server is shutting down.", at, "trouble")
  const ending = farewell(reason)
  const isAtForm = model.phase === "joining"
  return andThen(disconnect(model), (model) => {
    if (isAtForm) return toForm(model, ending)
    const over = giveUp({ ...model, phase: "over", key: "", ending, people: [] })
    return andThen(over, (model) => say(model, ending, at, "trouble"))
  })
}
