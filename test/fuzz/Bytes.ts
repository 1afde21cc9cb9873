/** What bytes mean, said a second time and slowly: the whole stream at once, a byte at a time, nothing shared with src. */

/** A line, a line over the limit, or what telnet is answered. */
export type Item = { readonly line: string } | { readonly answer: string } | "too long"

/** Telnet taken out: bytes of data, answers, and the wish to forget the unfinished line. */
type Token = number | { readonly answer: string } | "forget"

const MARK = 0xf2

const withoutTelnet = (bytes: Uint8Array): ReadonlyArray<Token> => {
  const tokens: Array<Token> = []
  let hasSpoken = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte !== 0xff) {
      // The mark after a Ctrl-C, whose IAC went another way: see below for where it means something.
      tokens.push(byte === MARK && hasSpoken ? -MARK : byte)
      continue
    }
    hasSpoken = true
    const command = bytes[++at]
    if (command === undefined) break
    if (command === 0xff) tokens.push(0xff)
    else if (command === 0xfa) {
      at++
      while (at < bytes.length && !(bytes[at] === 0xff && bytes[at + 1] === 0xf0)) at += bytes[at] === 0xff ? 2 : 1
      at++
    } else if (command >= 0xfb) {
      const option = bytes[++at]
      if (option === undefined) break
      if (command === 0xfd) tokens.push({ answer: String.fromCharCode(0xff, 0xfc, option) })
      if (command === 0xfb) tokens.push({ answer: String.fromCharCode(0xff, 0xfe, option) })
    } else if (command === 0xf3 || command === 0xf4) tokens.push("forget")
    else if (command === 0xf6) tokens.push({ answer: "[Yes]" })
    else if (command < 0xec) tokens.push(command)
  }
  return tokens
}

/** All that these bytes, the first of a connection, complete. */
export const itemsOf = (bytes: Uint8Array, maxLine: number): ReadonlyArray<Item> => {
  const items: Array<Item> = []
  let line: Array<number> = []
  const end = (terminator: number) => {
    const data = line.slice(0, line.length - terminator)
    if (data.length > maxLine) items.push("too long")
    else if (data.length > 0) items.push({ line: Buffer.from(data).toString("utf8") })
    line = []
  }
  for (const token of withoutTelnet(bytes)) {
    if (token === "forget") line = []
    else if (typeof token === "object") items.push(token)
    else if (token === 0x0a) end(line.at(-1) === 0x0d ? 1 : 0)
    else if (token === 0x00 && line.at(-1) === 0x0d) end(1)
    else if (token !== -MARK || line.length > 0) line.push(Math.abs(token))
  }
  return items
}

/** Whether a character may be shown to anybody. */
const isShowable = (character: string): boolean => {
  const code = character.codePointAt(0) ?? 0
  if (code === 0x09) return true
  if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return false
  return !((code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069))
}

export const cleaned = (text: string): string => [...text].filter(isShowable).join("")

/** A name as it may be shown. */
export const shownName = (name: string): string => [...cleaned(name)].slice(0, 32).join("")
