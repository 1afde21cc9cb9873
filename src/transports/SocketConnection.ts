/** A Connection over a Node socket. */
import type * as Net from "node:net"
import type { Duplex } from "node:stream"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Connection } from "../connection/Connection.ts"
import { ConnectionFailed, closed, type DisconnectReason, slowConsumer } from "../connection/DisconnectReason.ts"
import type { FlushQueue, Writer } from "../connection/FlushQueue.ts"
import { Outbox, type Sink } from "../connection/Outbox.ts"
import { Pull, type Source } from "../connection/Pull.ts"
import { type Limits, READ_BYTES, WRITE_BYTES } from "../Limits.ts"
import type { Peer } from "../net/Peer.ts"
import { descriptorOf } from "./NodeSocket.ts"

/** Steps on a socket before its client can be heard. They leave it paused and without their listeners. */
export interface Preliminaries {
  /** Reads who the client is. */
  readonly proxyHeader: Effect.Effect<Peer, DisconnectReason> | undefined
  /** Makes of the socket the one on which the client can be heard. */
  readonly handshake: ((socket: Net.Socket) => Effect.Effect<Net.Socket, DisconnectReason>) | undefined
}

/** The things that all connections of a listener share. */
export interface Shared {
  readonly limits: Context.Tag.Service<Limits>
  readonly flushQueue: FlushQueue
  /** The TLS handshake; absent where TLS is not served. */
  readonly handshake: Preliminaries["handshake"]
}

/** The connection of a socket. Sockets share their listeners: closures for each would cost 280 bytes. */
const owner = Symbol("SocketConnection")
const ownerOf = (socket: Duplex): SocketConnection => Reflect.get(socket, owner)

function onData(this: Duplex, chunk: Uint8Array): void {
  ownerOf(this).receive(chunk)
}
function onEnd(this: Duplex): void {
  ownerOf(this).pull.end()
}
function onError(this: Duplex, error: NodeJS.ErrnoException): void {
  ownerOf(this).disconnect(new ConnectionFailed({ code: error.code ?? "UNKNOWN" }))
}
function onClose(this: Duplex): void {
  ownerOf(this).gone()
}

const readOn = (connection: SocketConnection): void => connection.readOn()

export class SocketConnection implements Connection, Source, Sink, Writer {
  readonly fd: number
  readonly outbox: Outbox
  readonly pull = new Pull(this)
  readonly proxyHeader: Effect.Effect<void, DisconnectReason> | undefined
  readonly handshake: Effect.Effect<void, DisconnectReason> | undefined
  peer: Peer
  isSecure = false
  private readonly accepted: Net.Socket
  private readonly shared: Shared
  /** The stream on which the client is heard and written to; absent during the preliminaries and handshakes. */
  private open: Duplex | undefined
  /** The callback of writes, made for the first one: most connections are silent. */
  private written: (() => void) | undefined
  /** Bytes that were read before the client could send any: a PROXY header. */
  private headerBytes = 0
  /** Bytes read since the last pause for fairness. */
  private readBytes = 0

  constructor(socket: Net.Socket, peer: Peer, shared: Shared, preliminaries: Preliminaries | undefined) {
    this.accepted = socket
    this.shared = shared
    this.fd = descriptorOf(socket)
    this.peer = peer
    this.outbox = new Outbox(shared.limits, this)
    Reflect.set(socket, owner, this)
    socket.on("error", onError).on("close", onClose)
    if (preliminaries === undefined) this.opened(socket)
    const { handshake, proxyHeader } = preliminaries ?? {}
    if (proxyHeader !== undefined) {
      this.proxyHeader = Effect.map(Effect.raceFirst(proxyHeader, this.disconnected), (peer) => {
        this.peer = peer
        // The bytes that came with the header are in the socket again.
        this.headerBytes = socket.bytesRead - socket.readableLength
        if (handshake === undefined) this.opened(socket)
      })
    }
    if (handshake !== undefined) this.handshake = this.secured(handshake)
  }

  get startTls(): Connection["startTls"] {
    const { handshake } = this.shared
    if (handshake === undefined || this.open !== this.accepted) return undefined
    return (begun) =>
      Effect.flatMap(this.taken(begun), ({ unread }) => {
        this.accepted.unshift(unread)
        return this.secured(handshake)
      })
  }

  carry(
    begun: Uint8Array,
    make: (wire: Duplex, begun: Uint8Array) => Duplex | undefined
  ): Effect.Effect<void, DisconnectReason> {
    return Effect.flatMap(this.taken(begun), ({ stream, unread }) => {
      const carrier = make(stream, unread)
      return carrier === undefined ? closed : Effect.sync(() => this.opened(carrier))
    })
  }

