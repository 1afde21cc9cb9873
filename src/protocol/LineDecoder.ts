/** Typed commands from the bytes of one connection. */
import { type Telnet as TelnetAnswer, type TooLong, tooLong } from "./Command.ts"
import { EscapeSequence } from "./EscapeSequence.ts"
import { plainLineEnds } from "./PlainScan.ts"
import { ANSWER, ERASE_CHARACTER, NOTHING, Telnet } from "./Telnet.ts"
import { decode } from "./Text.ts"
import { UnfinishedLine } from "./UnfinishedLine.ts"

const NUL = 0x00
const EOT = 0x04
const BS = 0x08
const LF = 0x0a
const CR = 0x0d
const NAK = 0x15
const ESC = 0x1b
const DEL = 0x7f
const DATA_MARK = 242
const IAC = 255

const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf)

/** The kind of each byte outside any sequence: 0 for printable ASCII, 1 for other data, 2 for a byte with an effect. */
const kinds = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= 0x20 && byte <= 0x7e ? 0 : 1))
const ACTS = 2
for (const byte of [EOT, BS, LF, CR, NAK, ESC, DEL, DATA_MARK, IAC]) kinds[byte] = ACTS

/** A parsed line, or an item that stands in the place of a line. */
export type Decoded<A> = A | TooLong | TelnetAnswer

const none: ReadonlyArray<never> = []

/**
 * Decodes a byte stream into lines, and each line with `parse`, which is also told whether the line is printable ASCII. A
 * line has at most `maxLine` bytes and ends with LF, CR LF, CR NUL or CR. Editing keys are applied to it; telnet and escape
 * sequences, and a byte order mark before the first line, are removed; empty lines are skipped. The decoder holds the
 * unfinished line and nothing else, so no input makes it grow past that.
 */
export class LineDecoder<A> {
  private readonly parse: (line: string, isPlain: boolean) => A
  private readonly maxLine: number
  private readonly line: UnfinishedLine
  /** How much of a byte order mark the connection has begun with; all of it when the beginning is over. */
  private markLength = 0
  /** The last byte was a CR, which has ended its line. An LF or NUL that comes now belongs to it. */
  private afterCR = false
  /** The escape sequence that has begun and is not over. */
  private escape: EscapeSequence | undefined
  /** Absent until the client says its first IAC: most never do. */
  private telnet: Telnet | undefined

  constructor(maxLine: number, parse: (line: string, isPlain: boolean) => A) {
    this.maxLine = maxLine
    this.parse = parse
    this.line = new UnfinishedLine(maxLine)
  }

  /** The commands that `bytes` complete, in order. An unfinished line is copied: `bytes` is not kept. */
  push(bytes: Uint8Array): ReadonlyArray<Decoded<A>> {
    // Nearly every connection begins with a letter: let that be known before the fast path is chosen.
    if (this.markLength === 0 && this.telnet === undefined && (bytes[0] ?? IAC) <= DEL) this.endBeginning()
    if (this.isBetweenSequences && !this.line.isTooLong) {
      const ends = plainLineEnds(bytes)
      if (ends !== undefined) return this.pushPlain(bytes, ends)
    }
    return this.pushBytes(bytes)
  }

  /** No sequence has begun that the next byte could belong to: no CR LF, escape, byte order mark or telnet command. */
  private get isBetweenSequences(): boolean {
    return (
      !this.afterCR &&
      this.escape === undefined &&
      this.markLength === BYTE_ORDER_MARK.length &&
      (this.telnet === undefined || this.telnet.isIdle)
    )
  }

  /** The fast path, for chunks of printable ASCII: one decoding, then slices of it. */
  private pushPlain(bytes: Uint8Array, ends: ReadonlyArray<number>): ReadonlyArray<Decoded<A>> {
    const { line } = this
    const last = ends[ends.length - 1]
    if (last === undefined) {
      line.add(bytes, 0)
      return none
    }
    const commands: Array<Decoded<A>> = []
    const text = decode(last + 1 === bytes.length ? bytes : bytes.subarray(0, last + 1))
    let start = 0
    for (const end of ends) {
      const stop = end > start && bytes[end - 1] === CR ? end - 1 : end
      if (line.length > 0) {
        const isTooLong = line.length + stop - start > this.maxLine
        commands.push(isTooLong ? tooLong : this.parse(line.text + text.slice(start, stop), line.isPlain))
        line.erase()
      } else if (stop - start > this.maxLine) commands.push(tooLong)
      else if (stop > start) commands.push(this.parse(text.slice(start, stop), true))
      start = end + 1
    }
    if (this.telnet !== undefined) this.telnet.expectsMark = false
    line.release()
    if (start < bytes.length) line.add(bytes.subarray(start), 0)
    return commands
  }

