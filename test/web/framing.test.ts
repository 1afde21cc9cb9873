/** Messages in any frames, masks, fragments and packets. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import { dialWebSocket } from "../support/WebClient.ts"
import { overTcp } from "../support/World.ts"

const TEXT = 1
const CONTINUATION = 0
const PING = 9
const PONG = 10

/** A frame with a mask, in the shortest form of its length. */
const frame = (opcode: number, payload: Uint8Array, mask: Uint8Array, isLast: boolean): Buffer => {
  const { length } = payload
  const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff]
  const masked = payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0))
  return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode, ...size]), mask, masked])
}

const mask = FastCheck.uint8Array({ minLength: 4, maxLength: 4 })
const line = FastCheck.stringMatching(/^[a-z][a-z 0-9é👋]{0,199}$/u)
/** Lines of a message, where it is cut into fragments, and what comes between those. */
const message = FastCheck.record({
  lines: FastCheck.array(line, { minLength: 1, maxLength: 5 }),
  end: FastCheck.constantFrom("", "\n", "\r\n"),
  cuts: FastCheck.array(FastCheck.nat(400), { maxLength: 4 }),
  between: FastCheck.constantFrom(undefined, PING, PONG),
  mask
})
type Message = typeof message extends FastCheck.Arbitrary<infer A> ? A : never

const frames = ({ between, cuts, end, lines, mask }: Message): ReadonlyArray<Buffer> => {
  const bytes = Buffer.from(lines.map((text) => `BCST ${text}`).join("\n") + end)
  const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b)
  return ends.flatMap((until, index) => {
    const part = bytes.subarray(ends[index - 1] ?? 0, until)
    const control = between === undefined ? [] : [frame(between, Buffer.from("x"), mask, true)]
    return [...control, frame(index === 0 ? TEXT : CONTINUATION, part, mask, index === ends.length - 1)]
  })
}

describe("the lines of a WebSocket", () => {
  it.scopedLive("are the same whatever the frames, masks, fragments and packets", () =>
    Effect.gen(function* () {
      const { joins, port } = yield* overTcp({}, { web: { hosts: [], origins: [] } })
      const ann = yield* joins("ann")
      const bob = yield* Effect.orDie(dialWebSocket(port))
      bob.wire.setNoDelay()
      yield* bob.types("JOIN bob")
      yield* bob.hears
      const rounds = FastCheck.sample(
        FastCheck.tuple(
          FastCheck.array(message, { minLength: 1, maxLength: 8 }),
          FastCheck.integer({ min: 1, max: 300 })
        ),
        { numRuns: 100, seed: 1 }
      )
      for (const [messages, size] of rounds) {
        const bytes = Buffer.concat(messages.flatMap(frames))
        for (let at = 0; at < bytes.length; at += size) bob.wire.write(bytes.subarray(at, at + size))
        for (const text of messages.flatMap(({ lines }) => lines)) {
          assert.strictEqual(yield* ann.hears, `FROM bob: ${text}`)
        }
      }
    })
  )

  it.scopedLive("never stop the server, whatever bytes come", () =>
    Effect.gen(function* () {
      const { connections, joins, port } = yield* overTcp({}, { web: { hosts: [], origins: [] } })
      const ann = yield* joins("ann")
      const chunks = FastCheck.sample(FastCheck.uint8Array({ minLength: 1, maxLength: 300 }), { numRuns: 100, seed: 2 })
      for (const bytes of chunks) {
        const eve = yield* Effect.orDie(dialWebSocket(port))
        eve.socket.on("error", () => {})
        eve.wire.write(bytes)
        eve.wire.end()
        yield* eve.closed
      }
      yield* ann.types("PING")
      assert.strictEqual(yield* ann.hears, "PONG")
      yield* ann.hangsUp
      yield* connections.emptied
    })
  )
})
