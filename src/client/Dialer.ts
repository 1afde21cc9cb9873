/** Connections to one server: over TCP, over TLS, or whatever else implements it. */
import * as Net from "node:net"
import type { ConnectionOptions } from "node:tls"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Mailbox from "effect/Mailbox"
import type * as Scope from "effect/Scope"
import type * as Stream from "effect/Stream"
import { codeOf, connectReason } from "../ErrorText.ts"
import { CannotConnect, ConnectionLost } from "./Ending.ts"
import { chunks } from "./Readable.ts"
import { type Target, written } from "./Target.ts"

/** One connection. */
export interface Wire {
  /** The server's bytes. A chunk that is not asked for stays in the kernel: that is the back-pressure. Ends with the input. */
  readonly bytes: Stream.Stream<Uint8Array, ConnectionLost>
  /** Sends a text. While much is waiting to be sent, it waits as well. If it fails, nothing was sent. */
  readonly send: (text: string) => Effect.Effect<void, ConnectionLost>
}

/** How long a connection may take to come about, and to be closed. */
const CONNECT_PATIENCE = "10 seconds"
const CLOSE_PATIENCE = "1 second"
/** After this time of silence the kernel probes whether the server is still there, in milliseconds. */
const KEEP_ALIVE = 30_000

/** Files and choices for TLS. */
export interface Security {
  /** Authorities (PEM) to trust in place of the system's. */
  readonly ca: string | undefined
  /** Takes any certificate. */
  readonly isInsecure: boolean
}

const lost = (reason: string) => new ConnectionLost({ reason })

const whyLost = ({ errored }: Net.Socket) =>
  lost(errored === null ? "the server closed it" : connectReason(codeOf(errored)))

/**
 * A socket as a wire. Effect's own Socket reads whether or not anybody wants to have it, so a server that floods would fill
 * the memory of a client that is slow.
 */
const wireOf = (socket: Net.Socket): Wire => {
  // Each sender that waits for room listens.
  socket.setMaxListeners(0)
  const bytes = chunks(socket, (error) => lost(connectReason(codeOf(error))))
  const send = (text: string) =>
    Effect.async<void, ConnectionLost>((resume) => {
      if (socket.destroyed || socket.writableEnded) return resume(whyLost(socket))
      if (socket.write(text)) return resume(Effect.void)
      // If the connection ends now, the text was on its way nevertheless.
      const settle = () => {
        socket.off("drain", settle).off("close", settle)
        resume(Effect.void)
      }
      socket.on("drain", settle).on("close", settle)
      return Effect.sync(() => socket.off("drain", settle).off("close", settle))
    })
  return { bytes, send }
}

/** Closes both ways. Input is dropped meanwhile: a reset would destroy what was sent last. */
const close = (socket: Net.Socket): Effect.Effect<void> =>
  Effect.async<void>((resume) => {
    if (socket.destroyed) return resume(Effect.void)
    socket.once("close", () => resume(Effect.void))
    socket.removeAllListeners("readable")
    socket.resume()
    socket.end()
  }).pipe(
    Effect.interruptible,
    Effect.timeoutOption(CLOSE_PATIENCE),
    Effect.andThen(() => {
      socket.destroy()
    })
  )

/** Most chunks in one direction of a wire in memory. */
const MEMORY_CHUNKS = 16

/** The two ends of a wire in memory, and how it is cut: each end reads what had been sent before. */
const pair = Effect.gen(function* () {
  const [up, down] = [yield* Mailbox.make<Uint8Array>(MEMORY_CHUNKS), yield* Mailbox.make<Uint8Array>(MEMORY_CHUNKS)]
  const encoder = new TextEncoder()
  const end = (input: Mailbox.Mailbox<Uint8Array>, output: Mailbox.Mailbox<Uint8Array>): Wire => ({
    bytes: Mailbox.toStream(input),
    send: (text) =>
      Effect.filterOrFail(
        output.offer(encoder.encode(text)),
        (isTaken) => isTaken,
        () => lost("it was cut")
      )
  })
  return { client: end(down, up), server: end(up, down), cut: Effect.zipRight(up.end, down.end) }
})

const ignore = () => {}

/** Opens a socket, which closes with the scope. `ready` is the event after which it can be used. */
const open = (
  target: Target,
  ready: "connect" | "secureConnect",
  start: () => Net.Socket
): Effect.Effect<Wire, CannotConnect, Scope.Scope> => {
  const fails = (reason: string) => new CannotConnect({ address: written(target), reason })
  const opened = Effect.async<Net.Socket, CannotConnect>((resume) => {
    const socket = start()
    socket.setKeepAlive(true, KEEP_ALIVE).setNoDelay(true)
    socket.on("error", ignore)
    socket.once(ready, () => resume(Effect.succeed(socket)))
    socket.once("close", () =>
      resume(
        fails(socket.errored === null ? "the connection was closed at once" : connectReason(codeOf(socket.errored)))
      )
    )
    return Effect.sync(() => socket.destroy())
  }).pipe(
    Effect.timeoutFail({ duration: CONNECT_PATIENCE, onTimeout: () => fails(`no answer within ${CONNECT_PATIENCE}`) })
  )
  return Effect.map(Effect.acquireRelease(Effect.interruptible(opened), close), wireOf)
}

export class Dialer extends Context.Tag("partyline/Dialer")<
  Dialer,
  { readonly dial: Effect.Effect<Wire, CannotConnect, Scope.Scope> }
>() {
  static readonly layerTcp = (target: Target): Layer.Layer<Dialer> =>
    Layer.succeed(Dialer, {
      dial: open(target, "connect", () => Net.connect({ host: target.host, port: target.port }))
    })

  static readonly layerTls = (target: Target, { ca, isInsecure }: Security): Layer.Layer<Dialer> => {
    const options: ConnectionOptions = {
      host: target.host,
      port: target.port,
      minVersion: "TLSv1.2",
      rejectUnauthorized: !isInsecure,
      ...(ca === undefined ? {} : { ca })
    }
    return Layer.succeed(Dialer, {
      dial: Effect.flatMap(
        Effect.promise(() => import("node:tls")),
        (tls) => open(target, "secureConnect", () => tls.connect(options))
      )
    })
  }

  /** Connections in memory. `serve` gets the other end of each; the connection is cut when it has finished. */
  static readonly layerMemory = (serve: (wire: Wire) => Effect.Effect<void>): Layer.Layer<Dialer> =>
    Layer.succeed(Dialer, {
      dial: Effect.gen(function* () {
        const { client, cut, server } = yield* Effect.acquireRelease(pair, ({ cut }) => cut)
        yield* Effect.forkScoped(Effect.ensuring(serve(server), cut))
        return client
      })
    })
}
