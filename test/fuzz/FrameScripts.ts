/** Frames of a WebSocket's client: whole messages in fragments, and anything at all. */
import * as FastCheck from "effect/FastCheck"
import type { Ending } from "./RawClient.ts"
import { cutAt, places } from "./Target.ts"

interface Frame {
  readonly opcode: number
  readonly payload: Buffer
  readonly isLast: boolean
  /** The reserved bits. */
  readonly reserved: number
  /** Undefined for a frame without a mask. */
  readonly mask: Buffer | undefined
  /** Bytes of the extended length, where that is more than is needed. */
  readonly form: number
  /** The difference between the length that is claimed and the true one. */
  readonly lie: number
}

export const bytesOf = ({ form, isLast, lie, mask, opcode, payload, reserved }: Frame): Buffer => {
  const length = Math.max(0, payload.length + lie)
  const extended = Math.max(form, length < 126 ? 0 : length < 65536 ? 2 : 8)
  const size = Buffer.alloc(extended)
  if (extended === 2) size.writeUInt16BE(length)
  if (extended === 8) size.writeBigUInt64BE(BigInt(length))
  const short = extended === 0 ? length : extended === 2 ? 126 : 127
  const head = Buffer.from([(isLast ? 0x80 : 0) | (reserved << 4) | opcode, (mask === undefined ? 0 : 0x80) | short])
  if (mask === undefined) return Buffer.concat([head, size, payload])
  return Buffer.concat([head, size, mask, Buffer.from(payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0)))])
}

export const TEXT = 1
export const CLOSE = 8

const line = FastCheck.oneof(
  FastCheck.constantFrom(
    ...[
      "JOIN bob",
      "JOIN Bob",
      "JOIN ann",
      "MESG ann hi",
      "MESG nobody hi",
      "MESG bob me",
      "BCST hello",
      "BCST é 👋",
      "LIST"
    ],
    ...[
      "PING",
      "HELP",
      "WATCH",
      "UNWATCH",
      "KEY",
      "RECLAIM bob 00",
      "QUIT",
      "",
      " ",
      "GET / HTTP/1.1",
      "PROXY UNKNOWN"
    ],
    ...[
      "PI\x08ING",
      "x\x15PING",
      "BCST \x1b[2J\x9b\u202e",
      "BCST \ufeff",
      "\ufeffPING",
      "\0",
      "BCST \x04",
      "\x16\x03\x01"
    ],
    ...["x".repeat(70), `BCST ${"é".repeat(29)}`, `BCST ${"é".repeat(30)}`]
  ),
  FastCheck.fullUnicodeString({ maxLength: 8 }).map((text) => `BCST ${text}`)
)
const end = FastCheck.constantFrom("\n", "\n", "\r\n", "\r", "\r\0", "")
const message = FastCheck.array(FastCheck.tuple(line, end), { minLength: 1, maxLength: 3 }).map((all) =>
  Buffer.from(all.map((parts) => parts.join("")).join(""))
)

const mask = FastCheck.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes))
/** Frames of a whole message in fragments, with what comes between them. */
const fragmented = FastCheck.record({
  message,
  places: FastCheck.array(FastCheck.nat(80), { maxLength: 4 }),
  mask,
  ping: FastCheck.boolean()
}).map(({ mask, message, ping, places }) => {
  const whole = { reserved: 0, mask, form: 0, lie: 0 }
  const parts = cutAt(message, places)
  return parts.flatMap((part, index): ReadonlyArray<Frame> => {
    const between = ping ? [{ ...whole, opcode: 9, payload: Buffer.from([index]), isLast: true }] : []
    return [
      ...between,
      { ...whole, opcode: index === 0 ? TEXT : 0, payload: Buffer.from(part), isLast: index === parts.length - 1 }
    ]
  })
})

const payload = FastCheck.oneof(
  { weight: 6, arbitrary: message },
  { weight: 2, arbitrary: FastCheck.uint8Array({ maxLength: 140 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: FastCheck.constantFrom(
      "c3",
      "c328",
      "eda080",
      "f0908d",
      "03e8",
      "03ed",
      "0bb8",
      "03e8ff",
      "03e8c3a9",
      "ff"
    ).map((hex) => Buffer.from(hex, "hex"))
  }
)
const anything = FastCheck.record({
  opcode: FastCheck.oneof(FastCheck.constantFrom(0, 1, 2, 8, 9, 10), FastCheck.nat(15)),
  payload,
  isLast: FastCheck.boolean(),
  reserved: FastCheck.oneof(
    { weight: 9, arbitrary: FastCheck.constant(0) },
    { weight: 1, arbitrary: FastCheck.nat(7) }
  ),
  mask: FastCheck.oneof({ weight: 9, arbitrary: mask }, { weight: 1, arbitrary: FastCheck.constant(undefined) }),
  form: FastCheck.constantFrom(0, 0, 0, 2, 8),
  lie: FastCheck.oneof(
    { weight: 9, arbitrary: FastCheck.constant(0) },
    { weight: 1, arbitrary: FastCheck.integer({ min: -3, max: 70_000 }) }
  )
})
/** Control frames, and messages near the limit of 64 KiB and of fragments. */
const special = FastCheck.oneof(
  FastCheck.tuple(
    FastCheck.constantFrom(8, 9, 9, 10),
    FastCheck.constantFrom("", "x", "\x03\xe8", "\x03\xe9bye", "x".repeat(125)),
    mask
  ).map(
    ([opcode, text, mask]): ReadonlyArray<Frame> => [
      { opcode, payload: Buffer.from(text, "latin1"), isLast: true, reserved: 0, mask, form: 0, lie: 0 }
    ]
  ),
  FastCheck.tuple(
    FastCheck.constantFrom(65_530, 65_536, 65_537, 100_000),
    FastCheck.constantFrom(1, 2, 1023, 1024, 1025),
    mask
  ).map(
    ([size, count, mask]): ReadonlyArray<Frame> =>
      Array.from({ length: count }, (_, index) => ({
        opcode: index === 0 ? TEXT : 0,
        payload: Buffer.alloc(index === 0 ? size - count + 1 : 1, "x"),
        isLast: index === count - 1,
        reserved: 0,
        mask,
        form: 0,
        lie: 0
      }))
  )
)

const frames = FastCheck.array(
  FastCheck.oneof(
    { weight: 8, arbitrary: fragmented },
    { weight: 2, arbitrary: anything.map((frame): ReadonlyArray<Frame> => [frame]) },
    { weight: 1, arbitrary: special }
  ),
  { maxLength: 8 }
).map((all) => all.flat())

/** The bytes that a client sends, and how it goes. */
export const script = FastCheck.record({
  frames,
  /** Bytes that are lost at the end. */
  lost: FastCheck.oneof({ weight: 4, arbitrary: FastCheck.constant(0) }, { weight: 1, arbitrary: FastCheck.nat(20) }),
  places,
  ending: FastCheck.constantFrom<Ending>("wait", "wait", "wait", "end", "reset")
})

/** A frame as it should be. */
export const plain = (opcode: number, payload: Buffer): Buffer =>
  bytesOf({ opcode, payload, isLast: true, reserved: 0, mask: Buffer.alloc(4), form: 0, lie: 0 })
