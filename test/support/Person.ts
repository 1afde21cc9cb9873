import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"

/** The connection was closed while a line was still expected. */
export class NothingMore extends Data.TaggedError("NothingMore")<{ readonly unfinished: string }> {}

/** Somebody at the other end of a connection, in memory or over TCP. */
export interface Person {
  /** The descriptor that the server knows this person by. */
  readonly fd: number
  /** Sends the line with its end. */
  readonly types: (line: string) => Effect.Effect<void>
  /** Sends just these bytes; a string is UTF-8. */
  readonly sends: (bytes: Uint8Array | string) => Effect.Effect<void>
  /** The next line, without its CR LF, waited for. */
  readonly hears: Effect.Effect<string, NothingMore>
  /** Ends what this person sends; what comes back can still be heard. */
  readonly hangsUp: Effect.Effect<void>
  /** Waits until the server has closed the connection; all lines that were not heard by then. */
  readonly isLeft: Effect.Effect<ReadonlyArray<string>>
}

/** What has arrived for a person: bytes in, whole lines out to whoever waits for them. */
export class Ear {
  /** Everything that ever arrived. */
  bytes: Buffer = Buffer.alloc(0)
  private heard = 0
  private isOver = false
  private readonly waiting: Array<() => void> = []

  receive(bytes: Uint8Array): void {
    this.bytes = Buffer.concat([this.bytes, bytes])
    this.tell()
  }

  end(): void {
    this.isOver = true
    this.tell()
  }

  /** The next line; undefined when it has not arrived yet, NothingMore when it never will. */
  next(): string | NothingMore | undefined {
    const end = this.bytes.indexOf("\r\n", this.heard)
    if (end < 0) {
      return this.isOver ? new NothingMore({ unfinished: this.bytes.toString("utf8", this.heard) }) : undefined
    }
    const line = this.bytes.toString("utf8", this.heard, end)
    this.heard = end + 2
    return line
  }

  /** Calls `f` once, when something new has arrived. */
  onNews(f: () => void): void {
    this.waiting.push(f)
  }

  private tell(): void {
    for (const f of this.waiting.splice(0)) f()
  }
}
