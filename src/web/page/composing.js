// @ts-check
/** The input: sending, history, completion, paste. */
import { addressee, complete, lineOf, meaningOf, room } from "./compose.js"
import { leaveAsked, ping } from "./connection.js"
import { andThen, append, inTurn, say } from "./model.js"
import { byteLength, clean, isSameName, linesOf } from "./text.js"
import { help } from "./words.js"

/** @typedef {import("./model.js").Model} Model */
/** @typedef {import("./model.js").Step} Step */

const HISTORY = 100

/** @param {Model} model @param {string} hint @returns {Step} */
const hinted = (model, hint) => [{ ...model, hint }, []]

/** Shows a text in the input. @param {Model} model @param {string} text @param {number} caret @returns {Step} */
const edit = (model, text, caret = text.length) => [
  { ...model, draft: text, hint: "" },
  [{ type: "edit", text, caret }]
]

/** @param {Model} model @param {string} text @returns {Model} */
const remember = (model, text) => ({
  ...model,
  past: 0,
  unsent: "",
  completion: undefined,
  history: model.history.at(-1) === text ? model.history : [...model.history, text].slice(-HISTORY)
})

/**
 * A message of one's own is shown as sent; the PONG behind it confirms it.
 * @param {Model} model @param {import("./compose.js").Message} message @param {number} at @returns {Step}
 */
const send = (model, message, at) => {
  const { text } = message
  const isPrivate = message.kind === "one"
  const to = isPrivate ? message.to : ""
  const shown = append(
    { ...model, isFollowing: true, below: 0 },
    { kind: "message", at, text, from: model.name, to, isPrivate, isOwn: true }
  )
  return andThen(
    andThen(shown, (model) => [model, [{ type: "send", lines: [lineOf(message)] }]]),
    (after) => ping(after, model.nextId)
  )
}

/** @param {Model} model @param {string} text @param {number} at @returns {Step} */
export const submitted = (model, text, at) => {
  // A browser that lets line ends into the input shows first what becomes of them.
  if (/[\r\n\u2028\u2029]/.test(text)) {
    return andThen(edit(model, linesOf(text).join(" ")), (model) =>
      hinted(model, "Line ends became spaces. Enter sends it.")
    )
  }
  const meaning = meaningOf(text)
  if (meaning.kind === "nothing") return [model, []]
  if (meaning.kind === "mistake") return hinted(model, meaning.why)
  if (meaning.kind === "quit") return andThen(edit(model, ""), leaveAsked)
  if (meaning.kind === "help")
    return andThen(edit(model, ""), (model) => say(remember(model, text), help.join("\n"), at))
  if (model.phase !== "in") return hinted(model, "Not connected. The text stays here until you are back.")
  const sending = edit(remember(model, text), "")
  if (meaning.kind === "list") {
    return andThen(sending, (model) => [{ ...model, isListAsked: true }, [{ type: "send", lines: ["LIST"] }]])
  }
  const left = room(text, model.maxLine)
  if (left < 0) return hinted(model, `Too long by ${-left} bytes. A line holds ${model.maxLine}, the command included.`)
  return andThen(sending, (model) => send(model, meaning, at))
}

/** @param {Model} model @param {string} text @returns {Step} */
export const typed = (model, text) => {
  const left = room(text, model.maxLine)
  const near =
    left < 0 ? `${-left} bytes too long` : left < Math.min(200, model.maxLine / 10) ? `${left} bytes left` : ""
  return [{ ...model, draft: text, hint: near, completion: undefined }, []]
}

/**
 * The text goes into the history, in case that it was emptied by mistake.
 * @param {Model} model @param {string} text @returns {Step}
 */
export const emptied = (model, text) => (text === "" ? [model, []] : edit(remember(model, text), ""))

/** @param {Model} model @param {string} text @param {number} caret @returns {Step} */
export const tabbed = (model, text, caret) => {
  const others = model.people.filter((name) => !isSameName(name, model.name))
  const completion = complete(text, caret, others, model.completion)
  if (completion === undefined) return [{ ...model, completion, hint: "" }, []]
  const { index, matches } = completion
  const step = edit({ ...model, completion }, completion.text, completion.caret)
  if (matches.length === 1) return step
  return andThen(step, (model) => hinted(model, `${index + 1} of ${matches.length}: ${matches.join(", ")}`))
}

/** @param {Model} model @param {number} step 1 is further back @param {string} text @returns {Step} */
export const browsed = (model, step, text) => {
  const past = Math.min(model.history.length, Math.max(0, model.past + step))
  if (past === model.past) return [model, []]
  const unsent = model.past === 0 ? text : model.unsent
  return edit({ ...model, past, unsent }, past === 0 ? unsent : (model.history[model.history.length - past] ?? ""))
}

/**
 * A click on a name: an empty input becomes a private message, a text gets the name.
 * @param {Model} model @param {string} name @param {string} text @param {number} caret @returns {Step}
 */
export const picked = (model, name, text, caret) => {
  const focus = /** @type {Step[1]} */ ([{ type: "focus" }])
  if (isSameName(name, model.name)) return [model, focus]
  const isAddressed = /^(\/msg *\S* *)?$/i.test(text)
  const [head, after] = [text.slice(0, caret), text.slice(caret)]
  const before = head === "" || head.endsWith(" ") ? head : `${head} `
  const written = isAddressed ? `/msg ${name} ` : `${before}${name} `
  return andThen(edit(model, isAddressed ? written : written + after, written.length), (model) => [model, focus])
}

/**
 * A text in the input that begins like a command says where the lines go, or they go nowhere.
 * @param {Model} model @param {ReadonlyArray<string>} lines @returns {Step}
 */
export const pasted = (model, lines) => {
  if (/^\/(?!\/)/.test(clean(model.draft)) && addressee(model.draft) === "")
    return hinted(model, "Several lines can be pasted behind /msg, a name and a space, or where no command is.")
  const shown = lines.map((line) => clean(line)).filter((line) => line.trim() !== "")
  return [{ ...model, pasted: shown }, []]
}

/** Where a pasted line goes. @param {string} to @param {string} text @returns {import("./compose.js").Message} */
const messageTo = (to, text) => (to === "" ? { kind: "everybody", text } : { kind: "one", to, text })

/**
 * Each pasted line is a text, even if it begins with a slash, and goes where the text in the input would go.
 * @param {Model} model @param {"send" | "join" | "drop"} answer @param {string} text @param {number} caret
 * @param {number} at @returns {Step}
 */
export const pasteAnswered = (model, answer, text, caret, at) => {
  const { pasted } = model
  const closed = { ...model, pasted: [] }
  if (answer === "drop") return [closed, [{ type: "focus" }]]
  if (answer === "join") {
    const joined = pasted.join(" ")
    const before = caret === 0 && joined.startsWith("/") ? "/" : text.slice(0, caret)
    const head = before + joined
    return andThen(edit(closed, head + text.slice(caret), head.length), (model) => [model, [{ type: "focus" }]])
  }
  if (model.phase !== "in") return hinted(closed, "Not connected, so nothing was sent.")
  const messages = pasted.map((line) => messageTo(addressee(text), line))
  const long = messages.filter((message) => byteLength(lineOf(message)) > model.maxLine).length
  if (long > 0) return hinted(closed, `Nothing was sent: ${long} of the lines are longer than ${model.maxLine} bytes.`)
  return andThen(
    inTurn(closed, messages, (model, message) => send(model, message, at)),
    (model) => [model, [{ type: "focus" }]]
  )
}
