/** Escape sequences, as terminals send them for arrow keys and around a paste. */

const CSI = 0x5b
const SS3 = 0x4f

/** A sequence has no more bytes than this, its ESC counted. */
const MOST = 32

const isPrintable = (byte: number): boolean => byte >= 0x20 && byte <= 0x7e

/**
 * One escape sequence after its ESC, a byte at a time: CSI is `[` up to a byte from 0x40 to 0x7e, SS3 is `O` and one byte.
 * Only printable ASCII belongs to either. Nothing is kept but how far the sequence has come.
 */
export class EscapeSequence {
  private introducer = 0
  private length = 1

  /** The last byte has come. */
  isOver = false

  /** Takes the next byte. False if the byte cannot belong to the sequence, which is over then. */
  takes(byte: number): boolean {
    if (this.length === MOST || !isPrintable(byte)) return false
    this.length++
    if (this.length === 2) {
      this.introducer = byte
      return byte === CSI || byte === SS3
    }
    this.isOver = this.introducer === SS3 || byte >= 0x40
    return true
  }
}
