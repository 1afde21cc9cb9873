/** A WebSocket as a stream of lines. */
import { Duplex } from "node:stream"
import { WebSocket } from "ws"

const LF = 10
const lineEnd = Uint8Array.of(LF)

/** The status codes of a close. */
const NORMAL = 1000
const GOING_AWAY = 1001
const UNSUPPORTED_DATA = 1003
const POLICY = 1008

/**
 * A WebSocket that leaves the end of the connection to its stream. `ws` closes by itself when the client does, or when the
 * client breaks the protocol: by then the session has to know, and to have written its leaving line.
 */
export class LineSocket extends WebSocket {
  /** The client has sent a close frame, or has broken the protocol: then the status is given, and an error follows. */
  onEnded: (status: number | undefined) => void = () => {}

  override close(status?: number): void {
    this.onEnded(status)
  }

  /** The client sends more pings than it takes answers. */
  override terminate(): void {
    this.onEnded(POLICY)
    this.emit("error", new Error("too many pings"))
  }

  finish(status: number): void {
    super.close(status)
  }

  destroy(): void {
    super.terminate()
  }
}

export interface Options {
  readonly socket: LineSocket
  /** The stream below the WebSocket. */
  readonly wire: Duplex
  /** Whether the server shuts down. */
  readonly isGoingAway: () => boolean
  /** The client is heard again after a pause. */
  readonly onResumed: () => void
}

/**
 * Readable: messages as bytes, of which each ends with a line end. Writable: whole lines, in an object for each message; a
 * write is done when the kernel has taken it. Its end is the closing handshake, its close that of the stream below. A client
 * that breaks the protocol is an error whose code is `WS_` and the status of the close.
 */
export class LineStream extends Duplex {
  private readonly options: Options
  /** Messages of the packet that `ws` is reading: its lines are to be dealt with together. */
  private readonly messages: Array<Uint8Array> = []
  /** The status of the first breach of the protocol. */
  private breach: number | undefined
  private isInputOver = false

  constructor(options: Options) {
    // A message that nobody reads pauses the socket at once.
    super({ writableObjectMode: true, readableHighWaterMark: 1, autoDestroy: false })
    this.options = options
    const { socket, wire } = options
    let given: number | undefined
    socket.onEnded = (status) => {
      given = status
      this.finishInput()
      // `ws` resumes the stream below on the next tick: its end must not come before what is unread here.
      process.nextTick(() => {
        if (this.isPaused()) socket.pause()
      })
    }
    // A breach follows `onEnded` at once.
    socket.on("error", () => {
      this.breach ??= given ?? POLICY
    })
    socket.on("message", (data, isBinary) => {
      if (this.isInputOver) return
      if (!isBinary && Buffer.isBuffer(data)) return this.gather(data)
      this.finishInput()
      this.breach = UNSUPPORTED_DATA
    })
    // A breach is told behind what came before it.
    this.once("end", () => {
      if (this.breach === undefined) return
      this.emit("error", Object.assign(new Error("The client broke the protocol."), { code: `WS_${this.breach}` }))
    })
    wire.on("end", () => this.finishInput())
    wire.once("close", () => this.destroy())
    socket.pause()
  }

  override pause(): this {
    this.options.socket.pause()
    return super.pause()
  }

  override resume(): this {
    this.hear()
    return super.resume()
  }

  override _read(): void {
    this.hear()
  }

  override _write(lines: string, _: BufferEncoding, done: () => void): void {
    // An error is that of the stream below, which has told it.
    this.options.socket.send(lines, { binary: false, compress: false }, () => done())
  }

  override _final(done: () => void): void {
    const { isGoingAway, socket } = this.options
    socket.finish(this.breach ?? (isGoingAway() ? GOING_AWAY : NORMAL))
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { socket, wire } = this.options
    if (wire.closed) done(error)
    else {
      wire.once("close", () => done(error))
      socket.destroy()
    }
  }

  /** Takes a message; those of one packet are handed over behind its last one. */
  private gather(message: Uint8Array): void {
    if (this.messages.length === 0) process.nextTick(() => this.handOver())
    this.messages.push(message)
    if (message.at(-1) !== LF) this.messages.push(lineEnd)
  }

  private handOver(): void {
    if (this.messages.length > 0 && !this.push(Buffer.concat(this.messages.splice(0)))) this.options.socket.pause()
  }

  /** Nothing more is heard: the client has left, or has broken the protocol. */
  private finishInput(): void {
    if (this.isInputOver) return
    this.handOver()
    this.isInputOver = true
    this.push(null)
  }

  private hear(): void {
    const { onResumed, socket } = this.options
    if (!socket.isPaused) return
    onResumed()
    socket.resume()
  }
}
