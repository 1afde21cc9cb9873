import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Connection } from "../../src/connection/Connection.ts"
import { ConnectionFailed, closed, type DisconnectReason, slowConsumer } from "../../src/connection/DisconnectReason.ts"
import { Outbox, type Sink } from "../../src/connection/Outbox.ts"
import { Pull, type Source } from "../../src/connection/Pull.ts"
import type { Limits } from "../../src/Limits.ts"
import type { Peer } from "../../src/net/Peer.ts"
import { hearing } from "./hearing.ts"
import { Ear, type Person } from "./Person.ts"

/**
 * A Connection without a socket. Pull and Outbox are the real ones. The class replaces the socket and the kernel, which
 * keep chunks until they are read.
 */
export class MemoryConnection implements Connection, Source, Sink {
  readonly fd: number
  readonly peer: Peer
  readonly outbox: Outbox
  readonly proxyHeader = undefined
  readonly handshake = undefined
  readonly isSecure = false
  readonly startTls: Connection["startTls"]
  readonly ear = new Ear()
  private readonly pull = new Pull(this)
  /** Chunks that the client has sent and the server has not read. */
  private readonly unread: Array<Uint8Array> = []
  private isPaused = true
  private inputEnded = false
  private isStalled = false
  private room = Number.POSITIVE_INFINITY
  private isClosed = false
  private readonly onClosed: () => void
  private resumeClose: (() => void) | undefined

  constructor(
    fd: number,
    limits: Context.Tag.Service<Limits>,
    address: string,
    onClosed: () => void,
    isReading = true,
    startTls?: Connection["startTls"]
  ) {
    this.fd = fd
    this.peer = { address, port: 40_000 + fd }
    this.outbox = new Outbox(limits, this)
    this.onClosed = onClosed
    this.startTls = startTls
    this.isStalled = !isReading
    if (this.isStalled) this.room = 0
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
    return this.pull.isUntouched
  }

  get isDisconnected(): boolean {
    return this.pull.isOver
  }

  nudge(): void {
    this.pull.nudge()
  }

  /** A client in memory closes its end as soon as the server has. */
  close(): Effect.Effect<void> {
    return Effect.async((resume) => {
      if (this.isClosed) return resume(Effect.void)
      this.resumeClose = () => resume(Effect.void)
      this.disconnect(closed)
      this.flush()
    })
  }

  destroy(): void {
    this.flush()
    this.gone()
  }

  /** Closes the descriptor. */
  private gone(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.outbox.clear()
    this.ear.end()
    this.onClosed()
    this.disconnect(closed)
    this.resumeClose?.()
  }

  wake(): void {
    queueMicrotask(() => this.flush())
  }

  get cut(): () => void {
    return () => this.disconnect(slowConsumer)
  }

  resume(): void {
    this.isPaused = false
    this.deliver()
  }

  pause(): void {
    this.isPaused = true
  }

  /** The client's side of the connection. */
  readonly person: Person & {
    /** Stops reading. */
    readonly stalls: Effect.Effect<void>
    /** Reads everything again. */
    readonly resumes: Effect.Effect<void>
    /** Reads this many bytes while stalled. */
    readonly takes: (bytes: number) => Effect.Effect<void>
    /** Breaks the connection with this error code. */
    readonly breaks: (code: string) => Effect.Effect<void>
    /** All bytes that have arrived. */
    readonly received: () => Buffer
  } = (() => {
    const self = this
    const sends = (bytes: Uint8Array | string) =>
      Effect.sync(() => {
        this.unread.push(Buffer.from(bytes))
        this.deliver()
      })
    return {
      get fd() {
        return self.fd
      },
      sends,
      types: (line: string) => sends(`${line}\n`),
      ...hearing(this.ear),
      hangsUp: Effect.sync(() => {
        this.inputEnded = true
        this.deliver()
      }),
      stalls: Effect.sync(() => {
        this.isStalled = true
        this.room = 0
      }),
      resumes: Effect.sync(() => {
        this.isStalled = false
        this.flush()
      }),
      takes: (bytes: number) =>
        Effect.sync(() => {
          this.room += bytes
          this.flush()
        }),
      breaks: (code: string) =>
        Effect.sync(() => {
          this.disconnect(new ConnectionFailed({ code }))
          this.destroy()
        }),
      received: () => this.ear.bytes
    }
  })()

  /** Passes unread chunks to the server until it pauses. */
  private deliver(): void {
    while (!this.isPaused) {
      const chunk = this.unread.shift()
      if (chunk === undefined) {
        if (this.inputEnded) this.pull.end()
        return
      }
      this.pull.push(chunk)
    }
  }

  private flush(): void {
    if (this.isClosed) return
    while (!this.isStalled || this.room > 0) {
      const segment = this.outbox.take(this.isStalled ? this.room : 65536)
      if (segment === undefined) {
        // An in-memory client closes its end as soon as the server has closed its own.
        if (this.outbox.isClosed) this.gone()
        return
      }
      const bytes = Buffer.from(segment.text, segment.latin1 ? "latin1" : "utf8")
      this.room -= bytes.length
      this.ear.receive(bytes)
      this.outbox.release()
    }
  }
}
