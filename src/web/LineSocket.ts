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
 * Readable: messages as bytes, of which each ends with a line end. Writable: whole lines, in an object for each message; a write is done
 * when the kernel has taken it. Its end is the closing handshake, its close that of the stream below. A client that breaks the
 * protocol is an error whose code is `WS_` and the status of the close.
 */
export class LineStream extends Duplex {
  private readonly options: Options
  /** Messages of the packet that `ws` is reading: its lines are to be dealt with together. */
  private readonly messages: Array<Uint8Array> = []
  private status = NORMAL

  constructor(options: Options) {
    // A message that nobody reads pauses the socket at once.
    super({ writableObjectMode: true, readableHighWaterMark: 1, autoDestroy: false })
    this.options = options
    const { socket, wire } = options
    let broken: number | undefined
    socket.onEnded = (status) => {
      broken = status
      this.finishInput()
      // `ws` resumes the stream below on the next tick: its end must not come before what is unread here.
      process.nextTick(() => {
        if (this.isPaused()) socket.pause()
      })
    }
    socket.on("error", () => this.fail(broken ?? POLICY))
    socket.on("message", (data, isBinary) => {
      if (isBinary || !Buffer.isBuffer(data)) this.fail(UNSUPPORTED_DATA)
      else this.gather(data)
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
    socket.finish(this.status === NORMAL && isGoingAway() ? GOING_AWAY : this.status)
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

  private finishInput(): void {
    this.handOver()
    this.push(null)
  }

  private hear(): void {
    const { onResumed, socket } = this.options
    if (!socket.isPaused) return
    onResumed()
    socket.resume()
  }

  private fail(status: number): void {
    this.handOver()
    this.status = status
    this.emit("error", Object.assign(new Error("The client broke the protocol."), { code: `WS_${status}` }))
  }
}
