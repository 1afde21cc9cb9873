import * as Effect from "effect/Effect"
import {
  type Connection,
  ConnectionFailed,
  type Departure,
  endOfInput,
  type Receiver,
  slowConsumer
} from "../../src/connection/Connection.ts"
import { Outbox, type Sink } from "../../src/connection/Outbox.ts"
import type { Limits } from "../../src/Limits.ts"
import type { Peer } from "../../src/net/Peer.ts"
import { hearing } from "./hearing.ts"
import { Ear, type Person } from "./Person.ts"

type Resume = (effect: Effect.Effect<never, Departure> | Effect.Effect<void>) => void

/** A Connection without a socket: chunks are handed over as they are sent, unless the session does not read. */
export class MemoryConnection implements Connection, Sink {
  readonly fd: number
  readonly peer: Peer
  readonly outbox: Outbox
  readonly introduction = undefined
  readonly handshake = undefined
  readonly ear = new Ear()
  /** Sent by the client, not yet taken by the session. */
  private readonly unread: Array<Uint8Array> = []
  private inputEnded = false
  private isStalled = false
  private room = Number.POSITIVE_INFINITY
  private departed: Departure | undefined
  private receiver: Receiver | undefined
  private isReading = false
  private resume: Resume | undefined
  private isEnding = false
  private isClosed = false
  private onClosed: () => void
  private closed: (() => void) | undefined

  constructor(fd: number, limits: Limits["Type"], address: string, onClosed: () => void) {
    this.fd = fd
    this.peer = { address, port: 40_000 + fd }
    this.outbox = new Outbox(limits, this)
    this.onClosed = onClosed
  }

  attach(receiver: Receiver): void {
    this.receiver = receiver
  }

  get read(): Effect.Effect<void, Departure> {
    return Effect.async((resume) => {
      if (this.departed !== undefined) return resume(this.departed)
      this.resume = resume
      this.isReading = true
      this.deliver()
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
      if (this.isClosed) return resume(Effect.void)
      this.closed = () => resume(Effect.void)
      this.isEnding = true
      this.flush()
    })
  }

  destroy(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.flush()
    this.outbox.clear()
    this.ear.end()
    this.onClosed()
    this.closed?.()
  }

  wake(): void {
    queueMicrotask(() => this.flush())
  }

  cut(): void {
    this.abort(slowConsumer)
  }

  /** The client's end of it. */
  readonly person: Person & {
    /** Takes nothing more of what is sent to it. */
    readonly stalls: Effect.Effect<void>
    /** Takes everything again. */
    readonly resumes: Effect.Effect<void>
    /** While stalled, takes so many more bytes. */
    readonly takes: (bytes: number) => Effect.Effect<void>
    /** The connection breaks. */
    readonly breaks: (code: string) => Effect.Effect<void>
    /** Every byte that arrived. */
    readonly received: () => Buffer
  } = (() => {
    const self = this
    const sends = (bytes: Uint8Array | string) => Effect.sync(() => this.input(Buffer.from(bytes)))
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
          this.abort(new ConnectionFailed({ code }))
          this.destroy()
        }),
      received: () => this.ear.bytes
    }
  })()

  private input(bytes: Uint8Array): void {
    this.unread.push(bytes)
    this.deliver()
  }

  private deliver(): void {
    while (this.isReading && this.departed === undefined) {
      const chunk = this.unread.shift()
      if (chunk === undefined) {
        if (this.inputEnded) this.abort(endOfInput)
        return
      }
      if (this.receiver?.receive(chunk) === false) this.settle(Effect.void)
    }
    if (this.isEnding && this.inputEnded) this.flush()
  }

  private flush(): void {
    while (!this.isStalled || this.room > 0) {
      const run = this.outbox.take(this.isStalled ? this.room : 65536)
      if (run === undefined) {
        // A client in memory closes its end as soon as the server has.
        if (this.isEnding) this.destroy()
        return
      }
      const bytes = Buffer.from(run.text, run.narrow ? "latin1" : "utf8")
      this.room -= bytes.length
      this.ear.receive(bytes)
      this.outbox.release()
    }
  }

  private settle(effect: Effect.Effect<never, Departure> | Effect.Effect<void>): void {
    const resume = this.resume
    this.isReading = false
    this.resume = undefined
    resume?.(effect)
  }
}
