/** The notices for somebody who WATCHes. */

export interface Notice {
  readonly text: string
  /** Whose coming or leaving it is. */
  readonly source: number
  readonly name: string
  readonly isLeft: boolean
  /** The quiet point after which it happened. */
  readonly epoch: number
  /** It has to be heard. */
  readonly isSure: boolean
}

export class Notices {
  private pending: ReadonlyArray<Notice> = []

  add(notice: Notice): void {
    this.pending = [...this.pending, notice]
  }

  /**
   * The notice that this line is, if it may come now. A leaving line is written before the seat is given back: in between,
   * other things may happen in the room, and are told first.
   */
  takes(line: string): Notice | undefined {
    const isOvertaken = (notice: Notice, by: Notice) =>
      notice.isLeft && notice.epoch === by.epoch && notice.name !== by.name
    const at = this.pending.findIndex(
      (found, index) =>
        found.text === line &&
        this.pending.slice(0, index).every((before) => !before.isSure || isOvertaken(before, found))
    )
    const found = this.pending[at]
    if (found === undefined) return undefined
    this.pending = [
      ...this.pending.slice(0, at).filter((before) => isOvertaken(before, found)),
      ...this.pending.slice(at + 1)
    ]
    // It may have been a later one that says the same.
    if (!found.isSure) this.loosen(({ text }) => text === line)
    return found
  }

  /** Somebody speaks: whether the notice of its coming is still to be heard. It cannot be heard later. */
  isUnannounced(source: number): boolean {
    const isComing = (notice: Notice) => !notice.isLeft && notice.source === source
    const isLate = this.pending.some((notice) => isComing(notice) && notice.isSure)
    this.pending = this.pending.filter((notice) => !isComing(notice))
    return isLate
  }

  /** Notices from this quiet point on may be missing. */
  loosen(which: (notice: Notice) => boolean = () => true): void {
    this.pending = this.pending.map((notice) => (which(notice) ? { ...notice, isSure: false } : notice))
  }

  /** A notice that has not been heard by now, and did not have to be, will not be. */
  forget(): void {
    this.pending = this.pending.filter(({ isSure }) => isSure)
  }

  get missing(): string | undefined {
    return this.pending.find(({ isSure }) => isSure)?.text
  }

  /** Bytes of those that have to be heard, or of all. */
  bytes(all: boolean): number {
    return this.pending.reduce((sum, { isSure, text }) => (all || isSure ? sum + text.length + 2 : sum), 0)
  }
}
