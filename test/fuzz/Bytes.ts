/** The meaning of bytes, told a second time and slowly: the whole stream at once, a byte at a time, nothing shared with src. */

/** A line, a line over the limit, or what telnet is answered. */
export type Item = { readonly line: string } | { readonly answer: string } | "too long"

type Answer = { readonly answer: string }

/** Telnet taken out: bytes of data, answers, what is to be erased, and what a mark may follow. */
type Token = number | Answer | "eraseCharacter" | "eraseLine" | "markMayFollow"

const MARK = 0xf2

/** So many bytes after its beginning a subnegotiation is over. */
const LONGEST = 4096

export const withoutTelnet = (bytes: Uint8Array): ReadonlyArray<Token> => {
  const tokens: Array<Token> = []
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0
    if (byte !== 0xff) {
      tokens.push(byte)
      continue
    }
    const command = bytes[++at]
    if (command === undefined) break
    if (command === 0xff) tokens.push(0xff)
    else if (command === 0xfa) {
      const last = at + LONGEST
      at++
      while (at < last && !(bytes[at] === 0xff && bytes[at + 1] === 0xf0)) at += bytes[at] === 0xff ? 2 : 1
      at = Math.min(at + 1, last)
    } else if (command >= 0xfb) {
      if (command === 0xfd) tokens.push("markMayFollow")
      const option = bytes[++at]
      if (option === undefined) break
      if (command === 0xfd) tokens.push({ answer: String.fromCharCode(0xff, 0xfc, option) })
      if (command === 0xfb) tokens.push({ answer: String.fromCharCode(0xff, 0xfe, option) })
    } else if (command === 0xf3 || command === 0xf4 || command === 0xf8) tokens.push("eraseLine", "markMayFollow")
    else if (command === 0xf7) tokens.push("eraseCharacter", "markMayFollow")
    else if (command === 0xf6) tokens.push({ answer: "[Yes]" })
    else tokens.push(command < 0xec ? command : "markMayFollow")
  }
  return tokens
}

/** Where the bytes of an escape sequence or a byte order mark end that may begin here; `from` if there is none. */
const removal = (tokens: ReadonlyArray<Token>, from: number): number => {
  const data: Array<number> = []
  const places: Array<number> = []
  for (let at = from; at < tokens.length && data.length < 32; at++) {
    const token = tokens[at]
    if (token === "eraseCharacter" || token === "eraseLine") break
    if (typeof token !== "number") continue
    data.push(token)
    places.push(at)
  }
  const text = String.fromCharCode(...data)
  const length = /^(?:\x1b(?:\[[ -?]*[@-~]?|O[ -~]?)?|\xef\xbb\xbf)/.exec(text)?.[0].length ?? 0
  return length > 0 ? (places[length - 1] ?? from) + 1 : from
}

/** Takes one character off the end: as few bytes as make what is left one character shorter. */
const shortened = (line: ReadonlyArray<number>): Array<number> => {
  const lengthOf = (bytes: ReadonlyArray<number>) => [...Buffer.from(bytes).toString("utf8")].length
  let left = line.slice(0, -1)
  while (left.length > 0 && lengthOf(left) === lengthOf(line)) left = left.slice(0, -1)
  return left
}

/** All that these bytes, the first of a connection, complete. */
export const itemsOf = (bytes: Uint8Array, maxLine: number): ReadonlyArray<Item> => {
  const items: Array<Item> = []
  const tokens = withoutTelnet(bytes)
  let line: Array<number> = []
  let isTooLong = false
  /** A Ctrl-C's mark, whose IAC went another way, means something once, where a line begins. */
  let markMayFollow = false
  let isFirst = true
  let afterCR = false

  const eraseLine = () => {
    line = []
    isTooLong = false
  }
  const eraseCharacter = () => {
    if (!isTooLong) line = shortened(line)
  }
  const end = () => {
    if (isTooLong) items.push("too long")
    else if (line.length > 0) items.push({ line: Buffer.from(line).toString("utf8") })
    eraseLine()
    markMayFollow = false
  }
  const act = (byte: number) => {
    if (byte === 0x0a || byte === 0x0d) end()
    else if (byte === 0x08 || byte === 0x7f) eraseCharacter()
    else if (byte === 0x15) eraseLine()
    else if (byte !== 0x04) {
      line.push(byte)
      isTooLong ||= line.length > maxLine
    }
  }
  /** Bytes of data before this place are part of something that is removed. */
  let removedUntil = 0
  for (const [at, token] of tokens.entries()) {
    if (token === "markMayFollow") markMayFollow = true
    else if (token === "eraseLine") eraseLine()
    else if (token === "eraseCharacter") eraseCharacter()
    else if (typeof token === "object") items.push(token)
    else if (at < removedUntil) continue
    else if (token === MARK && markMayFollow && line.length === 0) markMayFollow = false
    else {
      const isRestOfEnd = afterCR && (token === 0x0a || token === 0x00)
      if (token === 0x1b || (isFirst && token === 0xef)) removedUntil = removal(tokens, at)
      if (removedUntil <= at && !isRestOfEnd) act(token)
      isFirst = false
      afterCR = token === 0x0d
    }
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
