// What earlier runs have found out: a file with a line of JSON for each key. A run that was ended goes on from it.
import { createHash } from "node:crypto"
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs"
import { dirname } from "node:path"

export const openKnown = (file) => {
  mkdirSync(dirname(file), { recursive: true })
  const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []
  const known = new Map(lines.filter(Boolean).map((line) => JSON.parse(line)))
  return {
    get: (key) => known.get(key),
    set: (key, value) => {
      known.set(key, value)
      appendFileSync(file, `${JSON.stringify([key, value])}\n`)
    }
  }
}

/** A part of a key: the same for the same texts. */
export const digestOf = (texts) => createHash("sha256").update(texts.join("\0")).digest("base64url").slice(0, 16)