  get read(): Effect.Effect<Uint8Array, DisconnectReason> {
    return this.pull.read
  }

  get disconnected(): Effect.Effect<never, DisconnectReason> {
    return this.pull.disconnected
  }

  disconnect(reason: DisconnectReason): void {
    this.pull.disconnect(reason)
  }

  get isSilent(): boolean {
    // During a handshake all bytes but the header are the client's.
    const isUnheard =
      this.open !== undefined || this.handshake === undefined || this.accepted.bytesRead === this.headerBytes
    return isUnheard && this.pull.isUntouched
  }

  get isDisconnected(): boolean {
    return this.pull.isOver
  }

  nudge(): void {
    this.pull.nudge()
  }

  close(sent: () => void): Effect.Effect<void> {
    return Effect.async((resume) => {
      const socket = this.open ?? this.accepted
      if (socket.closed) return resume(Effect.void)
      socket.once("close", () => resume(Effect.void))
      if (this.open === undefined || socket.destroyed) return this.destroy()
      if (socket.writableFinished) sent()
      else socket.once("finish", sent)
      // Further input of the client is dropped.
      this.disconnect(closed)
      this.resume()
      this.flush()
    })
  }

  destroy(): void {
    this.flush()
    const socket = this.open ?? this.accepted
    socket.destroy()
  }

  wake(): void {
    this.shared.flushQueue.add(this)
  }

  get cut(): () => void {
    return () => this.disconnect(slowConsumer)
  }

  resume(): void {
    const { open } = this
    if (open === undefined) return
    if (open.listenerCount("data") === 0) open.on("data", onData)
    open.resume()
  }

  pause(): void {
    this.open?.pause()
  }

  receive(chunk: Uint8Array): void {
    this.pull.push(chunk)
    this.readBytes += chunk.length
    if (this.readBytes < READ_BYTES) return
    // Fairness: past READ_BYTES, reading pauses until the next tick, and other sockets have their turn.
    this.readBytes = 0
    this.pause()
    setImmediate(readOn, this)
  }

  readOn(): void {
    if (this.pull.isOver || this.pull.isReading) this.resume()
  }

  /** Writes what the outbox holds, slice by slice, for as long as the kernel takes each at once; then ends a closed one. */
  flush(): void {
    const { open, outbox } = this
    if (open === undefined || open.destroyed) return
    while (!outbox.isTaking) {
      // A stream of objects carries messages, of which each has to be whole lines.
      const segment = outbox.take(WRITE_BYTES, open.writableObjectMode)
      if (segment === undefined) {
        if (outbox.isClosed && !open.writableEnded) open.end()
        return
      }
      this.written ??= () => this.onWritten()
      open.write(segment.text, segment.latin1 ? "latin1" : "utf8", this.written)
      if (open.writableLength === 0) outbox.release()
    }
  }

  /** The descriptor has been given up. */
  gone(): void {
    this.disconnect(closed)
    this.outbox.clear()
  }

  /** Does the handshake on the accepted socket, unless the client is disconnected. */
  private secured(handshake: NonNullable<Preliminaries["handshake"]>): Effect.Effect<void, DisconnectReason> {
    const shaken = Effect.suspend(() => handshake(this.accepted))
    return Effect.map(Effect.raceFirst(shaken, this.disconnected), (secure) => {
      this.isSecure = true
      this.opened(secure)
    })
  }

  /** Takes the stream away for one on top of it, with `begun` and all that has come behind it. */
  private taken(begun: Uint8Array) {
    return Effect.flatMap(this.pull.replaced(), (parked) => {
      const stream = this.open
      if (stream === undefined) return closed
      // A stream that flows when it is handed on loses what comes in the same tick.
      stream.off("data", onData).off("end", onEnd).pause()
      this.open = undefined
      return Effect.succeed({ stream, unread: Buffer.concat([begun, ...parked]) })
    })
  }

  private opened(socket: Duplex): void {
    this.open = socket
    if (socket !== this.accepted) {
      Reflect.set(socket, owner, this)
      socket.on("error", onError).on("close", onClose)
    }
    socket.on("end", onEnd)
    this.flush()
  }

  private onWritten(): void {
    if (!this.outbox.isTaking || (this.open?.writableLength ?? 0) > 0) return
    this.outbox.release()
    this.flush()
  }
}
