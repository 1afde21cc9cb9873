/** Lines from bytes, of a length that is bounded. */
import { UnfinishedLine } from "../protocol/UnfinishedLine.ts"

/** Longest line that is kept, in bytes. A server's --max-line is 4096 by default. */
const LINE_BYTES = 1024 * 1024

const LF = 0x0a

/** Cuts chunks into lines, each without its LF. It holds the unfinished line and nothing else. */
export class Lines {
  private readonly unfinished = new UnfinishedLine(LINE_BYTES)

  /** The lines that `bytes` complete, undefined for one that is too long. An unfinished line is copied. */
  push(bytes: Uint8Array): ReadonlyArray<string | undefined> {
    const lines: Array<string | undefined> = []
    let start = 0
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
      this.unfinished.add(bytes.subarray(start, end), 0)
      lines.push(this.taken())
      start = end + 1
    }
    if (start < bytes.length) this.unfinished.add(bytes.subarray(start), 0)
    else this.unfinished.release()
    return lines
  }

  /** The line that has no end, if there is one. */
  end(): ReadonlyArray<string | undefined> {
    return this.unfinished.isEmpty ? [] : [this.taken()]
  }

  private taken(): string | undefined {
    const line = this.unfinished.isTooLong ? undefined : this.unfinished.text
    this.unfinished.erase()
    return line
  }
}
