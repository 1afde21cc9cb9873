// @ts-check
/** Lines that come from the server, and how they get the user's attention. */
import { accepted, notAccepted, sentAway } from "./connection.js"
import { readLine } from "./lines.js"
import { andThen, append, say } from "./model.js"
import { isSameName, mentions } from "./text.js"
import { refusals } from "./words.js"

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./model.js").Step} Step */

/** Between two sounds or notifications. */
const RING_PAUSE_MS = 2000

/** @param {{ from: string, text: string, isPrivate: boolean }} message */
const spoken = ({ from, isPrivate, text }) =>
  `${isPrivate ? "private, " : ""}${from === "*" ? "the operator" : from}: ${text}`

/**
 * Sound and notification, if they are asked for.
 * @param {Model} model @param {import("./model.js").Entry} entry @returns {Step}
 */
const ring = (model, entry) => {
  const isCalled = entry.isPrivate || mentions(entry.text, model.name)
  if ((!model.isAway && !isCalled) || entry.at - model.rangAt < RING_PAUSE_MS) return [model, []]
  const title = entry.isPrivate ? `${entry.from} (private)` : entry.from
  /** @type {Step[1]} */
  const sounds = model.hasSound ? [{ type: "ring" }] : []
  /** @type {Step[1]} */
  const notifications = model.hasNotifications && model.isAway ? [{ type: "notify", title, text: entry.text }] : []
  const actions = [...sounds, ...notifications]
  return [actions.length === 0 ? model : { ...model, rangAt: entry.at }, actions]
}

/**
 * @param {Model} model @param {{ from: string, text: string, isPrivate: boolean }} message @param {number} at
 * @returns {Step}
 */
const received = (model, message, at) => {
  const { isAway, isFollowing, unread } = model
  const counted = { ...model, unread: isAway ? unread + 1 : 0, below: isFollowing ? 0 : model.below + 1 }
  const [appended, actions] = append(counted, {
    kind: "message",
    at,
    ...message,
    to: message.isPrivate ? model.name : ""
  })
  const marks = isAway && unread === 0 ? [{ type: /** @type {const} */ ("mark") }] : []
  const step = /** @type {Step} */ ([appended, [...marks, ...actions, { type: "announce", text: spoken(message) }]])
  const entry = actions.find((action) => action.type === "append")?.entry
  return entry === undefined ? step : andThen(step, (model) => ring(model, entry))
}

/** PONG: everything before the oldest PING is decided. @param {Model} model @returns {Step} */
const confirmed = (model) => {
  const [oldest, ...pings] = model.pings
  const isSent = oldest !== undefined && oldest.id !== 0 && !oldest.isRefused
  return [{ ...model, pings }, isSent ? [{ type: "settle", id: oldest.id, state: "sent", why: "" }] : []]
}

/**
 * The oldest message without a PONG is the one that was refused: replies come in order.
 * @param {Model} model @param {string} why @param {number} at @returns {Step}
 */
const refused = (model, why, at) => {
  const [oldest, ...pings] = model.pings
  if (oldest === undefined || oldest.id === 0) return say(model, why, at, "trouble")
  return [
    { ...model, pings: [{ ...oldest, isRefused: true }, ...pings] },
    [
      { type: "settle", id: oldest.id, state: "refused", why },
      { type: "announce", text: why }
    ]
  ]
}

/** @param {Model} model @param {ReadonlyArray<string>} people @param {number} at @returns {Step} */
const listed = (model, people, at) => {
  const heard = { ...model, people, isListAsked: false }
  return model.isListAsked ? say(heard, `Here: ${people.join(", ")}`, at) : [heard, []]
}

/** @param {Model} model @param {import("./lines.js").Heard} heard @param {number} at @returns {Step} */
const inRoom = (model, heard, at) => {
  switch (heard.kind) {
    case "message":
      return received(model, heard, at)
    case "joined": {
      const people = [...model.people.filter((name) => !isSameName(name, heard.name)), heard.name]
      return append({ ...model, people }, { kind: "note", at, text: `${heard.name} came in` })
    }
    case "left": {
      const people = model.people.filter((name) => !isSameName(name, heard.name))
      return append({ ...model, people }, { kind: "note", at, text: `${heard.name} left` })
    }
    case "key":
      return [{ ...model, key: heard.key }, []]
    case "pong":
      return confirmed(model)
    case "list":
      return listed(model, heard.names, at)
    case "refused":
      return refused(model, refusals[heard.rule](heard.about), at)
    case "other":
      return heard.text === "" ? [model, []] : say(model, heard.text, at)
    default:
      return [model, []]
  }
}

/**
 * Before the first reply: whatever is no answer to JOIN or RECLAIM is the message of the day.
 * @param {Model} model @param {import("./lines.js").Heard} heard @param {string} line @param {number} at
 * @returns {Step}
 */
const atDoor = (model, heard, line, at) => {
  const { kind } = heard
  if (kind === "accepted" && (heard.command === "JOIN" || heard.command === "RECLAIM")) {
    return accepted({ ...model, name: heard.name }, heard.command, at)
  }
  if (kind === "refused" && (heard.command === "JOIN" || heard.command === "RECLAIM"))
    return notAccepted(model, heard.rule)
  return [{ ...model, motd: [...model.motd, line] }, []]
}

/** @param {Model} model @param {string} line @param {number} at @returns {Step} */
export const hear = (model, line, at) => {
  const isIn = model.phase === "in"
  const [table, heard] = readLine(model.table, line)
  const next = { ...model, table, heard: model.heard + 1 }
  if (heard === undefined) return [next, []]
  if (heard.kind === "farewell") return sentAway(next, heard.reason, at)
  if (isIn) return inRoom(next, heard, at)
  return model.phase === "joining" || model.phase === "returning" ? atDoor(next, heard, line, at) : [next, []]
}
