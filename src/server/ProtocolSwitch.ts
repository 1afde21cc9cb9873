/** The answer to a connection that does not begin with lines, but with TLS, HTTP, or a PROXY header that nobody asked for. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Connection } from "../connection/Connection.ts"
import { badProxyHeader, type DisconnectReason, HttpRequest, tlsHello } from "../connection/DisconnectReason.ts"
import { HEAD_PATIENCE } from "../Limits.ts"
import { HEAD_BYTES, HeadReader } from "../protocol/HttpHead.ts"
import { refusal } from "../protocol/HttpResponse.ts"
import type { Http, Protocol } from "../protocol/ProtocolDetector.ts"
import { Metrics } from "../status/Metrics.ts"
import { Web } from "./Web.ts"

/** Switches the connection to the protocol of its client. Succeeds once lines can be read inside that, from their beginning. */
export type Switch = (
  connection: Connection,
  protocol: Exclude<Protocol, { readonly _tag: "Lines" }>,
  /** Time since the first byte. */
  elapsed: Duration.Duration
) => Effect.Effect<void, DisconnectReason>

export const make: Effect.Effect<Switch, never, Metrics> = Effect.gen(function* () {
  const web = yield* Web
  const metrics = yield* Metrics

  /** Reads the head of a request. The client has a fixed time for it, from its first byte. */
  const readHead = Effect.fnUntraced(function* (connection: Connection, { begun, isHead }: Http) {
    const reader = new HeadReader()
    let chunk = begun
    while (true) {
      const found = reader.push(chunk)
      if ((found?.head.length ?? reader.size) > HEAD_BYTES) return yield* web.refuse(431, isHead)
      if (found !== undefined) return { ...found, isHead }
      chunk = yield* connection.read
      metrics.bytesIn += chunk.length
    }
  })

  const serve = (connection: Connection, request: Http, elapsed: Duration.Duration) => {
    const { isHead, isTooLong, version } = request
    if (version >= 2) {
      return new HttpRequest({ response: refusal(505, "This server speaks HTTP/1.1.", isHead) })
    }
    if (isTooLong) {
      return new HttpRequest({ response: refusal(414, "The request line is too long.", isHead) })
    }
    if (Duration.greaterThanOrEqualTo(elapsed, HEAD_PATIENCE)) return web.refuse(408, isHead)
    return readHead(connection, request).pipe(
      Effect.catchTag("EndOfInput", () => web.refuse(400, isHead)),
      Effect.timeoutFail({
        duration: Duration.subtract(HEAD_PATIENCE, elapsed),
        onTimeout: () => web.refuse(408, isHead)
      }),
      Effect.flatMap((request) => web.serve(connection, request))
    )
  }

  return (connection, protocol, elapsed) => {
    switch (protocol._tag) {
      case "Http":
        return serve(connection, protocol, elapsed)
      case "Tls":
        return connection.startTls === undefined ? tlsHello : connection.startTls(protocol.begun)
      case "Proxy":
        return badProxyHeader
    }
  }
})
