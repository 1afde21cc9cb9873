/** The screen on a terminal. It stays on the normal screen, where only the input row is ours. */
import { writeSync } from "node:fs"
import { emitKeypressEvents } from "node:readline"
import type { ReadStream, WriteStream } from "node:tty"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Ref from "effect/Ref"
import * as Runtime from "effect/Runtime"
import * as Stream from "effect/Stream"
import { type Block, type Look, rows } from "./Block.ts"
import { widthBound } from "./Graphemes.ts"
import { inputs } from "./Inputs.ts"
import type { Keypress } from "./Keys.ts"
import { listen } from "./NodeEvents.ts"
import * as Paint from "./Paint.ts"
import { Closed, Resized, Screen, type ScreenEvent } from "./Screen.ts"

/** Columns of a terminal that does not know its size. */
const COLUMNS = 80

/** Exit codes, as shells report a program that SIGHUP or SIGQUIT has ended. */
const HUNG_UP = 129
const QUIT = 131

const BELL = "\u0007"

export interface Device {
  readonly input: ReadStream
  readonly output: WriteStream & { readonly fd: number }
  readonly isColoured: boolean
  readonly clock: Look["clock"]
}

/** The input row on the screen, and the text that waits for the next drawing. */
interface Drawn {
  /** Text to print above the input row. */
  readonly above: string
  /** The row as it was drawn; undefined if it has to be drawn again. */
  readonly row: Paint.Row | undefined
}

const nothingDrawn: Drawn = { above: "", row: undefined }

const make = ({ clock, input, isColoured, output }: Device) =>
  Effect.gen(function* () {
    const keys = yield* Queue.unbounded<Keypress>()
    const others = yield* Queue.unbounded<ScreenEvent>()
    const drawn = yield* Ref.make(nothingDrawn)
    const columns = () => output.columns || COLUMNS

    /** Waits until the terminal has taken the text. A failed write is an `error` event as well. */
    const write = (text: string) => Effect.async<void>((resume) => void output.write(text, () => resume(Effect.void)))

    const acquire = Effect.sync(() => {
      // libuv remembers the mode that it set, and does nothing if asked for it again. A shell may have changed it since.
      input.setRawMode(false)
      input.setRawMode(true)
    }).pipe(Effect.zipRight(write(Paint.begin)))

    const erased = Effect.map(Ref.getAndSet(drawn, nothingDrawn), ({ above, row }) => {
      const erase = Paint.erase(widthBound(row?.beforeCursor ?? ""), columns())
      return erase + above
    })

    const release = erased.pipe(
      Effect.flatMap((text) => write(text + Paint.end)),
      Effect.zipRight(Effect.sync(() => input.setRawMode(false)))
    )

    const resume = Effect.gen(function* () {
      // Text that was printed and is not drawn yet stays.
      yield* Ref.update(drawn, ({ above }): Drawn => ({ above, row: undefined }))
      yield* acquire
      // Node learns the size from this signal, which the kernel does not send to a job in the background.
      yield* Effect.sync(() => process.kill(process.pid, "SIGWINCH"))
      yield* Queue.offer(others, Resized({ columns: columns() }))
    })

    // Whatever ends the program, even a fault of its own, leaves the terminal as it was. Node restores its mode.
    yield* listen(process, "exit", () => {
      try {
        writeSync(output.fd, Paint.end)
      } catch {
        // The terminal is gone.
      }
    })
    const hungUp = () => Queue.unsafeOffer(others, Closed({ exitCode: HUNG_UP }))
    yield* listen(output, "error", hungUp)
    yield* Effect.acquireRelease(acquire, () => release)

    emitKeypressEvents(input)
    yield* listen(input, "keypress", (_text: string | undefined, key: Keypress) => Queue.unsafeOffer(keys, key))
    yield* listen(input, "end", hungUp)
    yield* listen(input, "error", hungUp)
    yield* listen(output, "resize", () => Queue.unsafeOffer(others, Resized({ columns: columns() })))
    // Without a listener, the signal would end the program with the terminal as it is.
    yield* listen(process, "SIGQUIT", () => Queue.unsafeOffer(others, Closed({ exitCode: QUIT })))
    const runtime = yield* Effect.runtime<never>()
    yield* listen(process, "SIGCONT", () => void Runtime.runFork(runtime)(resume))
    yield* Effect.acquireRelease(
      Effect.sync(() => input.resume()),
      () => Effect.sync(() => input.pause())
    )

    const print = (block: Block) =>
      Ref.update(drawn, ({ above, row }) => ({
        above: above + Paint.above(rows(block, { clock, columns: columns(), isColoured })),
        row
      }))

    const draw = (row: Paint.Row) =>
      Effect.flatMap(Ref.get(drawn), (last) => {
        const isSame =
          last.row !== undefined &&
          last.row.beforeCursor === row.beforeCursor &&
          last.row.afterCursor === row.afterCursor
        if (isSame && last.above === "") return Effect.void
        const erase = Paint.erase(widthBound(last.row?.beforeCursor ?? ""), columns())
        return Effect.zipRight(Ref.set(drawn, { above: "", row }), write(erase + last.above + Paint.draw(row)))
      })

    return Screen.of({
      columns: columns(),
      isInteractive: true,
      events: Stream.merge(inputs(keys), Stream.fromQueue(others)),
      print,
      ring: Ref.update(drawn, ({ above, row }) => ({ above: above.startsWith(BELL) ? above : BELL + above, row })),
      draw,
      takeLines: () => Effect.void,
      suspend: Effect.gen(function* () {
        yield* release
        // The whole group stops, as with Ctrl-Z: a program that started this one waits for it otherwise.
        yield* Effect.sync(() => process.kill(0, "SIGTSTP"))
        // Without a shell to continue it, the kernel does not stop the program, and no signal says that it goes on.
        yield* resume
      })
    })
  })

export const layer = (device: Device): Layer.Layer<Screen> => Layer.scoped(Screen, make(device))
