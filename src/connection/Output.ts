/** Output on its way to one client's socket. */
import * as MutableList from "effect/MutableList"
import { byteLength, detached, isAscii } from "../protocol/Text.ts"

/** A stretch of output. Each character is one byte (`latin1`), or the text is to be written as UTF-8. */
export interface Segment {
  text: string
  latin1: boolean
}

interface Stretch extends Segment {
  /** Messages, which a RECLAIM moves to another connection. */
  readonly isRelayed: boolean
  /** A part has been taken. Nothing is added to the rest: V8 would copy all of it to take the next part. */
  isCut: boolean
}

export const sizeOf = ({ latin1, text }: Segment): number => (latin1 ? text.length : byteLength(text))

/** Where the last line ends that ends within `limit`, or the first if none does. */
const endOfLine = (text: string, limit: number): number =>
  text.lastIndexOf("\n", limit - 1) + 1 || text.indexOf("\n", limit) + 1 || text.length

/**
 * Text that waits for the socket, in order, and how many bytes of it the kernel does not have yet. It has no limit: its outbox
 * has. Consecutive texts of one kind are one stretch, so that one write takes many lines.
 *
 * A small machine of mutable fields, like the outbox around it.
 */
export class Output {
  /** No array: once it has 16,000 elements, taking the first of them moves all others. */
  private readonly stretches = MutableList.empty<Stretch>()
  /** The socket has taken the first part of a line, and not yet the rest. */
  private isMidLine = false
  /** Bytes appended that the kernel does not have yet. */
  private bytes = 0
  /** Those of them that the socket has taken. */
  private taken = 0
  private released = 0

  /** Bytes that the kernel does not have yet. */
  get size(): number {
    return this.bytes
  }

  /** Bytes that the kernel has had so far. */
  get sent(): number {
    return this.released
  }

  /** Whether a segment is with the socket, which has to release it before it takes the next. */
  get isTaking(): boolean {
    return this.taken > 0
  }

  append(added: string, latin1: boolean, bytes: number, isRelayed: boolean): void {
    // While the socket takes nothing, the text stays, and must not keep alive the chunk that it was cut from.
    const text = this.taken > 0 ? detached(added) : added
    const last = MutableList.tail(this.stretches)
    if (
      last !== undefined &&
      !last.isCut &&
      last.isRelayed === isRelayed &&
      (last.latin1 === latin1 || isAscii(latin1 ? text : last.text))
    ) {
      last.text += text
      last.latin1 &&= latin1
    } else MutableList.append(this.stretches, { text, latin1, isRelayed, isCut: false })
    this.bytes += bytes
  }

  /**
   * Takes the next output for the socket, at most about `limit` bytes; undefined when there is none. With `isWhole` it
   * ends where a line ends, and is longer than the limit if its first line is.
   */
  take(limit: number, isWhole: boolean): Segment | undefined {
    const { stretches } = this
    const first = MutableList.head(stretches)
    if (first === undefined) return undefined
    if (first.text.length <= limit) {
      MutableList.shift(stretches)
      for (let next = MutableList.head(stretches); next !== undefined; next = MutableList.head(stretches)) {
        if (next.latin1 !== first.latin1 || first.text.length + next.text.length > limit) break
        first.text += next.text
        MutableList.shift(stretches)
      }
      this.isMidLine = false
      this.taken = sizeOf(first)
      return first
    }
    const splitsPair = !first.latin1 && (first.text.charCodeAt(limit - 1) & 0xfc00) === 0xd800
    const end = isWhole ? endOfLine(first.text, limit) : splitsPair ? limit + 1 : limit
    const slice = { text: first.text.slice(0, end), latin1: first.latin1 }
    first.text = first.text.slice(slice.text.length)
    first.isCut = true
    if (first.text === "") MutableList.shift(stretches)
    this.isMidLine = !slice.text.endsWith("\n")
    this.taken = sizeOf(slice)
    return slice
  }

  /** The kernel has what was taken last. */
  release(): void {
    this.bytes -= this.taken
    this.released += this.taken
    this.taken = 0
  }

  /** Removes the whole messages that the socket has not taken, and gives each stretch of them to `f`. Replies stay. */
  removeMessages(f: (text: string, latin1: boolean, bytes: number) => void): void {
    const stretches = Array.from(this.stretches)
    MutableList.reset(this.stretches)
    for (const [index, stretch] of stretches.entries()) {
      const begun = index === 0 && this.isMidLine ? stretch.text.indexOf("\n") + 1 || stretch.text.length : 0
      const kept = { ...stretch, text: stretch.isRelayed ? stretch.text.slice(0, begun) : stretch.text }
      const moved = { ...stretch, text: stretch.text.slice(kept.text.length) }
      if (kept.text !== "") MutableList.append(this.stretches, kept)
      if (moved.text === "") continue
      this.bytes -= sizeOf(moved)
      f(moved.text, moved.latin1, sizeOf(moved))
    }
  }

  clear(): void {
    MutableList.reset(this.stretches)
    this.bytes = 0
    this.taken = 0
  }
}
