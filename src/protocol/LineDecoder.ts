/** Typed commands from the bytes of one connection. */
import { type Telnet as TelnetAnswer, type TooLong, tooLong } from "./Command.ts"
import { plainLineEnds } from "./PlainScan.ts"
import { ANSWER, FORGET, NOTHING, Telnet } from "./Telnet.ts"
import { decode } from "./Text.ts"

const IAC = 255
const DATA_MARK = 242
const LF = 0x0a
const CR = 0x0d
const NUL = 0x00

/** What a line is parsed to, or what stands in a line's place. */
export type Decoded<A> = A | TooLong | TelnetAnswer

const none: ReadonlyArray<never> = []

/**
 * Decodes a byte stream into lines, and each line with `parse`, which is also told whether the line is printable ASCII. A line has at most `maxLine` bytes and ends with LF, CR LF or
 * CR NUL; telnet sequences are removed and empty lines skipped. The decoder holds the unfinished line and nothing else, so
 * no input makes it grow past that.
 */
export class LineDecoder<A> {
  private readonly parse: (line: string, isPlain: boolean) => A
  private readonly maxLine: number
  /** The unfinished line is the first `length` bytes of this; undefined while there is none. */
  private held: Uint8Array | undefined
  private length = 0
  /** The unfinished line is printable ASCII. */
  private heldPlain = true
  /** The unfinished line is over the limit; what comes until its end is dropped. */
  private discarding = false
  /** The last byte was a CR that may yet prove to be half of a terminator. */
  private afterCR = false
  /** Absent until the client says its first IAC: most never do. */
  private telnet: Telnet | undefined

  constructor(maxLine: number, parse: (line: string, isPlain: boolean) => A) {
    this.maxLine = maxLine
    this.parse = parse
  }

  /** The commands that `bytes` complete, in order. An unfinished line is copied: `bytes` is not kept. */
  push(bytes: Uint8Array): ReadonlyArray<Decoded<A>> {
    if (this.heldPlain && !this.discarding && !this.afterCR && (this.telnet === undefined || this.telnet.isIdle)) {
      const ends = plainLineEnds(bytes)
      if (ends !== undefined) return this.pushPlain(bytes, ends)
    }
    return this.pushBytes(bytes)
  }

  /** The fast path, for chunks of printable ASCII: one decoding, then slices of it. */
  private pushPlain(bytes: Uint8Array, ends: ReadonlyArray<number>): ReadonlyArray<Decoded<A>> {
    const last = ends[ends.length - 1]
    if (last === undefined) {
      this.hold(bytes, true)
      return none
    }
    const commands: Array<Decoded<A>> = []
    const text = decode(last + 1 === bytes.length ? bytes : bytes.subarray(0, last + 1))
    let start = 0
    for (const end of ends) {
      const stop = end > start && bytes[end - 1] === CR ? end - 1 : end
      if (this.length > 0) {
        const isTooLong = this.length + stop - start > this.maxLine
        commands.push(isTooLong ? tooLong : this.parse(this.heldText() + text.slice(start, stop), true))
        this.length = 0
      } else if (stop - start > this.maxLine) commands.push(tooLong)
      else if (stop > start) commands.push(this.parse(text.slice(start, stop), true))
      start = end + 1
    }
    this.held = undefined
    if (this.telnet !== undefined) this.telnet.expectsMark = false
    if (start < bytes.length) this.hold(bytes.subarray(start), true)
    return commands
  }

  /** The general path, byte by byte: telnet, control characters, UTF-8, CR NUL, lines over the limit. */
  private pushBytes(bytes: Uint8Array): ReadonlyArray<Decoded<A>> {
    const commands: Array<Decoded<A>> = []
    let runStart = 0
    for (let index = 0; index < bytes.length; index++) {
      let byte = bytes[index] as number
      const isTelnet = byte === IAC || (this.telnet !== undefined && !this.telnet.isIdle)
      // A run of ordinary data is held in one copy, up to the first byte that means something.
      if (!isTelnet && !this.afterCR && byte !== LF && byte !== CR) {
        if (byte !== DATA_MARK || this.telnet?.expectsMark !== true || this.length > 0 || index > runStart) continue
        // The mark that a Ctrl-C sends after its IAC, which went out of band as urgent data.
        this.telnet.expectsMark = false
        runStart = index + 1
        continue
      }
      if (index > runStart) this.hold(bytes.subarray(runStart, index), false)
      runStart = index + 1
      if (isTelnet) {
        this.telnet ??= new Telnet()
        byte = this.telnet.step(byte)
        if (byte === NOTHING) continue
        if (byte === ANSWER) {
          commands.push({ _tag: "Telnet", answer: this.telnet.answer })
          continue
        }
        if (byte === FORGET) {
          this.forget()
          continue
        }
      }
      if (byte === LF || (byte === NUL && this.afterCR)) {
        this.complete(commands)
        continue
      }
      if (this.afterCR) this.hold(Uint8Array.of(CR), false)
      this.afterCR = byte === CR
      if (!this.afterCR) this.hold(Uint8Array.of(byte), false)
    }
    if (runStart < bytes.length) this.hold(bytes.subarray(runStart), false)
    if (this.length === 0) this.held = undefined
    return commands
  }

  private complete(commands: Array<Decoded<A>>): void {
    if (this.discarding) commands.push(tooLong)
    else if (this.length > 0) commands.push(this.parse(this.heldText(), false))
    if (this.telnet !== undefined) this.telnet.expectsMark = false
    this.forget()
  }

  private forget(): void {
    this.length = 0
    this.heldPlain = true
    this.discarding = false
    this.afterCR = false
  }

  private heldText(): string {
    return this.held === undefined ? "" : decode(this.held.subarray(0, this.length))
  }

  /** Adds to the unfinished line, which becomes one to discard when it grows past the limit. */
  private hold(bytes: Uint8Array, plain: boolean): void {
    if (this.discarding) return
    const length = this.length + bytes.length
    if (length > this.maxLine) {
      this.discarding = true
      this.length = 0
      this.held = undefined
      return
    }
    if (this.held === undefined || length > this.held.length) {
      const grown = new Uint8Array(Math.min(this.maxLine, Math.max(length, 2 * this.length)))
      if (this.held !== undefined) grown.set(this.held.subarray(0, this.length))
      this.held = grown
    }
    this.held.set(bytes, this.length)
    this.length = length
    this.heldPlain &&= plain
  }
}
