import * as Net from "node:net"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { FlushQueue } from "../../src/connection/FlushQueue.ts"
import { Limits, WRITE_BYTES } from "../../src/Limits.ts"
import * as Peer from "../../src/net/Peer.ts"
import { SocketConnection } from "../../src/transports/SocketConnection.ts"

/** A socket that takes whole slices at once, as a kernel with room does, and keeps a shorter one until it is told to take it. */
class FillingSocket extends Net.Socket {
  private done: (() => void) | undefined
  private noticed: () => void = () => {}

  /** Succeeds when it has kept a slice. */
  readonly isFull = Effect.async<void>((resume) => {
    if (this.done !== undefined) return resume(Effect.void)
    this.noticed = () => resume(Effect.void)
  })

  override _write(text: string, _: BufferEncoding, done: () => void): void {
    if (text.length === WRITE_BYTES) done()
    else {
      this.done = done
      this.noticed()
    }
  }

  readonly drains = Effect.sync(() => this.done?.())
}

/** Callbacks of writes that are over have been called. */
const nextTick = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

describe("a connection over a socket", () => {
  it.scopedLive("counts a byte as sent when the socket has taken it, not when it has taken the slice before", () =>
    Effect.gen(function* () {
      const shared = { limits: yield* Limits, flushQueue: new FlushQueue(), handshake: undefined }
      const socket = new FillingSocket()
      const { outbox } = new SocketConnection(socket, Peer.unknown, shared, undefined)
      outbox.push("x".repeat(WRITE_BYTES + 1))
      yield* socket.isFull
      yield* nextTick
      assert.deepStrictEqual([outbox.sent, outbox.size], [WRITE_BYTES, 1])
      yield* socket.drains
      yield* nextTick
      assert.deepStrictEqual([outbox.sent, outbox.size], [WRITE_BYTES + 1, 0])
    }).pipe(Effect.provide(Limits.layer({})))
  )
})
