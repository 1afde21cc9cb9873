/** Parsers of typed values. Each gives the value, or words for what it must be. */
import * as Fs from "node:fs"
import { BlockList } from "node:net"
import * as Duration from "effect/Duration"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { codeOf } from "../ErrorText.ts"
import { LONGEST_HOURS } from "../LimitValues.ts"
import * as IpAddress from "../net/IpAddress.ts"
import { byteLength, clean } from "../protocol/Text.ts"

/** The message for a value that cannot be parsed. */
export const mustBe = (name: string, must: string, value: unknown): string =>
  `${name} must be ${must}, not ${typeof value === "number" ? value : JSON.stringify(value)}`

export const wholeNumber = (text: string, least: number, most: number): Either.Either<number, string> =>
  /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most
    ? Either.right(Number(text))
    : Either.left(`a whole number from ${least} to ${most}`)

/** 0 stands for any free port. */
export const port = (text: string): Either.Either<number, string> => wholeNumber(text, 0, 65535)

const bytesIn = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 }

/** `4096`, `64k`, `1M`, `1MiB`: units are powers of 1024. `1MB` is refused: to some it means a million. */
export const size = (text: string, most: number): Either.Either<number, string> => {
  const match = /^(\d{1,12})(?:([kmg])(?:ib?)?)?$/i.exec(text)
  const unit = match?.[2]?.toLowerCase() as keyof typeof bytesIn | undefined
  const bytes = match === null ? Number.NaN : Number(match[1]) * (unit === undefined ? 1 : bytesIn[unit])
  return bytes >= 1 && bytes <= most
    ? Either.right(bytes)
    : Either.left(`a number of bytes like 4096, 64k or 1MiB (from 1 to ${most / bytesIn.m}MiB)`)
}

const units = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** A duration of 0 is a bad value, turns the limit off, or is no time at all. */
export type Zero = "refused" | "off" | "none"

const zeros: { readonly [Meaning in Zero]: string } = { refused: "", off: ", or 0 for off", none: ", or 0" }

/** `500ms`, `5s`, `2m`, `1h`; a plain number is seconds. An infinite duration is off. */
export const duration = (text: string, zero: Zero): Either.Either<Duration.Duration, string> => {
  const match = /^(\d{1,10}(?:\.\d{1,3})?)(ms|s|m|h)?$/.exec(text)
  const millis = match === null ? Number.NaN : Number(match[1]) * units[(match[2] ?? "s") as keyof typeof units]
  if (millis === 0 && zero === "refused") return Either.left("longer than 0")
  if (millis === 0) return Either.right(zero === "off" ? Duration.infinity : Duration.zero)
  return millis > 0 && millis <= LONGEST_HOURS * units.h
    ? Either.right(Duration.millis(millis))
    : Either.left(`a duration like 500ms, 5s, 2m or 1h (at most ${LONGEST_HOURS}h)${zeros[zero]}`)
}

/** Writes a duration so that `duration` reads it back. */
export const written = (value: Duration.Duration): string => {
  if (!Duration.isFinite(value)) return "0"
  const millis = Duration.toMillis(value)
  if (millis === 0) return "0"
  const unit = (["h", "m", "s"] as const).find((unit) => millis % units[unit] === 0) ?? "ms"
  return `${millis / units[unit]}${unit}`
}

const MOTD_LINES = 64
const MOTD_BYTES = 8 * 1024

/** The text of a file, or what to give in its place, with the reason why it cannot be read. */
const readFile = (path: string): Either.Either<string, string> =>
  Either.try({
    try: () => Fs.readFileSync(path, "utf8"),
    catch: (error) => `@ and the name of a file that can be read (${codeOf(error)})`
  })

/** Whether a file can be read once only: a pipe, as in --ops-token @<(pass show chat), or a terminal. */
export const isReadOnce = (path: string): boolean => {
  try {
    return !Fs.statSync(path).isFile()
  } catch {
    return false
  }
}

/** A message of the day, or `@` and the name of a file that has it: whole lines, clean. */
export const motd = (given: string): Either.Either<string, string> => {
  return Either.flatMap(given.startsWith("@") ? readFile(given.slice(1)) : Either.right(given), (text) => {
    const lines = text.replace(/\r?\n$/, "").split(/\r?\n/)
    const whole = lines.map((line) => `${clean(line)}\r\n`).join("")
    return lines.length > MOTD_LINES || byteLength(whole) > MOTD_BYTES
      ? Either.left(`a text of at most ${MOTD_LINES} lines and 8 KiB, or @ and the name of a file with one`)
      : Either.right(text === "" ? "" : whole)
  })
}

const TOKEN_LENGTH = 16

/** `@` and the name of a file that has a token. Other texts are refused: they can be seen in the list of processes. */
export const token = (given: string): Either.Either<Redacted.Redacted, string> => {
  if (!given.startsWith("@")) return Either.left("@ and the name of a file that can be read")
  return Either.flatMap(readFile(given.slice(1)), (line) => {
    const text = line.replace(/\r?\n$/, "")
    return text.length >= TOKEN_LENGTH && /^[!-~]+$/.test(text)
      ? Either.right(Redacted.make(text))
      : Either.left(`@ and the name of a file with at least ${TOKEN_LENGTH} ASCII characters and no spaces`)
  })
}

/** Addresses and networks (`10.0.0.0/8`), separated by commas. */
export const networks = (text: string): Either.Either<BlockList, string> => {
  const list = new BlockList()
  for (const item of text.split(",").map((item) => item.trim())) {
    const [, address = "", prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(item) ?? []
    const bytes = IpAddress.parse(address)
    const bits = prefix === undefined ? 8 * (bytes?.length ?? 0) : Number(prefix)
    if (bytes === undefined || bits > 8 * bytes.length) {
      return Either.left("addresses or networks like 10.0.0.0/8, separated by commas")
    }
    list.addSubnet(address, bits, bytes.length === 4 ? "ipv4" : "ipv6")
  }
  return Either.right(list)
}
