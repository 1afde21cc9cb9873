/** The flood limit of one client: lines beyond the rate stay unread in the kernel. */
import type * as Effect from "effect/Effect"
import { type Command, isRequest } from "../protocol/Command.ts"
import type { TokenBucket } from "./TokenBucket.ts"

/** A token for a request. QUIT is free: nobody is kept from leaving. */
const costOf = (command: Command): number => (isRequest(command) && command._tag !== "Quit" ? 1 : 0)

export class RateLimit {
  private readonly bucket: TokenBucket

  constructor(bucket: TokenBucket) {
    this.bucket = bucket
  }

  /** Index of the first command, from `from` on, that has to wait for a token. */
  allowed(commands: ReadonlyArray<Command>, from: number): number {
    let left = this.bucket.tokens
    for (let index = from; index < commands.length; index++) {
      left -= costOf(commands[index] as Command)
      if (left < 0) return index
    }
    return commands.length
  }

  /** Takes the tokens of the commands from `from` up to `end`. */
  consume(commands: ReadonlyArray<Command>, from: number, end: number): void {
    for (let index = from; index < end; index++) this.bucket.take(costOf(commands[index] as Command))
  }

  /** Waits until there is a token. */
  get refilled(): Effect.Effect<void> {
    return this.bucket.refilled
  }
}
