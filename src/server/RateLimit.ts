/** How fast a client is heard: what it sends faster waits, unread. */
import type * as Effect from "effect/Effect"
import type { Item } from "../protocol/LineDecoder.ts"
import type { TokenBucket } from "./TokenBucket.ts"

/** Telnet's chatter is no request. */
export const isRequest = (item: Item): boolean => typeof item === "string" || item._tag === "TooLong"

const isQuit = (item: Item): boolean => typeof item === "string" && (item === "QUIT" || item.startsWith("QUIT "))

/** A token for a request, but nobody is kept from leaving. */
const costOf = (item: Item): number => (isRequest(item) && !isQuit(item) ? 1 : 0)

/** One client's. */
export class Pace {
  private readonly bucket: TokenBucket

  constructor(bucket: TokenBucket) {
    this.bucket = bucket
  }

  /** The index of the first item, from `from` on, whose turn has not come yet. */
  reach(items: ReadonlyArray<Item>, from: number): number {
    let left = this.bucket.tokens
    for (let index = from; index < items.length; index++) {
      left -= costOf(items[index] as Item)
      if (left < 0) return index
    }
    return items.length
  }

  /** The items from `from` up to `end` have been dealt with. */
  pay(items: ReadonlyArray<Item>, from: number, end: number): void {
    for (let index = from; index < end; index++) this.bucket.take(costOf(items[index] as Item))
  }

  /** Waits for the turn of one more. */
  get turn(): Effect.Effect<void> {
    return this.bucket.refilled
  }
}
