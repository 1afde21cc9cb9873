/** Real WebSockets with any frames at all, beside a client of plain TCP in another server, which sends the same lines. */
import { deepStrictEqual, match, ok } from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import { dialWebSocket } from "../support/WebClient.ts"
import { overTcp } from "../support/World.ts"
import { heardIn, meaningOf } from "./Frames.ts"
import { type Ending, exchange, leavingAfter, type React } from "./RawClient.ts"
import { cutAt, liveProperty, places, target } from "./Target.ts"

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

const bytesOf = ({ form, isLast, lie, mask, opcode, payload, reserved }: Frame): Buffer => {
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

const TEXT = 1

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

const script = FastCheck.record({
  frames,
  /** Bytes that are lost at the end. */
  lost: FastCheck.oneof({ weight: 4, arbitrary: FastCheck.constant(0) }, { weight: 1, arbitrary: FastCheck.nat(20) }),
  places,
  ending: FastCheck.constantFrom<Ending>("wait", "wait", "wait", "end", "reset")
})

const UPGRADE = Buffer.from(
  "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)

/** The first line, so that nothing behind it could be recognized over TCP as the beginning of another protocol. */
const FIRST = Buffer.from("PING\n")
const firstFrame = bytesOf({
  opcode: TEXT,
  payload: FIRST,
  isLast: true,
  reserved: 0,
  mask: Buffer.alloc(4),
  form: 0,
  lie: 0
})

/** Descriptors and keys differ between two servers. */
const comparable = (text: string): string =>
  text
    .replace(/^KEY [0-9a-f]{32}\r$/gm, "KEY\r")
    .replace(/FD \(\d+\)/g, "FD")
    .replace(/^(\w+ +)\d+\r$/gm, "$1\r")

/** The server with WebSocket, its twin for plain TCP, and a bystander in each. */
const twins = Effect.gen(function* () {
  const limits = { maxLine: 64 }
  const [web, tcp] = [yield* overTcp(limits, { web: { hosts: [], origins: [] } }), yield* overTcp(limits)]
  // The first request loads what answers it. A client that ends its output meanwhile is not answered any more.
  yield* Effect.scoped(Effect.orDie(dialWebSocket(web.port)))
  return { web: { ...web, ann: yield* web.joins("ann") }, tcp: { ...tcp, ann: yield* tcp.joins("ann") } }
})
type Server = Effect.Effect.Success<typeof twins>["web" | "tcp"]

/** What the bystander has heard since it was asked last. */
const heardBy = ({ ann }: Server) =>
  Effect.gen(function* () {
    yield* ann.types("PING")
    const heard = [yield* ann.hears]
    while (heard.at(-1) !== "PONG") heard.push(yield* ann.hears)
    return heard
  }).pipe(Effect.orDie)

const close = bytesOf({
  opcode: 8,
  payload: Buffer.alloc(0),
  isLast: true,
  reserved: 0,
  mask: Buffer.alloc(4),
  form: 0,
  lie: 0
})

/** A client answers a close frame, and then ends its output. */
const answerClose: React = (heard, socket) => {
  const start = heard.indexOf("\r\n\r\n") + 4
  if (start < 4 || heardIn(heard.subarray(start)).status === undefined || socket.writableEnded) return
  socket.end(close)
}

/** What the twin without frames is answered to these lines, and whether it was one of them that ended it. */
const answeredOverTcp = ({ log, port }: Server, lines: Buffer) =>
  Effect.gen(function* () {
    const place = log.events.length
    const text = (yield* exchange(port, [Buffer.concat([FIRST, lines])], "end")).toString()
    return { text, hasQuit: /\d\): Disconnecting User|in Database\. Disc/.test(yield* leavingAfter(log, place)) }
  })

const meansTheSame = liveProperty(twins, script, ({ tcp, web }, { ending, frames, lost, places }) =>
  Effect.gen(function* () {
    const all = Buffer.concat(frames.map(bytesOf))
    const some = all.subarray(0, Math.max(0, all.length - lost))
    const sent = ending === "wait" ? Buffer.concat([some, close]) : some
    const { end, lines, pings } = meaningOf(sent)
    const twin = yield* answeredOverTcp(tcp, lines)

    const place = web.log.events.length
    const endsByItself = end !== "open" || twin.hasQuit
    const how = ending === "wait" && !endsByItself ? "end" : ending
    const bytes = cutAt(Buffer.concat([UPGRADE, firstFrame, sent]), places)
    const answer = yield* Effect.either(exchange(web.port, bytes, how, answerClose))
    const left = yield* leavingAfter(web.log, place)
    const [said, saidByTwin] = [yield* heardBy(web), yield* heardBy(tcp)]
    if (how === "reset") return ok([...saidByTwin].join("\n").startsWith(said.slice(0, -1).join("\n")), said.join("\n"))

    deepStrictEqual(said, saidByTwin)
    const broken = typeof end === "number" && !twin.hasQuit ? end : undefined
    if (twin.hasQuit) match(left, /\d\): Disconnecting User\.$|in Database\. Disconnecting User\.$/)
    else
      match(
        left,
        broken === undefined ? /: Connection Closed\. / : new RegExp(`: Connection Error \\(WS_${broken}\\)\\. `)
      )
    const heard = Either.getOrThrow(answer)
    match(heard.toString("latin1"), /^HTTP\/1\.1 101 /)
    const { faults, pongs, status, text } = heardIn(heard.subarray(heard.indexOf("\r\n\r\n") + 4))
    deepStrictEqual(faults, [])
    // Pings behind a binary message, in the same packet, may be answered.
    const answers = broken === 1003 ? pongs.slice(0, pings.length) : pongs
    const expected = { text: comparable(twin.text), pongs: pings, status: broken ?? 1000 }
    if (how === "wait" && !twin.hasQuit)
      return deepStrictEqual({ text: comparable(text), pongs: answers, status }, expected)
    // A client that ends its output without a close frame has left.
    ok(expected.text.startsWith(comparable(text)) && (how === "end" || text.length === twin.text.length), text)
    ok(twin.hasQuit || pings.join().startsWith(answers.join()), pongs.join())
    // A breach behind QUIT may be told.
    ok(status === expected.status || status === end || (how === "end" && status === undefined), String(status))
  })
)

export const webSocket = target(
  "frames of WebSocket, right and wrong, whose lines mean what they mean over TCP",
  meansTheSame
)
