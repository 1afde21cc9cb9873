/** The WebSockets of a server: the end of their handshake, and the pings by which a lost client is found. */
import { IncomingMessage } from "node:http"
import { Socket } from "node:net"
import type { Duplex } from "node:stream"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { WebSocketServer } from "ws"
import type { Connection } from "../connection/Connection.ts"
import { closed, type DisconnectReason, peerVanished } from "../connection/DisconnectReason.ts"
import { Limits, MESSAGE_BYTES, PING_PERIOD, PONG_PATIENCE } from "../Limits.ts"
import * as Deadlines from "../server/Deadlines.ts"
import { OpenConnections } from "../server/OpenConnections.ts"
import { LineSocket, LineStream } from "./LineSocket.ts"

/** Frames of one message, and chunks that it may be held in. */
const FRAGMENTS = 1024

/** Client and stream of a WebSocket, by which its deadlines act on it. */
interface Live {
  readonly connection: Connection
  readonly socket: LineSocket
}

/** Accepts an upgrade that has been checked; `rest` is what came behind its head. Succeeds when the client can send messages. */
export type Accept = (connection: Connection, key: string, rest: Uint8Array) => Effect.Effect<void, DisconnectReason>

/** The request for `ws`: what else it could refuse or agree on is left out. */
const requestOf = (key: string): IncomingMessage => {
  const request = new IncomingMessage(new Socket())
  request.method = "GET"
  request.headers = { upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": key }
  return request
}

export const make: Effect.Effect<Accept, never, Limits | OpenConnections | Scope.Scope> = Effect.gen(function* () {
  const limits = yield* Limits
  const connections = yield* OpenConnections
  const closeTimeout = Duration.toMillis(limits.current.drainTimeout)
  const pings: Deadlines.Deadlines<() => void> = yield* Deadlines.make<() => void>(PING_PERIOD, (ping) => ping())
  const answers = yield* Deadlines.make<() => void>(PONG_PATIENCE, (expire) => expire())

  /** Pings the client until the wire closes. While it is not heard, it cannot answer. */
  const watch = ({ connection, socket }: Live, wire: Duplex) => {
    const pinging = new Deadlines.Deadline(() => {
      socket.ping()
      pings.start(pinging)
    })
    const answering = new Deadlines.Deadline(() => {
      if (socket.isPaused) answered()
      else connection.disconnect(peerVanished)
    })
    const answered = () => answers.start(answering)
    socket.on("pong", answered)
    wire.once("close", () => {
      pinging.unlink()
      answering.unlink()
    })
    pings.start(pinging)
    answered()
    return answered
  }

  return (connection, key, rest) =>
    Effect.suspend(() => {
      // In a variable, because the types do not know all of these yet.
      const options = {
        noServer: true,
        clientTracking: false,
        perMessageDeflate: false,
        maxPayload: Math.max(MESSAGE_BYTES, 2 * limits.current.maxLine),
        maxFragments: FRAGMENTS,
        maxBufferedChunks: FRAGMENTS,
        closeTimeout,
        WebSocket: LineSocket
      }
      const server = new WebSocketServer(options)
      const make = (wire: Duplex, begun: Uint8Array): Duplex | undefined => {
        let stream: Duplex | undefined
        server.handleUpgrade(requestOf(key), wire, Buffer.from(begun), (socket) => {
          const onResumed = watch({ connection, socket }, wire)
          stream = new LineStream({ socket, wire, isGoingAway: () => !connections.isAccepting, onResumed })
        })
        return stream
      }
      return connection.carry?.(rest, make) ?? closed
    })
})
