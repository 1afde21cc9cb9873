/** More of what clients send: the requests of the contract's version 0.2, and the first bytes of other protocols. */
import { command, cut, ends, names } from "./Input.ts"
import type { Random } from "./Random.ts"

/** A key that somebody was given. */
export interface Secret {
  readonly name: string
  readonly key: string
}

/** The keys that are valid, and all others that ever were. */
export interface Secrets {
  readonly valid: ReadonlyArray<Secret>
  readonly stale: ReadonlyArray<Secret>
}

const cased = (name: string, random: Random): string =>
  random.chance(80) ? name : random.chance(50) ? name.toUpperCase() : name.toLowerCase()

/** A RECLAIM, right as a rule when there is a key. */
export const reclaim = (random: Random, { stale, valid }: Secrets): string => {
  const known = valid.length > 0 && random.chance(90) ? valid : stale
  const { key, name } = known[random.below(known.length)] ?? { name: random.pick(names), key: "0" }
  if (random.chance(80)) return `RECLAIM ${cased(name, random)} ${key}`
  return random.pick([
    "RECLAIM",
    `RECLAIM ${name}`,
    `RECLAIM  ${name} ${key}`,
    `RECLAIM ${name} ${key} `,
    `RECLAIM ${name} ${key.toUpperCase()}`,
    `RECLAIM ${name} ${key.slice(1)}`,
    `RECLAIM ${name}\u0007 ${key}`,
    `RECLAIM ${random.pick(names)} ${key}`
  ])
}

const others = [
  "GET / HTTP/1.1",
  "PROXY TCP4 192.0.2.1 198.51.100.7 1 2",
  "\x16\x03\x01",
  "\r\n\r\n\0\r\nQUIT",
  "HELP me",
  "KEYS",
  "RECLAIMED"
] as const

const request = (random: Random, secrets: Secrets): string => {
  switch (random.below(12)) {
    case 0:
    case 1:
    case 2:
      return "WATCH"
    case 3:
      return "UNWATCH"
    case 4:
    case 5:
    case 6:
    case 7:
      return random.chance(90) ? "KEY" : "KEY again"
    case 8:
      return "HELP"
    case 9:
      return reclaim(random, secrets)
    case 10:
      return random.chance(20) ? Array.from({ length: 6 }, () => "RECLAIM ann 0").join("\n") : random.pick(others)
    default:
      return command(random)
  }
}

/** Some lines, cut somewhere. */
export const requests = (random: Random, secrets: Secrets): ReadonlyArray<Buffer> => {
  const lines = Array.from({ length: 1 + random.below(4) }, () => request(random, secrets) + random.pick(ends))
  return cut(Buffer.from(lines.join("")), random)
}

const methods = ["GET", "POST", "PRI", "M-SEARCH", "JOIN", "get", "G3T", ""] as const
const targets = [" /", " *", "", " ann", ` /${"x".repeat(90)}`] as const
const versions = [" HTTP/1.1", " HTTP/1.0", " HTTP/2.0", " HTTP/3", " HTTP/1.", " http/1.1", "HTTP/1.1", ""] as const
const before = [
  "",
  "",
  "",
  "\r\n",
  "\n\r\0",
  "\xff\xfb\x1f",
  "\xff\xf6",
  "\xff\xf4",
  "\xef\xbb\xbf",
  "\x16",
  " "
] as const

const firstLine = (random: Random): string => {
  const line = `${random.pick(methods)}${random.pick(targets)}${random.pick(versions)}`
  const at = random.below(line.length + 1)
  return random.chance(90) ? line : `${line.slice(0, at)}${random.pick(before)}${line.slice(at)}`
}

const first = (random: Random): string => {
  switch (random.below(6)) {
    case 0:
      return random.pick(["\x16\x03\x01\x02\0\x01", "\x16\x03", "\x16\x04\x01", "\x16"])
    case 1:
      return random.pick([
        "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\0",
        "\r\n\r\n\0\r\nQUIT\n",
        "\r\n\r\n\0\r\nQUIT\r\n",
        "\r\n\r\n\0\r\n"
      ])
    case 2:
      return `PROXY ${random.pick(["TCP4", "TCP6", "UNKNOWN", "TCP", "please"])}${random.pick([" 1 2 3 4", "", "4"])}\r\n`
    default:
      return `${firstLine(random)}${random.pick(ends)}`
  }
}

/** The beginning of another protocol, or nearly, and lines behind it that nobody must execute, cut somewhere. */
const otherProtocol = (random: Random): ReadonlyArray<Buffer> => {
  const behind = random.some(3, () => command(random) + random.pick(ends)).join("")
  const bytes = Buffer.from(`${random.pick(before)}${first(random)}`, "latin1")
  return cut(Buffer.concat([bytes, Buffer.from(behind)]), random)
}

/** How a client begins: most want a name, and some the name that they had. */
export const opening = (random: Random, secrets: Secrets): ReadonlyArray<Buffer> => {
  if (random.chance(8)) return otherProtocol(random)
  const wantsBack = secrets.valid.length > 0 ? 35 : 5
  if (random.chance(wantsBack)) return cut(Buffer.from(`${reclaim(random, secrets)}\n`), random)
  if (random.chance(15)) return []
  const more = random.pick(["", "", "", "KEY\n", "WATCH\n", "WATCH\nKEY\n"])
  return [Buffer.from(`JOIN ${random.pick(names)}\n${more}`)]
}
