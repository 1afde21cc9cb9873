/** The line that has not ended yet, and what editing keys do to it. */
import { decode, lastCharacter } from "./Text.ts"

/** Bytes of a line, at most `maxLength`. A line that goes over that is held no longer: only that it is too long is known. */
export class UnfinishedLine {
  private readonly maxLength: number
  /** The line is the first `length` bytes of this; undefined while nothing is held. */
  private held: Uint8Array | undefined
  /** How many of its bytes are not printable ASCII. */
  private unprintable = 0

  length = 0

  /** The line went over the limit. What is added is dropped, and no character can be erased, until all of it is. */
  isTooLong = false

  constructor(maxLength: number) {
    this.maxLength = maxLength
  }

  /** No byte of the line has come, or all are erased. */
  get isEmpty(): boolean {
    return this.length === 0 && !this.isTooLong
  }

  /** The line is printable ASCII. */
  get isPlain(): boolean {
    return this.unprintable === 0
  }

  get text(): string {
    return this.held === undefined ? "" : decode(this.held.subarray(0, this.length))
  }

  /** Adds a copy of these bytes, `unprintable` of which are not printable ASCII. */
  add(bytes: Uint8Array, unprintable: number): void {
    if (this.isTooLong) return
    const length = this.length + bytes.length
    if (length > this.maxLength) {
      this.erase()
      this.held = undefined
      this.isTooLong = true
      return
    }
    if (this.held === undefined || length > this.held.length) {
      const grown = new Uint8Array(Math.min(this.maxLength, Math.max(length, 2 * this.length)))
      if (this.held !== undefined) grown.set(this.held.subarray(0, this.length))
      this.held = grown
    }
    this.held.set(bytes, this.length)
    this.length = length
    this.unprintable += unprintable
  }

  /** Erases the last character, if there is one. A line that is too long stays so. */
  eraseCharacter(): void {
    if (this.held === undefined || this.length === 0) return
    const start = lastCharacter(this.held, this.length)
    const byte = this.held[start] ?? 0
    // No character has printable and other bytes.
    if (byte < 0x20 || byte > 0x7e) this.unprintable -= this.length - start
    this.length = start
  }

  /** Erases the whole line. */
  erase(): void {
    this.length = 0
    this.unprintable = 0
    this.isTooLong = false
  }

  /** Gives back the memory of an empty line. */
  release(): void {
    if (this.length === 0) this.held = undefined
  }
}