  /** The general path: whatever is no plain text, byte by byte. */
  private pushBytes(bytes: Uint8Array): ReadonlyArray<Decoded<A>> {
    const commands: Array<Decoded<A>> = []
    let index = 0
    while (index < bytes.length) {
      if (this.isBetweenSequences) {
        // A run of data is added in one copy, up to the first byte that does something.
        const start = index
        let unprintable = 0
        for (; index < bytes.length; index++) {
          const kind = kinds[bytes[index] as number] as number
          if (kind === ACTS) break
          unprintable += kind
        }
        if (index > start) this.line.add(bytes.subarray(start, index), unprintable)
        if (index === bytes.length) break
      }
      this.take(bytes[index++] as number, commands)
    }
    this.line.release()
    return commands
  }

  private take(byte: number, commands: Array<Decoded<A>>): void {
    if (byte === IAC || this.telnet?.isIdle === false) {
      this.telnet ??= new Telnet()
      const data = this.telnet.step(byte)
      if (data >= 0) this.takeData(data, commands)
      else if (data === ANSWER) commands.push({ _tag: "Telnet", answer: this.telnet.answer })
      else if (data !== NOTHING) this.takeErasure(data)
    } else if (byte === DATA_MARK && this.telnet?.expectsMark === true && this.isAtStart) {
      // The mark that a Ctrl-C sends after its IAC, which went out of band as urgent data.
      this.telnet.expectsMark = false
      this.escape = undefined
    } else this.takeData(byte, commands)
  }

  /** Whether the line is empty. What may be a byte order mark is held back, but counts. */
  private get isAtStart(): boolean {
    return this.line.isEmpty && this.markLength % BYTE_ORDER_MARK.length === 0
  }

  /** Erases what a telnet command says. Like a key, it ends an escape sequence and what looked like a byte order mark. */
  private takeErasure(command: number): void {
    this.escape = undefined
    if (this.markLength > 0) this.endBeginning()
    if (command === ERASE_CHARACTER) this.line.eraseCharacter()
    else this.line.erase()
  }

  /** Takes a byte that is no telnet. */
  private takeData(byte: number, commands: Array<Decoded<A>>): void {
    if (this.afterCR) {
      this.afterCR = false
      if (byte === LF || byte === NUL) return
    }
    if (this.markLength < BYTE_ORDER_MARK.length) {
      if (byte === BYTE_ORDER_MARK[this.markLength]) {
        this.markLength++
        return
      }
      this.endBeginning()
    }
    if (this.escape !== undefined) {
      const isTaken = this.escape.takes(byte)
      if (!isTaken || this.escape.isOver) this.escape = undefined
      if (isTaken) return
    }
    switch (byte) {
      case CR:
        this.afterCR = true
        this.complete(commands)
        break
      case LF:
        this.complete(commands)
        break
      case BS:
      case DEL:
        this.line.eraseCharacter()
        break
      case NAK:
        this.line.erase()
        break
      case ESC:
        this.escape = new EscapeSequence()
        break
      case EOT:
        break
      default:
        this.line.add(Uint8Array.of(byte), kinds[byte] === 0 ? 0 : 1)
    }
  }

  /** The connection has not begun with a byte order mark: what looked like one is data. */
  private endBeginning(): void {
    const seen = this.markLength % BYTE_ORDER_MARK.length
    if (seen > 0) this.line.add(BYTE_ORDER_MARK.subarray(0, seen), seen)
    this.markLength = BYTE_ORDER_MARK.length
  }

  private complete(commands: Array<Decoded<A>>): void {
    const { line } = this
    if (line.isTooLong) commands.push(tooLong)
    else if (line.length > 0) commands.push(this.parse(line.text, line.isPlain))
    line.erase()
    if (this.telnet !== undefined) this.telnet.expectsMark = false
  }
}
