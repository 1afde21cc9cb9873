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
  private number = 0
  private isScheduled = false

  /** The number of this turn, to know it by. */
  get current(): number {
    this.schedule()
    return this.number
  }

  add(writer: Writer): void {
    this.queue.push(writer)
    this.schedule()
  }

  private schedule(): void {
    if (this.isScheduled) return
    this.isScheduled = true
    setImmediate(this.end)
  }

  private readonly end = (): void => {
    const queue = this.queue
    this.queue = []
    this.isScheduled = false
    this.number++
    for (const writer of queue) writer.flush()
  }
}
