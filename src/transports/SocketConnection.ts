/** A Connection over a socket of Node's. */
import type * as Net from "node:net"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import {
  type Connection,
  ConnectionFailed,
  closed,
  type Departure,
  endOfInput,
  type Receiver,
  slowConsumer
} from "../connection/Connection.ts"
import type { Turn } from "../connection/FlushQueue.ts"
import { Outbox, type Sink } from "../connection/Outbox.ts"
import { type Limits, READ_BYTES, WRITE_BYTES } from "../Limits.ts"
import type { Peer } from "../net/Peer.ts"
import { descriptorOf } from "./NodeSocket.ts"

/** What has to be done on a socket before its client can be heard. */
export interface Preliminaries {
  /** Reads who the client is. */
  readonly introduction: Effect.Effect<Peer, Departure> | undefined
  /** Makes of the socket the one where the client is to be heard. */
  readonly handshake: ((socket: Net.Socket) => Effect.Effect<Net.Socket, Departure>) | undefined
}

/** The connection that a socket belongs to. Its listeners are shared: closures for each would cost 280 bytes. */
const owner = Symbol("SocketConnection")
const ownerOf = (socket: Net.Socket): SocketConnection => Reflect.get(socket, owner)

function onData(this: Net.Socket, chunk: Uint8Array): void {
  ownerOf(this).take(chunk)
}
function onEnd(this: Net.Socket): void {
  ownerOf(this).ended()
}
function onError(this: Net.Socket, error: NodeJS.ErrnoException): void {
  ownerOf(this).abort(new ConnectionFailed({ code: error.code ?? "UNKNOWN" }))
}
function onClose(this: Net.Socket): void {
  ownerOf(this).gone()
}

/** Reads on, if it is still to be read. */
const goOn = (connection: SocketConnection): void => connection.goOn()

export class SocketConnection implements Connection, Sink {
  readonly fd: number
  peer: Peer
  readonly outbox: Outbox
  readonly introduction: Effect.Effect<void, Departure> | undefined
  readonly handshake: Effect.Effect<void, Departure> | undefined
  private socket: Net.Socket
  private readonly turn: Turn
  private departed: Departure | undefined
  private receiver: Receiver | undefined
  private isReading = false
  private inputEnded = false
  /** Bytes read in the turn of that number. */
  private readBytes = 0
  private readTurn = 0
  /** Who waits to read, or to depart. */
  private resume: ((effect: Effect.Effect<never, Departure> | Effect.Effect<void>) => void) | undefined
  private closed: (() => void) | undefined
  /** Made when there is something to write: most connections are silent. */
  private written: (() => void) | undefined
  private isWriting = false
  private isEnding = false
  /** Nothing may be written yet. */
  private isMute: boolean

  /** While preliminaries last, the socket is theirs to read; then they have taken their listeners away. */
  constructor(
    socket: Net.Socket,
    peer: Peer,
    limits: Context.Tag.Service<Limits>,
    turn: Turn,
    preliminaries: Preliminaries | undefined
  ) {
    this.socket = socket
    this.turn = turn
    this.fd = descriptorOf(socket)
    this.peer = peer
    this.outbox = new Outbox(limits, this)
    Reflect.set(socket, owner, this)
    socket.on("error", onError).on("close", onClose)
    this.isMute = preliminaries !== undefined
    if (preliminaries === undefined) {
      socket.on("end", onEnd)
      return
    }
    const { handshake, introduction } = preliminaries
    if (introduction !== undefined) {
      this.introduction = Effect.map(Effect.raceFirst(introduction, this.departure), (peer) => {
        this.peer = peer
        if (handshake === undefined) this.open(socket)
      })
    }
    if (handshake !== undefined) {
      this.handshake = Effect.map(
        Effect.raceFirst(
          Effect.suspend(() => handshake(socket)),
          this.departure
        ),
        (secure) => this.open(secure)
      )
    }
  }

