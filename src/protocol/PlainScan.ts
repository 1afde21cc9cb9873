/**
 * A trick for speed: one pass over the bytes of a read finds its lines and proves that nothing in them needs care.
 * Nearly all reads are plain printable ASCII, and for them everything after this works on whole strings.
 */

const LF = 0x0a
const CR = 0x0d

/**
 * Where the LFs of `bytes` are, or undefined when there is anything but printable ASCII, LF and CR LF in them.
 * Looks at four bytes at a time: a word passes when none of its bytes is below 0x20 or above 0x7e.
 */
export const plainLineEnds = (bytes: Uint8Array): Array<number> | undefined => {
  const ends: Array<number> = []
  const length = bytes.length
  let index = 0
  if (length >= 32 && (bytes.byteOffset & 3) === 0) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, length >> 2)
    for (let at = 0; at < words.length; at++) {
      const word = words[at] as number
      const suspects = (((word - 0x20202020) & ~word) | (word + 0x01010101) | word) & 0x80808080
      if (suspects !== 0 && !plainBytes(bytes, at << 2, (at << 2) + 4, ends)) return undefined
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
