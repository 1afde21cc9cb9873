/** The messages from one sender to one recipient, counted exactly as they arrive. Costs no memory while all is in order. */
export class Stream {
  received = 0
  duplicated = 0
  reordered = 0
  /** All before this one have arrived. */
  next = 0
  highest = -1
  /** Those from `next` on that have arrived; undefined while there is none. */
  early

  take(number) {
    if (number < this.next || this.early?.has(number)) {
      this.duplicated++
      return false
    }
    this.received++
    if (number < this.highest) this.reordered++
    else this.highest = number
    if (number === this.next) this.next++
    else {
      this.early ??= new Set()
      this.early.add(number)
    }
    while (this.early?.delete(this.next)) this.next++
    if (this.early?.size === 0) this.early = undefined
    return true
  }
}
