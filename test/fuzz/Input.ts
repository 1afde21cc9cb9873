/** The input of clients: commands, lines of the transcripts with something wrong in them, and bytes that mean nothing. */
import { readdirSync, readFileSync } from "node:fs"
import type { Random } from "./Random.ts"

const folder = new URL("../transcripts/", import.meta.url)

/** The lines that people type in the transcripts. */
const typed: ReadonlyArray<string> = readdirSync(folder)
  .filter((file) => file.endsWith(".txt"))
  .flatMap((file) => readFileSync(new URL(file, folder), "utf8").match(/(?<=^[A-Z]> ?).*$/gm) ?? [])
  .map((line) => line.replace(/\{(.)\*(\d+)\}/g, (_, letter: string, count: string) => letter.repeat(Number(count))))

export const names = ["ann", "bob", "cat", "dan", "Eve", "ANN", "bOb", "x".repeat(32), "nobody"] as const
export const ends = ["\n", "\n", "\n", "\r\n", "\r\0", "\r"] as const
const escapes = ["\u001b[2J", "\u009b31m", "\u202e", "\u2066", "\u2028", "\u0007", "\u007f", "\r", "\0", "\t"] as const
/** The bytes that keys send: to erase, to end the input, arrows, a function key, a paste's beginning, and half of those. */
const keys = [
  "\b",
  "\u007f",
  "\u007f\u007f\u007f",
  "\u0015",
  "\u0004",
  "\u001b[A",
  "\u001b[1;5D",
  "\u001bOP",
  "\u001b[200~",
  "\u001b",
  "\u001b[",
  "\u001bO",
  `\u001b[${"0".repeat(29)}`
] as const
const texts = ["hi", " two  spaces ", "né €", "😀", "\ufeff", "x".repeat(70), ...escapes] as const
const telnet = [
  "\xff\xff",
  "\xff\xf6",
  "\xff\xf4",
  "\xff\xf7",
  "\xff\xf8",
  "\xff\xf1",
  "\xff\xf2",
  "\xff\xfa\x18a\xff\xff\n\xff\xf0"
] as const
const fragments = [
  "JOIN",
  "MESG bob ",
  "BCST",
  "\r",
  "\n",
  "\0",
  "\xf2",
  "\xe2\x82",
  "\xc3",
  "\xed\xa0\x80",
  "\xff",
  "\b",
  "\x7f",
  "\xef\xbb\xbf"
] as const

const text = (random: Random): string => {
  const parts = random.some(3, () => (random.chance(20) ? random.pick(keys) : random.pick(texts)))
  // Nearly every text is said once only, so that a loss cannot hide behind another message.
  return random.chance(95) ? `${parts.join("")}#${random.fresh}` : parts.join("")
}

export const command = (random: Random): string => {
  switch (random.below(12)) {
    case 0:
    case 1:
      return `JOIN ${random.chance(85) ? random.pick(names) : text(random)}`
    case 2:
    case 3:
    case 4:
    case 5:
      return `MESG ${random.chance(95) ? random.pick(names) : text(random)} ${text(random)}`
    case 6:
    case 7:
      return `BCST ${text(random)}`
    case 8:
      return "LIST"
    case 9:
      return "PING"
    case 10:
      return random.chance(20) ? "QUIT" : "PING again"
    default:
      return random.pick([
        "",
        "  ",
        "ping",
        "MESG",
        "MESG  x",
        "MESG bob",
        "BCST ",
        "HELO",
        "x".repeat(200),
        text(random)
      ])
  }
}

const commands = (random: Random): Buffer =>
  Buffer.from(Array.from({ length: 1 + random.below(4) }, () => command(random) + random.pick(ends)).join(""))

const option = (random: Random): string => String.fromCharCode(0xff, 0xfb + random.below(4), random.below(256))

/** A subnegotiation that does not end, or just in time. */
const longSubnegotiation = (random: Random): string =>
  `\xff\xfa${"z".repeat(4092 + random.below(6))}${random.pick(["", "\xff", "\xff\xf0"])}`

/** A piece of telnet, of what a key sends, or of nothing in particular. */
const piece = (random: Random): Buffer => {
  if (random.chance(2)) return Buffer.from(longSubnegotiation(random), "latin1")
  return Buffer.from(
    random.pick([random.pick(telnet), option(random), random.pick(fragments), random.pick(keys)]),
    "latin1"
  )
}

/** Some bytes changed, lost, doubled, or put in. */
const mutated = (bytes: Buffer, random: Random): Buffer => {
  const at = random.below(bytes.length + 1)
  const put = piece(random)
  const kept = at + random.below(3)
  return Buffer.concat([bytes.subarray(0, at), random.chance(70) ? put : bytes.subarray(0, at), bytes.subarray(kept)])
}

const transcript = (random: Random): Buffer => {
  const start = random.below(typed.length)
  const lines = typed.slice(start, start + 1 + random.below(4)).map((line) => {
    const isMessage = line.startsWith("MESG ") || line.startsWith("BCST ")
    return (isMessage ? `${line}#${random.fresh}` : line) + random.pick(ends)
  })
  let bytes: Buffer = Buffer.from(lines.join(""))
  for (let times = random.below(3); times > 0; times--) bytes = mutated(bytes, random)
  return bytes
}

const noise = (random: Random): Buffer =>
  Buffer.concat(
    random.some(8, () => {
      if (random.chance(75)) return piece(random)
      return Buffer.from(random.some(12, () => random.below(256)))
    })
  )

/** Bytes, cut somewhere. */
export const cut = (bytes: Buffer, random: Random): ReadonlyArray<Buffer> => {
  const places = [0, ...random.some(3, () => random.below(bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place))
}

/** Some bytes, cut somewhere. */
export const chunks = (random: Random): ReadonlyArray<Buffer> => {
  const kind = random.below(10)
  return cut(kind < 7 ? commands(random) : kind < 9 ? transcript(random) : noise(random), random)
}
