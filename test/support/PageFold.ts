/** The fold of the chat page, without a browser: events in, actions out. */
import { type Action, type Event, initial, type Model } from "../../src/web/page/model.js"
import { update } from "../../src/web/page/update.js"

export const at = 1_000_000
export const KEY = "0a".repeat(16)
export const RULE = "-".repeat(28)

/** A page whose actions are recorded. Link numbers are filled in as the page's socket would. */
export const plays = (maxLine = 4096) => {
  let model: Model = initial(maxLine)
  const actions: Array<Action> = []
  const gives = (event: Event) => {
    const [next, todo] = update(model, event)
    model = next
    actions.push(...todo)
    return todo
  }
  const hears = (...lines: ReadonlyArray<string>) =>
    lines.flatMap((line) => gives({ type: "Heard", link: model.link, line, at }))
  const opens = () => gives({ type: "Opened", link: model.link })
  const breaks = (chance = 0) => gives({ type: "Closed", link: model.link, at, chance })
  const submits = (text: string) => gives({ type: "Submitted", text, at })
  const joins = (name = "ann") => {
    gives({ type: "JoinAsked", name })
    opens()
    hears(`JOIN ${name} Request Accepted`, `KEY ${KEY}`, "WATCH Request Accepted")
    hears("USERNAME               FD", RULE, `${name}                    6`, "bob                    7", RULE)
    actions.length = 0
  }
  return { gives, hears, opens, breaks, submits, joins, actions, now: () => model }
}

export const sent = (actions: ReadonlyArray<Action>) =>
  actions.flatMap((action) => (action.type === "send" ? action.lines : []))
export const entries = (actions: ReadonlyArray<Action>) =>
  actions.flatMap((action) =>
    action.type === "append" ? [`${action.entry.from}>${action.entry.to}: ${action.entry.text}`] : []
  )
export const settled = (actions: ReadonlyArray<Action>) =>
  actions.flatMap((action) => (action.type === "settle" ? [`${action.id} ${action.state}`] : []))
export const types = (actions: ReadonlyArray<Action>) => actions.map(({ type }) => type)
export const waits = (actions: ReadonlyArray<Action>) =>
  actions.flatMap((action) => (action.type === "wake" ? [action.after] : []))
