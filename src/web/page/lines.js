// @ts-check
/** Lines from the server as data. docs/protocol.md has their forms. */
import { clean } from "./text.js"

/**
 * @typedef {{ kind: "message", from: string, text: string, isPrivate: boolean }
 *   | { kind: "joined" | "left", name: string }
 *   | { kind: "accepted", command: string, name: string }
 *   | { kind: "refused", command: "JOIN" | "RECLAIM" | "MESG" | "BCST", rule: Rule, about: string }
 *   | { kind: "key", key: string }
 *   | { kind: "pong" }
 *   | { kind: "list", names: ReadonlyArray<string> }
 *   | { kind: "farewell", reason: string }
 *   | { kind: "other", text: string }} Heard
 * @typedef {"taken" | "invalid" | "key" | "recipient" | "incomplete" | "long"} Rule
 * @typedef {{ names: string, rules: number } | undefined} Table the part of LIST's table that has come; its names are one text, a
 *   space behind each: a new list for each row would cost the square of their number
 */

/** @type {ReadonlyArray<[RegExp, (groups: ReadonlyArray<string>) => Heard]>} */
const forms = [
  [
    /^(MESG )?FROM ([A-Za-z0-9]{1,32}|\*): (.*)$/,
    ([mesg, from = "", text = ""]) => ({ kind: "message", from, text, isPrivate: mesg !== undefined })
  ],
  [/^JOINED ([A-Za-z0-9]{1,32})$/, ([name = ""]) => ({ kind: "joined", name })],
  [/^LEFT ([A-Za-z0-9]{1,32})$/, ([name = ""]) => ({ kind: "left", name })],
  [/^PONG$/, () => ({ kind: "pong" })],
  [/^KEY ([0-9a-f]{32})$/, ([key = ""]) => ({ kind: "key", key })],
  [
    /^(JOIN|RECLAIM) ([A-Za-z0-9]{1,32}) Request Accepted$/,
    ([command = "", name = ""]) => ({ kind: "accepted", command, name })
  ],
  [/^(WATCH|UNWATCH) Request Accepted$/, ([command = ""]) => ({ kind: "accepted", command, name: "" })],
  [
    /^Username Already Taken \((.*)\)\. JOIN Discarded\.$/,
    ([about = ""]) => ({ kind: "refused", command: "JOIN", rule: "taken", about })
  ],
  [
    /^Invalid Username \((.*)\)\. JOIN Discarded\.$/,
    ([about = ""]) => ({ kind: "refused", command: "JOIN", rule: "invalid", about })
  ],
  [
    /^Unable to Reclaim \((.*)\)\. RECLAIM Discarded\.$/,
    ([about = ""]) => ({ kind: "refused", command: "RECLAIM", rule: "key", about })
  ],
  [
    /^Unknown Recipient \((.*)\)\. MESG Discarded\.$/,
    ([about = ""]) => ({ kind: "refused", command: "MESG", rule: "recipient", about })
  ],
  [/^Incomplete (?:MESG|BCST)\. /, () => ({ kind: "refused", command: "BCST", rule: "incomplete", about: "" })],
  [/^Message Too Long\. Discarding Message\.$/, () => ({ kind: "refused", command: "BCST", rule: "long", about: "" })],
  [/^(.+)\. Disconnecting User\.$/, ([reason = ""]) => ({ kind: "farewell", reason })]
]

/** A line that is no part of a table. @param {string} line @returns {Heard} */
export const heardIn = (line) => {
  for (const [form, make] of forms) {
    const groups = form.exec(line)
    if (groups !== null) return make(groups.slice(1))
  }
  return { kind: "other", text: line }
}

/**
 * Reads the next line. Inside LIST's table each line is a row or a rule, whatever the name: a user may be called PONG. Nothing is
 * heard until the table's second rule.
 * @param {Table} table @param {string} received @returns {[Table, Heard | undefined]}
 */
export const readLine = (table, received) => {
  const line = clean(received)
  if (table === undefined)
    return /^USERNAME +FD$/.test(line) ? [{ names: "", rules: 0 }, undefined] : [undefined, heardIn(line)]
  if (/^-+$/.test(line)) {
    if (table.rules === 0) return [{ ...table, rules: 1 }, undefined]
    return [undefined, { kind: "list", names: table.names.split(" ").slice(0, -1) }]
  }
  const row = /^([A-Za-z0-9]{1,32}) +\d+$/.exec(line)
  return row === null ? [undefined, heardIn(line)] : [{ ...table, names: `${table.names}${row[1]} ` }, undefined]
}
