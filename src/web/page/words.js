// @ts-check
/** Replies of the server in plain words, each with the rule behind it. */

const nameRule = "A name is 1 to 32 letters (A to Z) and digits, without spaces."

/** @type {Readonly<Record<import("./lines.js").Rule, (about: string) => string>>} */
export const refusals = {
  taken: (name) =>
    `Somebody is here as “${name}” already; capital and small letters count as the same. Choose another name.`,
  invalid: (name) =>
    name === "" ? `Choose a name first. ${nameRule}` : `“${name}” cannot be a name here. ${nameRule}`,
  key: (name) => `The seat of “${name}” is gone.`,
  recipient: (name) => `Not sent: nobody here is called “${name}”.`,
  incomplete: () => "Not sent: a message needs a text.",
  long: () => "Not sent: the message is longer than the server allows."
}

/** @param {string} name */
export const stillTaken = (name) =>
  `Somebody is here as “${name}”. If that is your own lost connection, the name is free again within a minute. Until then, choose another name.`

/**
 * Farewells after which the page must not come back by itself: it would be sent away again, or take the seat from
 * another tab.
 */
const farewells = new Map([
  ["Session Reclaimed", "You are connected from another tab or device now, so this one was closed."],
  ["Too Many Users", "The room is full: every seat is taken. Try again when somebody has left."],
  [
    "Too Many Connections",
    "The server takes no more connections from your address, or none at all. Close other tabs, or ask the operator to raise --max-per-address."
  ],
  ["Too Many Attempts", "The server refused five attempts to take the seat back. Join again."],
  ["Idle Too Long", "You were quiet for longer than the server allows, so it closed the connection."],
  ["Registration Timed Out", "The server closed the connection because nobody joined in time. Try again."],
  ["Removed by Operator", "The operator of this server removed you from the room."]
])

/** @param {string} reason */
export const farewell = (reason) => farewells.get(reason) ?? `The server closed the connection: ${reason}.`

export const noAnswer = "The server does not answer. Is it running, and can you reach it?"

export const help = [
  "Text goes to everybody. These go elsewhere:",
  "/msg name text — only to one person. A click on a name writes the first part.",
  "/list — who is here",
  "/help — this list",
  "/quit — leave the room",
  "//text — to everybody, with a / in front",
  "Tab completes a name. The arrows up and down bring back what you sent. Escape empties the line, and the arrow up brings it back."
]

/** Why notifications cannot be switched on. @type {Readonly<Record<string, string>>} */
export const notificationTrouble = {
  insecure:
    "Browsers allow notifications only over https, or on localhost. Sound and the count in the title work here.",
  denied: "Notifications are blocked for this page. Allow them in the browser’s settings for this site.",
  unsupported: "This browser has no notifications for pages. Sound and the count in the title work."
}
