// @ts-check
/**
 * The fold of the page: a model and an event make the next model and what is to be done. Pure: time and chance come
 * with the event.
 */
import { browsed, emptied, pasteAnswered, pasted, picked, submitted, tabbed, typed } from "./composing.js"
import { awoken, closed, joinAsked, leaveAsked, opened, pauseOver, silent, started, stuck } from "./connection.js"
import { hear } from "./hearing.js"
import { notificationTrouble } from "./words.js"

/** @param {import("./model.js").Model} model @param {string} permission @returns {import("./model.js").Step} */
const notificationsToggled = (model, permission) => {
  const { hasNotifications } = model
  if (!hasNotifications && permission === "default") return [model, [{ type: "askPermission" }]]
  const hint = notificationTrouble[permission] ?? ""
  return [{ ...model, hasNotifications: !hasNotifications && permission === "granted", hint }, []]
}

/**
 * @param {import("./model.js").Model} model @param {import("./model.js").Event} event
 * @returns {import("./model.js").Step}
 */
export const update = (model, event) => {
  if ("link" in event && event.link !== model.link) return [model, []]
  switch (event.type) {
    case "Started":
      return started(model, event.name, event.key)
    case "JoinAsked":
      return joinAsked(model, event.name)
    case "LeaveAsked":
      return leaveAsked(model)
    case "Opened":
      return opened(model)
    case "Heard":
      return hear(model, event.line, event.at)
    case "Closed":
      return closed(model, event.at, event.chance)
    case "Stuck":
      return stuck(model, event.heard, event.at, event.chance)
    case "Silent":
      return silent(model, event.heard, event.at, event.chance)
    case "PauseOver":
      return pauseOver(model)
    case "Awoken":
      return awoken(model)
    case "Unloading": {
      const isSeated = model.phase === "in" || model.phase === "lost" || model.phase === "returning"
      return [model, isSeated ? [{ type: "remember", name: model.name, key: model.key }] : []]
    }
    case "Away":
      return [{ ...model, isAway: true }, []]
    case "Back":
      return [{ ...model, isAway: false, unread: 0 }, []]
    case "Scrolled":
      return [{ ...model, isFollowing: event.isAtEnd, below: event.isAtEnd ? 0 : model.below }, []]
    case "SoundToggled":
      return [{ ...model, hasSound: !model.hasSound }, model.hasSound ? [] : [{ type: "ring" }]]
    case "NotificationsToggled":
      return notificationsToggled(model, event.permission)
    case "Typed":
      return typed(model, event.text)
    case "Submitted":
      return submitted(model, event.text, event.at)
    case "LineBreak":
      return [{ ...model, hint: "A message is one line; Enter sends it." }, []]
    case "Emptied":
      return emptied(model, event.text)
    case "Tabbed":
      return tabbed(model, event.text, event.caret)
    case "Browsed":
      return browsed(model, event.step, event.text)
    case "Picked":
      return picked(model, event.name, event.text, event.caret)
    case "Pasted":
      return pasted(model, event.lines)
    case "PasteAnswered":
      return pasteAnswered(model, event.answer, event.text, event.caret, event.at)
  }
}
