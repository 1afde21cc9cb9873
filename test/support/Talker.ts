import * as Effect from "effect/Effect"
import { assert } from "vitest"
import { isNews } from "./dialogue.ts"
import type { Person } from "./Person.ts"
import { looks } from "./waiting.ts"

/** Sends numbered messages to one recipient, one after the other, and knows of each whether it was accepted. */
export class Talker {
  readonly accepted: Array<number> = []
  readonly heard: Array<number> = []
  private readonly from: Person
  private readonly to: { readonly name: string; readonly person: Person }
  private sent = 0

  constructor(from: Person, to: { readonly name: string; readonly person: Person }) {
    this.from = from
    this.to = to
  }

  /** Goes on until so many more have been accepted, and `isOver`. */
  talks(count: number, isOver: () => boolean = () => true): Effect.Effect<void> {
    const most = this.accepted.length + count
    const counted = Effect.map(this.says, () => this.accepted.length)
    return Effect.asVoid(looks(`${most} messages to be accepted`, counted, (count) => count >= most && isOver()))
  }

  /** Sends one more. A PONG proves that it has been dealt with. */
  private readonly says = Effect.gen(this, function* () {
    const number = ++this.sent
    yield* this.from.types(`MESG ${this.to.name} ${number}\nPING`)
    let isRefused = false
    for (;;) {
      const line = yield* Effect.orDie(this.from.hears)
      if (line === "PONG") break
      if (isNews(line)) continue
      assert.strictEqual(line, "Room Unavailable. MESG Discarded.")
      isRefused = true
    }
    // In memory a refusal takes no turn of the event loop.
    if (isRefused) yield* Effect.sleep("10 millis")
    else this.accepted.push(number)
  })

  /** The recipient hears everything up to the last message that was accepted. */
  readonly isHeard: Effect.Effect<void> = Effect.gen(this, function* () {
    const last = this.accepted[this.accepted.length - 1] ?? 0
    while ((this.heard[this.heard.length - 1] ?? 0) < last) {
      const line = yield* Effect.orDie(this.to.person.hears)
      if (isNews(line)) continue
      const number = Number(/^FROM \w+: (\d+)$/.exec(line)?.[1])
      assert.isAbove(number, this.heard[this.heard.length - 1] ?? 0, "each once, in order")
      this.heard.push(number)
    }
  })

  /** Messages that were accepted and not heard, as indexes of those that were accepted. */
  get lost(): ReadonlyArray<number> {
    const heard = new Set(this.heard)
    return this.accepted.flatMap((number, index) => (heard.has(number) ? [] : [index]))
  }
}
