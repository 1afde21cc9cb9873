import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import { news } from "./waiting.ts"

/** The connection was closed while a line was still expected. */
export class NothingMore extends Data.TaggedError("NothingMore")<{ readonly unfinished: string }> {}

/** A test client, connected in memory or over TCP. */
export interface Person {
  /** The descriptor of the connection on the server. */
  readonly fd: number
  /** Sends a line; LF is added. */
  readonly types: (line: string) => Effect.Effect<void>
  /** Sends bytes as they are; a string is encoded as UTF-8. */
  readonly sends: (bytes: Uint8Array | string) => Effect.Effect<void>
  /** Waits for the next line, and returns it without CR LF. Fails when the connection closes first. */
  readonly hears: Effect.Effect<string, NothingMore>
  /** Closes the sending half. Lines can still be received. */
  readonly hangsUp: Effect.Effect<void>
  /** Waits until the server has closed the connection, and returns the lines not yet read. */
  readonly isLeft: Effect.Effect<ReadonlyArray<string>>
}

/** The last lines that a client shows when it waits for another in vain. */
const SHOWN = 20

/** Received bytes of a test client, read as lines. */
export class Ear {
  /** All bytes since the start of the connection. */
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

  /** The next line; undefined while it is incomplete, NothingMore if the connection closed before its end. */
  next(): string | NothingMore | undefined {
    const end = this.bytes.indexOf("\r\n", this.heard)
    if (end < 0) {
      return this.isOver ? new NothingMore({ unfinished: this.bytes.toString("utf8", this.heard) }) : undefined
    }
    const line = this.bytes.toString("utf8", this.heard, end)
    this.heard = end + 2
    return line
  }

  /** Waits until bytes arrive or the connection closes. */
  get news(): Effect.Effect<void> {
    return news(
      (f) => this.waiting.push(f),
      "a line",
      () => `all that came: ${JSON.stringify(this.bytes.toString().split("\r\n").slice(-SHOWN))}`
    )
  }

  private tell(): void {
    for (const f of this.waiting.splice(0)) f()
  }
}
