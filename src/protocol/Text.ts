/** Decoding text from the wire, and cleaning it for display. */

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** Decodes UTF-8. Each maximal invalid part becomes one U+FFFD (WHATWG); U+FEFF is kept. */
export const decode = (bytes: Uint8Array): string => utf8.decode(bytes)

/** How many bytes have to follow this one; none follows a byte that begins no character. */
const followers = (byte: number): number => {
  if (byte < 0xc2 || byte > 0xf4) return 0
  if (byte < 0xe0) return 1
  return byte < 0xf0 ? 2 : 3
}

/** Whether a character that begins with `first` can go on with `second`. */
const canFollow = (first: number, second: number): boolean => {
  if (first === 0xe0) return second >= 0xa0
  if (first === 0xed) return second < 0xa0
  if (first === 0xf0) return second >= 0x90
  return first !== 0xf4 || second < 0x90
}

/**
 * Where the last character of the first `length` bytes begins. What `decode` makes one U+FFFD of is one character, so an
 * unfinished one is too. `length` is at least 1.
 */
export const lastCharacter = (bytes: Uint8Array, length: number): number => {
  const last = length - 1
  let start = last
  while (start > 0 && last - start < 3 && ((bytes[start] as number) & 0xc0) === 0x80) start--
  const first = bytes[start] as number
  const isOne = last - start <= followers(first) && canFollow(first, bytes[start + 1] as number)
  return isOne ? start : last
}

const encoder = new TextEncoder()

/**
 * A copy in memory of its own. V8 keeps a slice's whole parent string alive, here a read of up to 64 KiB, so text that
 * outlives its read must be copied.
 */
export const detached = (text: string): string => utf8.decode(encoder.encode(text))

/**
 * Characters that could control a terminal, forge a line or reorder text: C0 except TAB, DEL, C1, line and paragraph
 * separators, bidirectional embeddings, overrides and isolates.
 */
const unshowable = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

/** The text without the characters that could control a terminal. */
export const clean = (text: string): string => text.replace(unshowable, "")

/** The text as one line for a person who has to see all of it: such a character is written as JSON does, as an escape. */
export const escaped = (text: string): string =>
  text.replace(unshowable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** The first `count` code points. A surrogate pair is never split. */
export const take = (text: string, count: number): string =>
  text.length <= count
    ? text
    : Array.from(text.slice(0, 2 * count))
        .slice(0, count)
        .join("")

const ascii = /^[\u0000-\u007f]*$/

/** Whether the text has the same bytes in Latin-1 and in UTF-8. */
export const isAscii = (text: string): boolean => ascii.test(text)

/** The number of line ends. */
export const countLines = (text: string): number => {
  let count = 0
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++
  return count
}

/** Length in bytes as UTF-8. Equal to `text.length` exactly when the text is ASCII. */
export const byteLength = (text: string): number => {
  let bytes = text.length
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit < 0x80) continue
    // A surrogate pair is two units and four bytes; any other unit from U+0800 up is three bytes.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return bytes
}
