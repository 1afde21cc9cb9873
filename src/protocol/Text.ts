/** Text as it comes from the wire and as it may be shown. */

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true })

/** UTF-8 to text. Each maximal invalid part becomes one U+FFFD (WHATWG); U+FEFF is kept. */
export const decode = (bytes: Uint8Array): string => utf8.decode(bytes)

const encoder = new TextEncoder()

/**
 * The same text in memory of its own. A slice keeps the whole text that it was cut from, here a read of up to 64 KiB;
 * what stays for longer than a read must not.
 */
export const detached = (text: string): string => utf8.decode(encoder.encode(text))

/**
 * What could drive a terminal, forge a line or reorder what is read: C0 but TAB, DEL, C1, the line and paragraph
 * separators, the direction overrides and the direction isolates.
 */
const unshowable = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g

/** The text without anything that could act on the terminal that shows it. */
export const clean = (text: string): string => text.replace(unshowable, "")

/** The first `count` code points: never half of a surrogate pair. */
export const take = (text: string, count: number): string =>
  text.length <= count
    ? text
    : Array.from(text.slice(0, 2 * count))
        .slice(0, count)
        .join("")

/** How many bytes the text is in UTF-8. Equal to its length exactly when it is all ASCII. */
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
