/** Real WebSockets with any frames at all, beside a client of plain TCP in another server, which sends the same lines. */
import { deepStrictEqual, match, ok } from "node:assert/strict"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { dialWebSocket } from "../support/WebClient.ts"
import { overTcp } from "../support/World.ts"
import { bytesOf, CLOSE, plain, script, TEXT } from "./FrameScripts.ts"
import { heardIn, meaningOf } from "./Frames.ts"
import { exchange, leavingAfter, type React } from "./RawClient.ts"
import { cutAt, liveProperty, target } from "./Target.ts"

const UPGRADE = Buffer.from(
  "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)

/** The first line, so that nothing behind it could be recognized over TCP as the beginning of another protocol. */
const FIRST = Buffer.from("PING\n")
const firstFrame = plain(TEXT, FIRST)

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

/** The lines that the bystander has heard since it was asked last. */
const heardBy = ({ ann }: Server) =>
  Effect.gen(function* () {
    yield* ann.types("PING")
    const heard = [yield* ann.hears]
    while (heard.at(-1) !== "PONG") heard.push(yield* ann.hears)
    return heard
  }).pipe(Effect.orDie)

const close = plain(CLOSE, Buffer.alloc(0))

/** A client answers a close frame, and then ends its output. */
const answerClose: React = (heard, socket) => {
  const start = heard.indexOf("\r\n\r\n") + 4
  if (start < 4 || heardIn(heard.subarray(start)).status === undefined || socket.writableEnded) return
  socket.end(close)
}

/** The answer that the twin without frames gets to these lines, and whether one of them ended it. */
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
