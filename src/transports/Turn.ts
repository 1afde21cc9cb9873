/** A turn of the event loop. */

/** Who has something to write at its end. */
export interface Writer {
  readonly flush: () => void
}

/**
 * Collects the connections that have something to write, until the event loop has handled all sockets that were
 * readable; then each writes once. It is what makes many small messages cheap: a write costs 3 us, an append 0.1.
 */
export class Turn {
  private queue: Array<Writer> = []

  add(writer: Writer): void {
    if (this.queue.push(writer) === 1) setImmediate(this.flush)
  }

  private readonly flush = (): void => {
    const queue = this.queue
    this.queue = []
    for (const writer of queue) writer.flush()
  }
}
