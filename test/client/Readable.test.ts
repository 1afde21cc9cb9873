import { Readable } from "node:stream"
import { assert, describe, it } from "@effect/vitest"
import * as Chunk from "effect/Chunk"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Stream from "effect/Stream"
import { chunks } from "../../src/client/Readable.ts"

const text = (found: Chunk.Chunk<Uint8Array>) => Buffer.concat(Chunk.toReadonlyArray(found)).toString()
const collected = (readable: Readable) =>
  Effect.map(Stream.runCollect(chunks(readable, ({ message }) => message)), text)

describe("the chunks of a readable", () => {
  it.live("are all that comes, to its end", () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* collected(Readable.from([Buffer.from("a"), Buffer.from("b")], { objectMode: false })),
        "ab"
      )
      assert.strictEqual(yield* collected(Readable.from([], { objectMode: false })), "")
    })
  )

  it.live("are followed by its error", () =>
    Effect.gen(function* () {
      const broken = new Readable({
        read() {
          this.destroy(new Error("it broke"))
        }
      })
      assert.strictEqual(yield* Effect.flip(collected(broken)), "it broke")
    })
  )

  it.live("end when it is destroyed, before and while they are awaited", () =>
    Effect.gen(function* () {
      const destroyed = new Readable({ read() {} })
      destroyed.destroy()
      assert.strictEqual(yield* collected(destroyed), "")
      const silent = new Readable({ read() {} })
      const waiting = yield* Effect.fork(collected(silent))
      yield* Effect.yieldNow()
      silent.destroy()
      assert.strictEqual(yield* Fiber.join(waiting), "")
    })
  )

  it.live("are not taken before they are asked for", () =>
    Effect.gen(function* () {
      const endless = new Readable({
        read(size) {
          this.push(Buffer.alloc(size))
        }
      })
      const taken = yield* chunks(endless, String).pipe(Stream.take(3), Stream.runCollect)
      assert.strictEqual(taken.length, 3)
      assert.isAtMost(endless.readableLength, 2 * endless.readableHighWaterMark)
      endless.destroy()
    })
  )
})