  attach(receiver: Receiver): void {
    this.receiver = receiver
    if (this.departed !== undefined) receiver.departed(this.departed)
  }

  get read(): Effect.Effect<void, Departure> {
    return Effect.async((resume) => {
      if (this.inputEnded) this.abort(endOfInput)
      if (this.departed !== undefined) return resume(this.departed)
      this.resume = resume
      this.isReading = true
      if (this.socket.listenerCount("data") === 0) this.socket.on("data", onData)
      this.socket.resume()
    })
  }

  get departure(): Effect.Effect<never, Departure> {
    return Effect.async<never, Departure>((resume) => {
      if (this.departed !== undefined) return resume(this.departed)
      this.resume = (effect) => resume(Effect.zipRight(effect, Effect.never))
    })
  }

  abort(why: Departure): void {
    if (this.departed !== undefined) return
    this.departed = why
    this.receiver?.departed(why)
    this.settle(why)
  }

  get close(): Effect.Effect<void> {
    return Effect.async((resume) => {
      if (this.socket.closed) return resume(Effect.void)
      this.closed = () => resume(Effect.void)
      if (this.isMute) return this.destroy()
      this.isEnding = true
      this.socket.resume()
      this.flush()
    })
  }

  destroy(): void {
    this.flush()
    this.socket.destroy()
  }

  wake(): void {
    this.turn.add(this)
  }

  cut(): void {
    this.abort(slowConsumer)
  }

  /** Writes what the outbox holds, slice by slice, for as long as the kernel takes each at once. */
  flush(): void {
    while (!this.isWriting && !this.isMute && !this.socket.destroyed) {
      const run = this.outbox.take(WRITE_BYTES)
      if (run === undefined) {
        if (this.isEnding && !this.socket.writableEnded) this.socket.end()
        return
      }
      this.isWriting = true
      this.written ??= () => this.onWritten()
      this.socket.write(run.text, run.narrow ? "latin1" : "utf8", this.written)
      if (this.socket.writableLength === 0) this.released()
    }
  }

  /** Hands a chunk to the receiver. After departure there is none: what still arrives is dropped. */
  take(chunk: Uint8Array): void {
    if (!this.isReading || this.receiver === undefined) return
    try {
      if (this.receiver.receive(chunk)) this.share(chunk.length)
      else {
        this.socket.pause()
        this.settle(Effect.void)
      }
    } catch (defect) {
      this.settle(Effect.die(defect))
    }
  }

  goOn(): void {
    if (this.isReading) this.socket.resume()
  }

  /** The client has sent all it will. That ends the session when it has dealt with all of it, that is, when it reads. */
  ended(): void {
    this.inputEnded = true
    if (this.isReading) this.abort(endOfInput)
  }

  /** The descriptor has been given up. */
  gone(): void {
    this.abort(closed)
    this.outbox.clear()
    this.closed?.()
  }

  /** The client is heard on this socket from now on. */
  private open(socket: Net.Socket): void {
    this.isMute = false
    if (socket !== this.socket) {
      Reflect.set(socket, owner, this)
      socket.on("error", onError).on("close", onClose)
      this.socket = socket
    }
    socket.on("end", onEnd)
    this.flush()
  }

  /** Who has sent much in this turn is read on in the next, after the others. */
  private share(bytes: number): void {
    const turn = this.turn.current
    this.readBytes = turn === this.readTurn ? this.readBytes + bytes : bytes
    this.readTurn = turn
    if (this.readBytes < READ_BYTES) return
    this.readBytes = 0
    this.socket.pause()
    setImmediate(goOn, this)
  }

  private onWritten(): void {
    if (!this.isWriting || this.socket.writableLength > 0) return
    this.released()
    this.flush()
  }

  private released(): void {
    this.isWriting = false
    this.outbox.release()
  }

  private settle(effect: Effect.Effect<never, Departure> | Effect.Effect<void>): void {
    const resume = this.resume
    this.isReading = false
    this.resume = undefined
    resume?.(effect)
  }
}
