// @ts-check
/** Text as the server treats it: what it removes, how it measures, and what a name is. */

/** Characters that can control a terminal, forge a line or reorder text. The server removes the same ones. */
const unshowable = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

/** @param {string} text */
export const clean = (text) => text.replace(unshowable, "")

const encoder = new TextEncoder()

/** Length in bytes as UTF-8. @param {string} text */
export const byteLength = (text) => encoder.encode(text).length

/** @param {string} name */
export const isName = (name) => /^[A-Za-z0-9]{1,32}$/.test(name)

/** @param {string} one @param {string} other */
export const isSameName = (one, other) => one.toLowerCase() === other.toLowerCase()

/** Whether a text contains a name as a word of its own. @param {string} text @param {string} name */
export const mentions = (text, name) => text.split(/[^A-Za-z0-9]+/).some((word) => isSameName(word, name))

/** The lines of a text that are not blank. @param {string} text */
export const linesOf = (text) => text.split(/[\r\n\u2028\u2029]+/).filter((line) => clean(line).trim() !== "")
